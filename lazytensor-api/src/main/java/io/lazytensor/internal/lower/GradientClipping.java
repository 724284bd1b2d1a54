package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.constant;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.unary;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.List;

/** Limits on gradients, as {@code torch.nn.utils.clip_grad_norm_} and {@code clip_grad_value_}. */
public final class GradientClipping {
  private static final double NORM_GUARD = 1e-6;

  private GradientClipping() {}

  /** Returns the 2-norm of all gradients taken as one vector, f32[]. */
  public static HloInstruction globalNorm(HloBuilder b, List<HloInstruction> gradients) {
    HloInstruction total = null;
    for (HloInstruction gradient : gradients) {
      HloInstruction g = convert(b, gradient, DType.F32);
      HloInstruction squares =
          Reductions.fold(b, BinaryKind.ADD, mul(b, g, g), Dims.range(rank(g)));
      total = total == null ? squares : add(b, total, squares);
    }
    return unary(b, UnaryKind.SQRT, total == null ? constant(b, DType.F32, 0) : total);
  }

  /**
   * Returns the gradients times min(1, maxNorm / (norm + 1e-6)).
   *
   * @param norm f32[], of {@link #globalNorm}
   */
  public static List<HloInstruction> clipNorm(
      HloBuilder b, List<HloInstruction> gradients, HloInstruction norm, double maxNorm) {
    HloInstruction ratio = div(b, constant(b, DType.F32, maxNorm), add(b, norm, NORM_GUARD));
    HloInstruction factor = Primitives.binary(b, BinaryKind.MINIMUM, ratio, 1);
    SharedScalars scalars = new SharedScalars(b);
    return gradients.stream().map(g -> mul(b, g, scalars.like(g, factor))).toList();
  }

  /** Returns the gradients with every element limited to [-limit, limit]. */
  public static List<HloInstruction> clipValue(
      HloBuilder b, List<HloInstruction> gradients, double limit) {
    return gradients.stream().map(g -> Primitives.clamp(b, -limit, g, limit)).toList();
  }
}
