package io.lazytensor.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** A tensor: a view of a {@link CheckpointStorage}. Tensors are equal if they are one object. */
public final class CheckpointTensor implements CheckpointValue {
  static final int MAX_RANK = 64;

  /** How a lazy view changes what lies in memory. */
  enum Sign {
    /** As it lies there. */
    AS_STORED,
    /** The complex conjugate of it. */
    CONJUGATE,
    /** The negative of it. */
    NEGATIVE,
    /** The negative of the conjugate. */
    NEGATIVE_CONJUGATE
  }

  private final CheckpointStorage storage;
  private final TorchDType dtype;
  private final long offset;
  private final long[] shape;
  private final long[] strides;
  private final boolean requiresGrad;
  private final boolean parameter;
  private final Sign sign;
  private final Optional<CheckpointValue> quantizer;

  private CheckpointTensor(Builder from) {
    this.storage = from.storage;
    this.dtype = from.dtype;
    this.offset = from.offset;
    this.shape = from.shape;
    this.strides = from.strides;
    this.requiresGrad = from.requiresGrad;
    this.parameter = from.parameter;
    this.sign = from.sign;
    this.quantizer = from.quantizer;
    check();
  }

  /** Everything a tensor may have. */
  static final class Builder {
    private final CheckpointStorage storage;
    private final TorchDType dtype;
    private final long offset;
    private final long[] shape;
    private final long[] strides;
    private boolean requiresGrad;
    private boolean parameter;
    private Sign sign = Sign.AS_STORED;
    private Optional<CheckpointValue> quantizer = Optional.empty();

    Builder(
        CheckpointStorage storage, TorchDType dtype, long offset, long[] shape, long[] strides) {
      this.storage = storage;
      this.dtype = dtype;
      this.offset = offset;
      this.shape = shape;
      this.strides = strides;
    }

    Builder requiresGrad(boolean value) {
      requiresGrad = value;
      return this;
    }

    Builder sign(Sign value) {
      sign = value;
      return this;
    }

    Builder quantizer(CheckpointValue value) {
      quantizer = Optional.of(value);
      return this;
    }

    CheckpointTensor build() {
      return new CheckpointTensor(this);
    }
  }

  /**
   * Creates a contiguous tensor over the whole of a storage or its beginning.
   *
   * @throws CheckpointException if the storage is too small
   */
  public static CheckpointTensor of(TorchDType dtype, CheckpointStorage storage, long... shape) {
    return view(dtype, storage, 0, shape.clone(), contiguousStrides(shape));
  }

  /**
   * Creates a view of a storage.
   *
   * @param offset where it starts, in elements
   * @param strides in elements
   * @throws CheckpointException if it reaches outside of the storage
   */
  public static CheckpointTensor view(
      TorchDType dtype, CheckpointStorage storage, long offset, long[] shape, long[] strides) {
    return new Builder(storage, dtype, offset, shape.clone(), strides.clone()).build();
  }

  /** Returns the same tensor as a {@code torch.nn.Parameter}. */
  public CheckpointTensor asParameter(boolean withGradient) {
    Builder builder =
        new Builder(storage, dtype, offset, shape, strides).requiresGrad(withGradient).sign(sign);
    builder.parameter = true;
    builder.quantizer = quantizer;
    return builder.build();
  }

  /** Returns the same tensor as no {@code torch.nn.Parameter}. */
  CheckpointTensor asPlainTensor() {
    Builder builder =
        new Builder(storage, dtype, offset, shape, strides).requiresGrad(requiresGrad).sign(sign);
    builder.quantizer = quantizer;
    return builder.build();
  }

  /** Returns row-major strides; sizes of 0 count as 1, as PyTorch does. */
  static long[] contiguousStrides(long[] shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= Math.max(1, shape[i]);
    }
    return strides;
  }

  private void check() {
    if (shape.length != strides.length) {
      throw refused("has %d sizes and %d strides".formatted(shape.length, strides.length));
    }
    if (shape.length > MAX_RANK) {
      throw refused("has %d dimensions; at most %d".formatted(shape.length, MAX_RANK));
    }
    if (storage.dtype().isPresent() && storage.dtype().get() != dtype) {
      throw refused("views a storage of " + storage.dtype().get());
    }
    if (offset < 0) {
      throw refused("starts at element " + offset + " of its storage");
    }
    try {
      long last = offset;
      long count = 1;
      for (int i = 0; i < shape.length; i++) {
        if (shape[i] < 0 || strides[i] < 0) {
          throw refused("has size %d with stride %d".formatted(shape[i], strides[i]));
        }
        count = Math.multiplyExact(count, shape[i]);
      }
      Math.multiplyExact(count, (long) dtype.byteSize());
      for (int i = 0; i < shape.length && count > 0; i++) {
        last = Math.addExact(last, Math.multiplyExact(shape[i] - 1, strides[i]));
      }
      long end = Math.multiplyExact(Math.addExact(last, count > 0 ? 1 : 0), dtype.byteSize());
      if (count > 0 && end > storage.byteSize()) {
        throw refused("takes %d bytes of a storage that has %d".formatted(end, storage.byteSize()));
      }
    } catch (ArithmeticException e) {
      throw new CheckpointException(
          "a tensor %s has more bytes than 64 bits can count".formatted(describe()), e);
    }
  }

  private CheckpointException refused(String what) {
    return new CheckpointException("a tensor " + describe() + " " + what);
  }

  private String describe() {
    return dtype + abridged(shape);
  }

  private static String abridged(long[] sizes) {
    return sizes.length <= 8
        ? Arrays.toString(sizes)
        : "[" + sizes[0] + ", … " + sizes.length + " sizes]";
  }

  /** Returns the element type. */
  public TorchDType dtype() {
    return dtype;
  }

  /** Returns the dimension sizes. */
  public List<Long> shape() {
    return boxed(shape);
  }

  /** Returns the distance between neighbours in each dimension, in elements. */
  public List<Long> strides() {
    return boxed(strides);
  }

  private static List<Long> boxed(long[] values) {
    List<Long> out = new ArrayList<>(values.length);
    for (long value : values) {
      out.add(value);
    }
    return Collections.unmodifiableList(out);
  }

  /** Returns where the tensor starts in its storage, in elements. */
  public long offset() {
    return offset;
  }

  /** Returns the memory it is a view of. */
  public CheckpointStorage storage() {
    return storage;
  }

  /** Returns whether PyTorch computes a gradient for it. */
  public boolean requiresGrad() {
    return requiresGrad;
  }

  /** Returns whether it was saved as a {@code torch.nn.Parameter}. */
  public boolean isParameter() {
    return parameter;
  }

  /** Returns scheme, scale and zero point of a quantized tensor. */
  public Optional<CheckpointValue> quantizer() {
    return quantizer;
  }

  Sign sign() {
    return sign;
  }

  long[] sizes() {
    return shape;
  }

  long[] steps() {
    return strides;
  }

  /** Returns the number of elements. */
  public long elementCount() {
    long count = 1;
    for (long size : shape) {
      count *= size;
    }
    return count;
  }

  /** Returns the bytes its elements take side by side. */
  public long byteSize() {
    return elementCount() * dtype.byteSize();
  }

  /** Returns whether the elements lie side by side in row-major order. */
  public boolean isContiguous() {
    long expected = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] != 1 && strides[i] != expected) {
        return elementCount() == 0;
      }
      expected *= shape[i];
    }
    return true;
  }

  /**
   * Returns the elements side by side in row-major order, little-endian: the mapped bytes where
   * they lie so, a copy otherwise.
   *
   * @throws CheckpointException if a view that repeats elements would fill more than 256 MiB
   */
  public MemorySegment contiguous() {
    return ContiguousCopy.of(this);
  }

  @Override
  public String toString() {
    return "tensor " + describe();
  }
}
