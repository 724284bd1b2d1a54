package io.lazytensor.internal.run;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The Threefry key of one recording's random numbers, {@code u32[2]}. The recorder sets it at each
 * cut from seed, step name and step number.
 */
public final class KeySlot extends Slot {
  private static final ArrayShape SHAPE = ArrayShape.of(DType.U32, 2);

  private long key;

  /** Creates a slot with key 0. */
  public KeySlot() {
    super(Role.RANDOM_KEY, SHAPE);
  }

  /** Sets the key: word 0 in the low half. */
  public void set(long next) {
    key = next;
  }

  @Override
  public String name() {
    return "random key";
  }

  @Override
  public Object snapshot() {
    return key;
  }

  @Override
  DeviceBuffer resolve(Object snapshot, Backend backend, int device) {
    byte[] bytes = new byte[2 * Integer.BYTES];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    long wanted = (Long) snapshot;
    Literal.writeBits(segment, 0, DType.U32, wanted);
    Literal.writeBits(segment, 1, DType.U32, wanted >>> 32);
    return backend.upload(new HostBuffer(SHAPE, segment), device);
  }

  @Override
  void finished(Object snapshot, @Nullable DeviceBuffer buffer) {
    if (buffer != null) {
      buffer.release();
    }
  }
}
