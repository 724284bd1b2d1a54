package io.lazytensor.xla.ir;

/**
 * Element type and dimension sizes of a dense array.
 *
 * @param dtype the element type
 * @param dims the dimension sizes, major to minor; empty for a scalar
 */
public record ArrayShape(DType dtype, Dims dims) implements Shape {
  /** Checks that no dimension is negative and that the bytes can be counted. */
  public ArrayShape {
    long bytes = dtype.byteSize();
    for (int i = 0; i < dims.size(); i++) {
      if (dims.get(i) < 0) {
        throw new ShapeException(
            "dimension " + i + " of " + dtype + "[" + dims + "] is negative; sizes start at 0");
      }
      int size = Math.max(dims.get(i), 1);
      if (bytes > Long.MAX_VALUE / size) {
        throw new ShapeException(
            dtype + "[" + dims + "] has more bytes than 64 bits can count; make it smaller");
      }
      bytes *= size;
    }
  }

  /** Returns the shape with these dimension sizes. */
  public static ArrayShape of(DType dtype, int... dims) {
    return new ArrayShape(dtype, Dims.of(dims));
  }

  /** Returns the shape of a scalar. */
  public static ArrayShape scalar(DType dtype) {
    return new ArrayShape(dtype, Dims.of());
  }

  /** Returns the number of dimensions. */
  public int rank() {
    return dims.size();
  }

  /** Returns the size of one dimension. */
  public int dim(int index) {
    return dims.get(index);
  }

  /** Returns whether this has no dimensions. */
  public boolean isScalar() {
    return dims.isEmpty();
  }

  /** Returns the number of elements. */
  public long elementCount() {
    return dims.product();
  }

  @Override
  public long byteSize() {
    return elementCount() * dtype.byteSize();
  }

  /** Returns the same dimensions with another element type. */
  public ArrayShape withDType(DType other) {
    return other == dtype ? this : new ArrayShape(other, dims);
  }

  /** Returns other dimensions with the same element type. */
  public ArrayShape withDims(Dims other) {
    return new ArrayShape(dtype, other);
  }

  /** Returns the row-major strides, in elements. */
  public long[] strides() {
    long[] strides = new long[rank()];
    long stride = 1;
    for (int i = rank() - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dim(i);
    }
    return strides;
  }

  @Override
  public String toString() {
    return dtype + "[" + dims + "]";
  }
}
