package io.lazytensor;

import io.lazytensor.internal.record.Calls;
import io.lazytensor.xla.ir.DType;
import java.util.function.UnaryOperator;

/**
 * In which type a step computes its matrix products. Decided while recording, so that it is the
 * same on every backend and visible in the HLO.
 *
 * <p>In {@code bf16} and {@code f16}, operands of matrix products, convolutions and attention are
 * cast to that type, and products are summed in {@code f32}. What sums many numbers or grows fast
 * (norms, softmax, reductions, exponentials, losses) runs in {@code f32}. Anything else runs in the
 * type its operands have or promote to. Parameters stay {@code f32}; each is cast once a step.
 * PyTorch: {@code torch.autocast}.
 *
 * @param compute {@code F32}, {@code BF16} or {@code F16}
 */
public record Precision(DType compute) {
  private static final Precision F32 = new Precision(DType.F32);
  private static final Precision BF16 = new Precision(DType.BF16);
  private static final Precision F16 = new Precision(DType.F16);

  /** Checks the type. */
  public Precision {
    if (compute != DType.F32 && compute != DType.BF16 && compute != DType.F16) {
      throw new IllegalArgumentException("a step computes in f32, bf16 or f16, got " + compute);
    }
  }

  /** Returns single precision, the default. */
  public static Precision f32() {
    return F32;
  }

  /** Returns matrix products and activations in {@code bf16}. */
  public static Precision bf16() {
    return BF16;
  }

  /**
   * Returns matrix products and activations in {@code f16}. Its gradients vanish below 6e-8: scale
   * the loss.
   */
  public static Precision f16() {
    return F16;
  }

  /**
   * Applies a part of a model in this precision, whatever the step's is: {@code
   * Precision.f32().apply(head::forward, x)}. In {@code f32}, what has a smaller type is cast up.
   */
  public Tensor apply(UnaryOperator<Tensor> part, Tensor x) {
    return Calls.recorder(x).withCompute(compute, () -> part.apply(x));
  }
}
