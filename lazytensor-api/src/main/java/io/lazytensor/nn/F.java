package io.lazytensor.nn;

import io.lazytensor.Gradients;
import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import io.lazytensor.internal.record.Calls;
import java.util.List;

/**
 * Functions of tensors, for static import: {@code import static io.lazytensor.nn.F.*}. PyTorch:
 * {@code torch.nn.functional}, and what {@code torch} has beside a tensor's methods.
 */
public final class F extends RegionFunctions {
  /** Leaves reduced dimensions behind with size 1: {@code x.mean(1, keepDim)}. */
  public static final Tensor.KeepDim keepDim = Tensor.KeepDim.KEEP;

  private F() {}

  /** Returns x as a constant for differentiation. PyTorch: {@code detach}. */
  public static Tensor stopGradient(Tensor x) {
    return x.detach();
  }

  /**
   * Computes the gradients of a scalar with respect to every trained parameter of a model.
   *
   * @throws io.lazytensor.autograd.GradientException if loss is no floating-point scalar, or a
   *     parameter does not take part in it
   */
  public static Gradients gradients(Tensor loss, Layer model) {
    return Gradients.of(loss, Calls.recorder(loss).partsOf(model, Layer::parameters));
  }

  /** Computes the gradients of a scalar with respect to these parameters. */
  public static Gradients gradients(Tensor loss, List<Parameter> parameters) {
    return Gradients.of(loss, parameters);
  }
}
