package io.lazytensor;

import static io.lazytensor.internal.ops.TensorOps.CAST;
import static io.lazytensor.internal.ops.TensorOps.DETACH;

import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Handle;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;

/**
 * An array whose operations are recorded, not run. Operations broadcast and promote types as
 * PyTorch's; a Java number takes the tensor's type, and a fraction makes an integer tensor {@code
 * f32}. Dimensions count from the end when negative.
 *
 * <p>A value belongs to the recording it was made in. {@link Parameter}, {@link State}, {@link
 * Hyper} and {@link Input} live longer and stand for their current content in each recording.
 *
 * <p>Every operation throws {@link io.lazytensor.xla.ir.ShapeException} with both shapes and the
 * caller's line if operands do not fit, and {@link RecordingException} for a value of another
 * recording, thread or device.
 */
public abstract sealed class Tensor extends ProductMethods permits Value, Stored, Hyper, Input {
  /** Whether a reduction leaves its dimensions behind with size 1. */
  public enum KeepDim {
    /** It does. */
    KEEP
  }

  /**
   * What a variance takes off the count of its elements.
   *
   * @param count 1 for the unbiased estimate, which is the default; 0 for the population's
   */
  public record Correction(double count) {}

  Tensor(Recorder recorder, HloInstruction node) {
    super(recorder, node);
  }

  Tensor() {}

  @Override
  protected final Handle result(Recorder by, HloInstruction recorded) {
    return new Value(by, recorded);
  }

  /** Returns element type and dimension sizes. */
  public abstract ArrayShape shape();

  /** Returns the element type. */
  public final DType dtype() {
    return shape().dtype();
  }

  /** Returns the number of dimensions. */
  public final int rank() {
    return shape().rank();
  }

  /** Returns the size of one dimension. */
  public final int size(int dim) {
    return shape().dim(dim < 0 ? dim + rank() : dim);
  }

  /** Returns this in another element type. */
  public final Tensor to(DType type) {
    return type == dtype() ? this : Calls.call(CAST, this, type.ordinal(), null);
  }

  /** Returns this as a constant for differentiation. PyTorch: {@code detach}. */
  public final Tensor detach() {
    return call(DETACH);
  }

  /**
   * Computes the gradients of this scalar with respect to every parameter the recording has read,
   * and adds them to the gradients waiting for {@code optimizer.step()}, which consumes them.
   *
   * @throws io.lazytensor.autograd.GradientException if this is no floating-point scalar
   */
  public final void backward() {
    recorder().backward(this);
  }

  /** As {@link #backward()}, for these parameters only. */
  public final void backward(List<Parameter> parameters) {
    recorder().backward(this, parameters);
  }
}
