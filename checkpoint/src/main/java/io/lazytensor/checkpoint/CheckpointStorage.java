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
  private final Optional<Window> window;

  CheckpointStorage(
      Optional<TorchDType> dtype,
      long byteSize,
      String location,
      boolean unswapped,
      Supplier<MemorySegment> data) {
    this(dtype, byteSize, location, unswapped, data, Optional.empty());
  }

  private CheckpointStorage(
      Optional<TorchDType> dtype,
      long byteSize,
      String location,
      boolean unswapped,
      Supplier<MemorySegment> data,
      Optional<Window> window) {
    this.window = window;
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

  /**
   * Returns a part of this storage as one of its own, as files before zip have them. Tensors of it
   * are read as tensors of the whole, so that they share memory with its other ones.
   *
   * @throws CheckpointException if it reaches outside
   */
  CheckpointStorage window(long firstElement, long elements) {
    long width = dtype.map(TorchDType::byteSize).orElse(1);
    long most = byteSize / width;
    if (firstElement < 0 || elements < 0 || firstElement > most || elements > most - firstElement) {
      throw new CheckpointException(
          "a view of %d elements from %d on reaches outside of a storage of %d"
              .formatted(elements, firstElement, most));
    }
    long bytes = elements * width;
    return new CheckpointStorage(
        dtype,
        bytes,
        location,
        unswapped,
        () -> data().asSlice(firstElement * width, bytes),
        Optional.of(new Window(this, firstElement)));
  }

  /**
   * Where a part of a storage lies.
   *
   * @param whole the storage it is a part of
   * @param start its first element
   */
  record Window(CheckpointStorage whole, long start) {}

  /** Returns what this is a part of, if it is. */
  Optional<Window> window() {
    return window;
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
