package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.Literal;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A strided view of a place. Broadcasts, transposes, slices and most reshapes are views and cost
 * nothing.
 */
final class Value implements Result {
  private final Place place;
  private final DType dtype;
  private final long offset;
  private final long[] sizes;
  private final long[] strides;
  private final @Nullable Literal splat;

  private Value(
      Place place,
      DType dtype,
      long offset,
      long[] sizes,
      long[] strides,
      @Nullable Literal splat) {
    this.place = place;
    this.dtype = dtype;
    this.offset = offset;
    this.sizes = sizes;
    this.strides = strides;
    this.splat = splat;
  }

  /** Returns the dense view of a whole place. */
  static Value dense(Place place, ArrayShape shape) {
    return new Value(place, shape.dtype(), 0, shape.dims().toLongArray(), shape.strides(), null);
  }

  /** Returns memory for a step's own use. */
  static Value scratch(long bytes) {
    return new Value(Place.temporary(bytes), DType.U8, 0, new long[] {bytes}, new long[] {1}, null);
  }

  /** Returns a constant. */
  static Value constant(Literal literal) {
    ArrayShape shape = literal.shape();
    return new Value(
        Place.constant(literal),
        shape.dtype(),
        0,
        shape.dims().toLongArray(),
        shape.strides(),
        shape.isScalar() ? literal : null);
  }

  Place place() {
    return place;
  }

  DType dtype() {
    return dtype;
  }

  /** Returns the first element, in elements. */
  long offset() {
    return offset;
  }

  long[] sizes() {
    return sizes;
  }

  long[] strides() {
    return strides;
  }

  int rank() {
    return sizes.length;
  }

  ArrayShape shape() {
    int[] dims = new int[sizes.length];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = Math.toIntExact(sizes[i]);
    }
    return ArrayShape.of(dtype, dims);
  }

  long elementCount() {
    long count = 1;
    for (long size : sizes) {
      count *= size;
    }
    return count;
  }

  /** Returns the scalar literal every element equals, if it is known. */
  Optional<Literal> splat() {
    return Optional.ofNullable(splat);
  }

  /** Returns whether every element is the same one in memory. */
  boolean isRepeated() {
    for (int i = 0; i < sizes.length; i++) {
      if (strides[i] != 0 && sizes[i] != 1) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether elements follow each other in row-major order. */
  boolean isDense() {
    long expected = 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      if (sizes[i] == 0) {
        return true;
      }
      if (sizes[i] != 1 && strides[i] != expected) {
        return false;
      }
      expected *= sizes[i];
    }
    return true;
  }

  /** Returns whether this is dense and all of its place. */
  boolean isWhole() {
    return offset == 0 && isDense() && elementCount() * dtype.byteSize() == place.bytes;
  }

  /** Returns whether another value sees the same elements in the same order. */
  boolean sameView(Value other) {
    return place == other.place
        && dtype == other.dtype
        && offset == other.offset
        && Arrays.equals(sizes, other.sizes)
        && Arrays.equals(strides, other.strides);
  }

  Value transpose(Dims permutation) {
    long[] newSizes = new long[sizes.length];
    long[] newStrides = new long[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      newSizes[i] = sizes[permutation.get(i)];
      newStrides[i] = strides[permutation.get(i)];
    }
    return new Value(place, dtype, offset, newSizes, newStrides, splat);
  }

  Value broadcast(Dims resultDims, Dims dimensions) {
    long[] newStrides = new long[resultDims.size()];
    for (int i = 0; i < dimensions.size(); i++) {
      int d = dimensions.get(i);
      newStrides[d] = sizes[i] == resultDims.get(d) ? strides[i] : 0;
    }
    return new Value(place, dtype, offset, resultDims.toLongArray(), newStrides, splat);
  }

  Value slice(Dims start, Dims limit, Dims stride) {
    long[] newSizes = new long[sizes.length];
    long[] newStrides = new long[sizes.length];
    long first = offset;
    for (int i = 0; i < sizes.length; i++) {
      newSizes[i] = Math.ceilDiv(limit.get(i) - start.get(i), stride.get(i));
      newStrides[i] = strides[i] * stride.get(i);
      first += start.get(i) * strides[i];
    }
    return new Value(place, dtype, first, newSizes, newStrides, splat);
  }

  /** Returns a view with these sizes and strides from an element on. */
  Value view(long extraOffset, long[] newSizes, long[] newStrides) {
    return new Value(place, dtype, offset + extraOffset, newSizes, newStrides, splat);
  }

  /** Returns the same bits as another type of the same width. */
  Value as(DType other) {
    Literal bits =
        splat == null || other.byteSize() != dtype.byteSize()
            ? null
            : Literal.scalarBits(other, splat.bits(0));
    return new Value(place, other, offset, sizes, strides, bits);
  }

  /** Returns the same bits of a dense value as a type of another width. */
  Value asOtherWidth(ArrayShape shape) {
    return new Value(
        place,
        shape.dtype(),
        offset * dtype.byteSize() / shape.dtype().byteSize(),
        shape.dims().toLongArray(),
        shape.strides(),
        null);
  }

  /** Returns a view with other dimensions, or empty if elements would have to move. */
  Optional<Value> reshape(long[] newSizes) {
    long[] newStrides = new long[newSizes.length];
    if (elementCount() == 0) {
      return Optional.of(new Value(place, dtype, offset, newSizes, newStrides, splat));
    }
    int i = sizes.length - 1;
    int j = newSizes.length - 1;
    while (i >= 0 || j >= 0) {
      long old = i >= 0 ? sizes[i] : 1;
      long now = j >= 0 ? newSizes[j] : 1;
      int oldLast = i--;
      int newLast = j--;
      while (old != now) {
        if (old < now) {
          old *= sizes[i--];
        } else {
          now *= newSizes[j--];
        }
      }
      if (!fillGroup(i + 1, oldLast, j + 1, newLast, newSizes, newStrides)) {
        return Optional.empty();
      }
    }
    return Optional.of(new Value(place, dtype, offset, newSizes, newStrides, splat));
  }

  /** Gives the new dimensions of one group strides, if the old ones step evenly. */
  private boolean fillGroup(
      int oldFirst, int oldLast, int newFirst, int newLast, long[] newSizes, long[] newStrides) {
    long base = 0;
    long span = 1;
    for (int d = oldLast; d >= oldFirst && d >= 0; d--) {
      if (sizes[d] == 1) {
        continue;
      }
      if (span == 1) {
        base = strides[d];
      } else if (strides[d] != base * span) {
        return false;
      }
      span *= sizes[d];
    }
    long stride = base;
    for (int d = newLast; d >= newFirst && d >= 0; d--) {
      newStrides[d] = stride;
      stride *= newSizes[d];
    }
    return true;
  }

  @Override
  public String toString() {
    return dtype
        + Arrays.toString(sizes)
        + (isDense() ? "" : " strides " + Arrays.toString(strides));
  }
}
