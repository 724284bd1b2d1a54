package io.lazytensor.internal.run;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A result that a cut delivers to the host, exactly once. */
public final class HostResult {
  private final ArrayShape shape;
  private volatile boolean done;
  private @Nullable HostBuffer value;
  private @Nullable Throwable failure;

  /** Creates a result that nothing has delivered. */
  public HostResult(ArrayShape shape) {
    this.shape = shape;
  }

  /** Returns whether {@link #await} would return or throw at once. */
  public boolean isDone() {
    return done;
  }

  /** Returns whether {@link #await} would throw at once. */
  public boolean isFailed() {
    return done && value == null;
  }

  /** Returns type and dimension sizes. */
  public ArrayShape shape() {
    return shape;
  }

  void deliver(DeviceBuffer buffer) {
    HostBuffer target =
        shape.byteSize() > Integer.MAX_VALUE - 8
            ? new HostBuffer(shape, Arena.ofAuto().allocate(shape.byteSize(), 64))
            : new HostBuffer(
                shape, MemorySegment.ofArray(new long[(int) ((shape.byteSize() + 7) / 8)]));
    buffer.download(target);
    finish(target, null);
  }

  /** Ends the wait with a failure. */
  public void fail(Throwable cause) {
    finish(null, cause);
  }

  private void finish(@Nullable HostBuffer result, @Nullable Throwable cause) {
    synchronized (this) {
      if (done) {
        return;
      }
      value = result;
      failure = cause;
      done = true;
      notifyAll();
    }
  }

  /**
   * Waits for the value.
   *
   * @throws DeviceException if the execution failed, or the wait is interrupted
   */
  public HostBuffer await() {
    if (!done) {
      synchronized (this) {
        while (!done) {
          try {
            wait();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DeviceException(
                "interrupted while waiting for a fetched value; the execution goes on", e);
          }
        }
      }
    }
    if (value != null) {
      return value;
    }
    if (failure instanceof LazyTensorException known && !(known instanceof DeviceException)) {
      throw known;
    }
    throw new DeviceException(
        "the step that computes this value failed on the device: "
            + (failure == null ? "no cause given" : failure.getMessage()),
        failure);
  }
}
