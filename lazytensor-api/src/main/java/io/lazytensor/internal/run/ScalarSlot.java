package io.lazytensor.internal.run;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A number the host sets; uploaded only when it differs from what the device has. */
public final class ScalarSlot extends Slot {
  private static final ArrayShape SHAPE = ArrayShape.scalar(DType.F32);

  private final String name;
  private Float value;
  private @Nullable Float uploaded;
  private @Nullable DeviceBuffer buffer;

  /** Creates a slot with its first value. */
  public ScalarSlot(String name, float value) {
    super(Role.HYPER, SHAPE);
    this.name = name;
    this.value = value;
  }

  /** Returns the value the next cut will use. */
  public float value() {
    return value;
  }

  /** Sets the value the next cut will use. */
  public void set(float next) {
    if (Float.floatToRawIntBits(next) != Float.floatToRawIntBits(value)) {
      value = next;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Object snapshot() {
    return value;
  }

  @Override
  DeviceBuffer resolve(Object snapshot, Backend backend, int device) {
    Float wanted = (Float) snapshot;
    if (buffer == null || buffer.isReleased() || !wanted.equals(uploaded)) {
      if (buffer != null) {
        buffer.release();
      }
      byte[] bytes = new byte[Float.BYTES];
      MemorySegment segment = MemorySegment.ofArray(bytes);
      Literal.writeBits(segment, 0, DType.F32, Float.floatToRawIntBits(wanted));
      buffer = backend.upload(new HostBuffer(SHAPE, segment), device);
      uploaded = wanted;
    }
    return buffer;
  }

  void release() {
    if (buffer != null) {
      buffer.release();
      buffer = null;
    }
  }
}
