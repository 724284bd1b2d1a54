package io.lazytensor;

import io.lazytensor.internal.record.Recorder;
import io.lazytensor.internal.run.HostResult;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.function.Function;

/**
 * A value on its way to the host. Asking for it never cuts.
 *
 * @param <T> what it is on the host
 */
public final class Fetch<T> {
  private final HostResult result;
  private final Function<HostBuffer, T> conversion;
  private final Recorder recorder;
  private final int recording;
  private final Tensor tensor;

  Fetch(Tensor tensor, Recorder recorder, Function<HostBuffer, T> conversion) {
    this.tensor = tensor;
    this.recorder = recorder;
    this.conversion = conversion;
    this.result = recorder.fetch(tensor);
    this.recording = recorder.number();
  }

  /** Returns whether {@link #get} would not wait. */
  public boolean isDone() {
    return result.isDone();
  }

  /**
   * Returns the value; waits until the step that computes it has run.
   *
   * @throws UncutTensorException if the recording it belongs to is not cut
   * @throws RecordingException if that recording was discarded
   * @throws io.lazytensor.xla.runtime.DeviceException if the step failed
   */
  public T get() {
    if (!result.isDone() && recorder.number() == recording) {
      throw new UncutTensorException(
          "%s in %s is not cut. Call markStep() before get()."
              .formatted(tensor, recorder.describeScope()));
    }
    return conversion.apply(result.await());
  }

  /** Returns whether the value will never arrive. */
  boolean isFailed() {
    return result.isFailed();
  }

  /** Returns what is fetched, and whether it is there. */
  @Override
  public String toString() {
    return "fetch of " + tensor + (isDone() ? ", done" : ", not done");
  }
}
