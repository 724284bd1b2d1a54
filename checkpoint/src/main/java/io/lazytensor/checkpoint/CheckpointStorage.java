package io.lazytensor.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The memory behind tensors: several tensors may view one storage. Its bytes are read when they are
 * asked for; those of a loaded file are mapped.
 */
public final class CheckpointStorage implements CheckpointValue {
  private final Optional<TorchDType> dtype;
  private final long byteSize;
  private final String location;
  private final boolean unswapped;
  private final Supplier<MemorySegment> data;

  CheckpointStorage(
      Optional<TorchDType> dtype,
      long byteSize,
      String location,
      boolean unswapped,
      Supplier<MemorySegment> data) {
    this.dtype = dtype;
    this.unswapped = unswapped;
    this.byteSize = byteSize;
    this.location = location;
    this.data = data;
  }

  /** Returns a storage for tensors of one type over memory that is at hand. */
  public static CheckpointStorage of(TorchDType dtype, MemorySegment data) {
    return of(dtype, data.byteSize(), () -> data);
  }

  /**
   * Returns a storage for tensors of one type whose bytes are fetched when they are written.
   *
   * @param byteSize what the supplier's segments have
   */
  public static CheckpointStorage of(
      TorchDType dtype, long byteSize, Supplier<MemorySegment> data) {
    Optional<TorchDType> typed = dtype.storageClass().map(name -> dtype);
    return new CheckpointStorage(typed, byteSize, "cpu", false, data);
  }

  /** Returns the element type; empty for PyTorch's untyped storages. */
  public Optional<TorchDType> dtype() {
    return dtype;
  }

  /** Returns the size in bytes. */
  public long byteSize() {
    return byteSize;
  }

  /** Returns the device the file names, such as {@code cuda:0}; of no meaning here. */
  public String location() {
    return location;
  }

  /** Returns whether these are big-endian bytes of a type that is not known. */
  boolean isUnswapped() {
    return unswapped;
  }

  /**
   * Returns the bytes, little-endian.
   *
   * @throws CheckpointException if they are not as many as promised
   */
  public MemorySegment data() {
    MemorySegment bytes = data.get();
    if (bytes.byteSize() != byteSize) {
      throw new CheckpointException(
          "a storage of %d bytes got %d".formatted(byteSize, bytes.byteSize()));
    }
    return bytes;
  }

  @Override
  public String toString() {
    return "storage of " + byteSize + " bytes";
  }
}
