package io.lazytensor;

import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.function.Consumer;

/**
 * The scope of a training or evaluation step: what is recorded in it becomes one graph at {@link
 * #markStep}. Belongs to the thread that opened it.
 *
 * <p>{@link #close()} never cuts. A step that is closed without {@code markStep()} is rolled back:
 * parameters and states keep the values of the last cut.
 */
public final class Step implements AutoCloseable {
  private final Device device;
  private final Recorder recorder;
  private final String name;
  private boolean open = true;

  Step(Device device, Recorder recorder, String name) {
    this.device = device;
    this.recorder = recorder;
    this.name = name;
  }

  /** Returns the step's name. */
  public String name() {
    return name;
  }

  /**
   * Cuts: hands everything recorded since the step was opened, or since its last cut, to the
   * device. Returns before it has run, unless running takes only microseconds.
   *
   * @throws io.lazytensor.observe.GraphBudgetException if the step needs more graphs than its
   *     contract allows
   * @throws io.lazytensor.xla.runtime.CompileException if the backend cannot compile the graph
   * @throws io.lazytensor.xla.runtime.DeviceException if an earlier step failed on the device
   */
  public void markStep() {
    requireOpen();
    recorder.markStep();
    device.deliverResults();
  }

  /** Asks for a {@code f32[]} on the host; available after the cut. */
  public Fetch<Float> fetchFloat(Tensor tensor) {
    return fetching().fetchFloat(tensor);
  }

  /** Asks for the elements of a floating-point tensor in row-major order. */
  public Fetch<float[]> fetchFloats(Tensor tensor) {
    return fetching().fetchFloats(tensor);
  }

  /** Asks for the elements of an integer tensor in row-major order. */
  public Fetch<int[]> fetchInts(Tensor tensor) {
    return fetching().fetchInts(tensor);
  }

  /** Asks for a tensor's bytes. */
  public Fetch<HostBuffer> fetch(Tensor tensor) {
    return fetching().fetch(tensor);
  }

  /** Keeps a value on the device for later steps; it is usable after the cut. */
  public Input keep(Tensor tensor) {
    return fetching().keep(tensor);
  }

  private Device fetching() {
    requireOpen();
    return device;
  }

  /**
   * Delivers a fetched value to a consumer once it is there: on this thread, in the order of
   * asking, at a later {@link #markStep}, at {@link Device#synchronize} or {@link Device#close}.
   */
  public <T> void onResult(Fetch<T> fetch, Consumer<? super T> consumer) {
    requireOpen();
    device.onResult(fetch, consumer);
  }

  /** Forgets what was recorded since the last cut, deliberately. */
  public void discard() {
    requireOpen();
    recorder.rollback("step.discard()");
  }

  private void requireOpen() {
    if (!open) {
      throw new RecordingException(
          "step \"" + name + "\" is used after it was closed. Open another step.");
    }
    if (!recorder.isCurrentThread()) {
      throw new RecordingException(
          "step \"" + name + "\" is used by another thread than the one that opened it.");
    }
  }

  /**
   * Ends the scope.
   *
   * @throws RecordingException if something was assigned and never cut: the weights would stay as
   *     they were in silence. {@link #discard} says that this is meant.
   */
  @Override
  public void close() {
    if (!open) {
      return;
    }
    requireOpen();
    open = false;
    String scope = recorder.describeScope();
    int lost = recorder.close();
    if (lost > 0) {
      throw new RecordingException(
          "%s was closed without markStep(): %d assigned or accumulated tensors keep their old"
                  .formatted(scope, lost)
              + " values. Call step.markStep() at its end, or step.discard() if this is meant.");
    }
  }
}
