package io.lazytensor.internal.run;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Data that graphs only read: a host array, or a value kept on the device by an earlier cut. The
 * array is uploaded for each execution that uses it and released after it, unless a copy is on the
 * device already.
 */
public final class InputSlot extends Slot {
  /** The least and the greatest of some integers. */
  public record Range(long least, long greatest) {}

  private final Object source;
  private final String name;
  private volatile @Nullable Range range;
  private volatile @Nullable Data copy;
  private volatile boolean used;

  /** Creates a slot over host memory that nobody changes any more. */
  public InputSlot(HostBuffer source, String name) {
    super(Role.INPUT, source.shape());
    this.source = source;
    this.name = name;
  }

  /** Creates a slot over a value a cut delivers. */
  public InputSlot(ArrayShape shape, Data source, String name) {
    super(Role.INPUT, shape);
    this.source = source;
    this.name = name;
  }

  /** Returns the kept value, or null if the data is on the host. */
  public @Nullable Data kept() {
    return source instanceof Data data ? data : null;
  }

  /** Returns the host's data, or null if it is on the device. */
  public @Nullable HostBuffer host() {
    return source instanceof HostBuffer host ? host : null;
  }

  /** Returns the range of integers on the host; null for other data, or none. */
  public @Nullable Range range() {
    Range known = range;
    if (known == null
        && source instanceof HostBuffer host
        && host.shape().dtype().isInteger()
        && host.shape().elementCount() > 0) {
      known = rangeOf(host);
      range = known;
    }
    return known;
  }

  private static Range rangeOf(HostBuffer host) {
    DType type = host.shape().dtype();
    long count = host.shape().elementCount();
    long least = Long.MAX_VALUE;
    long greatest = Long.MIN_VALUE;
    for (long i = 0; i < count; i++) {
      long value =
          type == DType.S32
              ? host.data().getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i)
              : Numbers.toLong(type, Literal.readBits(host.data(), i, type));
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
    return new Range(least, greatest);
  }

  /** Sets the copy of a host array that later cuts use. */
  public void copy(@Nullable Data uploaded) {
    copy = uploaded;
  }

  /** Returns whether a cut has used this. */
  public boolean isUsed() {
    return used;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Object snapshot() {
    used = true;
    Data uploaded = copy;
    return uploaded != null ? uploaded : source;
  }

  @Override
  DeviceBuffer resolve(Object snapshot, Backend backend, int device) {
    return snapshot instanceof Data data
        ? data.buffer(name)
        : backend.upload((HostBuffer) snapshot, device);
  }

  @Override
  void finished(Object snapshot, @Nullable DeviceBuffer buffer) {
    if (buffer != null && snapshot instanceof HostBuffer) {
      buffer.release();
    }
  }
}
