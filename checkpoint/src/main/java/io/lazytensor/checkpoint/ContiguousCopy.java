package io.lazytensor.checkpoint;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Lays a view's elements side by side. */
final class ContiguousCopy {
  /** A few bytes of file can repeat one element for ever; real expanded tensors are small. */
  private static final long MAX_EXPANDED = 256L << 20;

  private final MemorySegment source;
  private final MemorySegment target;
  private final long[] shape;
  private final long[] strides;
  private final int width;
  private long written;

  private ContiguousCopy(CheckpointTensor tensor, MemorySegment target) {
    this.source = tensor.storage().data();
    this.target = target;
    this.shape = tensor.sizes();
    this.strides = tensor.steps();
    this.width = tensor.dtype().byteSize();
  }

  static MemorySegment of(CheckpointTensor tensor) {
    long start = tensor.offset() * tensor.dtype().byteSize();
    long bytes = tensor.byteSize();
    if (bytes == 0) {
      return MemorySegment.ofArray(new byte[0]);
    }
    boolean asStored = tensor.sign() == CheckpointTensor.Sign.AS_STORED;
    if (tensor.isContiguous() && asStored) {
      return tensor.storage().data().asSlice(start, bytes);
    }
    if (bytes > MAX_EXPANDED && bytes > tensor.storage().byteSize()) {
      throw new CheckpointException(
          "%s repeats the %d bytes of its storage %d times; a copy of at most %d MiB is made"
              .formatted(
                  tensor,
                  tensor.storage().byteSize(),
                  bytes / Math.max(1, tensor.storage().byteSize()),
                  MAX_EXPANDED >> 20));
    }
    MemorySegment target = Arena.ofAuto().allocate(bytes, Long.BYTES);
    new ContiguousCopy(tensor, target).copy(0, start);
    if (!asStored) {
      flipSigns(tensor, target);
    }
    return target;
  }

  private void copy(int dimension, long at) {
    if (dimension == shape.length) {
      MemorySegment.copy(source, at, target, written, width);
      written += width;
      return;
    }
    if (dimension == shape.length - 1 && strides[dimension] == 1) {
      long bytes = shape[dimension] * width;
      MemorySegment.copy(source, at, target, written, bytes);
      written += bytes;
      return;
    }
    long step = strides[dimension] * width;
    for (long i = 0; i < shape[dimension]; i++) {
      copy(dimension + 1, at + i * step);
    }
  }

  /** A conjugate has the other sign in its imaginary parts, a negative in all its numbers. */
  private static void flipSigns(CheckpointTensor tensor, MemorySegment bytes) {
    int part = tensor.dtype().swapUnit();
    int parts = tensor.dtype().byteSize() / part;
    for (long number = 0; number < bytes.byteSize() / part; number++) {
      boolean imaginary = parts == 2 && number % 2 == 1;
      boolean flip =
          switch (tensor.sign()) {
            case AS_STORED -> false;
            case CONJUGATE -> imaginary;
            case NEGATIVE -> true;
            case NEGATIVE_CONJUGATE -> !imaginary && parts == 2 || parts == 1;
          };
      if (flip) {
        long high = number * part + part - 1;
        byte old = bytes.get(ValueLayout.JAVA_BYTE, high);
        bytes.set(ValueLayout.JAVA_BYTE, high, (byte) (old ^ 0x80));
      }
    }
  }
}
