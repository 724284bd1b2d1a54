package io.lazytensor.cpu.reference.internal.kernel;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.DataPtr;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.StorageImpl;
import org.bytedeco.pytorch.Tensor;

/**
 * Memory that tensors and loops look at. An argument's or result's region moves to another buffer
 * by {@link #moveTo}, which costs nanoseconds and allocates nothing.
 */
public final class Region {
  private MemorySegment segment;
  private final List<View> views = new ArrayList<>();
  private final RawPointer scratch = new RawPointer();

  private record View(DataPtr data, long byteOffset) {}

  /** A pointer whose address can be set. */
  static final class RawPointer extends Pointer {
    RawPointer() {}

    RawPointer at(long newAddress) {
      address = newAddress;
      return this;
    }
  }

  /** Creates a region. */
  public Region(MemorySegment segment) {
    this.segment = segment;
  }

  /** Returns the memory at this moment. */
  public MemorySegment segment() {
    return segment;
  }

  /** Returns a pointer to a byte of the region, valid until the next call. */
  public Pointer pointer(long byteOffset) {
    return scratch.at(segment.address() + byteOffset);
  }

  /** Makes a tensor follow this region. */
  public void follow(Tensor tensor, long byteOffset) {
    StorageImpl storage = tensor.unsafeGetTensorImpl().unsafe_storage().unsafeGetStorageImpl();
    try (Device device = new Device("cpu");
        DataPtr borrowed = new DataPtr(pointer(byteOffset), device)) {
      // Replaces from_blob's pointer, which has a deleter and therefore refuses to be reset.
      storage.set_data_ptr_noswap(borrowed);
    }
    views.add(new View(storage.mutable_data_ptr(), byteOffset));
  }

  /** Moves everything that follows this region to other memory. */
  public void moveTo(MemorySegment target) {
    if (target.address() == segment.address()) {
      return;
    }
    segment = target;
    for (View view : views) {
      if (!view.data().unsafe_reset_data_and_ctx(pointer(view.byteOffset()))) {
        throw new IllegalStateException("libtorch refused to move a tensor's memory");
      }
    }
  }
}
