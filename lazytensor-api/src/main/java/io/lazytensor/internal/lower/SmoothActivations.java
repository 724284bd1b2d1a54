package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.exp;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;
import static io.lazytensor.internal.lower.Primitives.widen;
import static io.lazytensor.internal.lower.Primitives.withGradient;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;

/**
 * Activation functions made of exponentials, beside {@link Activations}. Formulas: PyTorch, {@code
 * torch.nn.functional}; 16-bit floats are computed in {@code f32}.
 */
public final class SmoothActivations {
  /** The two constants of Klambauer et al., "Self-Normalizing Neural Networks", 2017. */
  private static final double SELU_ALPHA = 1.6732632423543772848170429916717;

  private static final double SELU_SCALE = 1.0507009873554804934193349852946;

  private SmoothActivations() {}

  /** Returns the exponential unit that keeps mean 0 and variance 1. */
  public static HloInstruction selu(HloBuilder b, HloInstruction x) {
    return exponentialUnit(b, x, SELU_SCALE, SELU_ALPHA * SELU_SCALE, 1);
  }

  /** Returns x where positive, else {@code alpha (exp(x / alpha) - 1)}. */
  public static HloInstruction celu(HloBuilder b, HloInstruction x, double alpha) {
    if (alpha == 0 || !Double.isFinite(alpha)) {
      throw refuse(b, "celu: alpha must be a number other than 0, got " + alpha);
    }
    return exponentialUnit(b, x, 1, alpha, 1 / alpha);
  }

  /** Returns {@code positive x} above 0, else {@code negative (exp(inner x) - 1)}. */
  private static HloInstruction exponentialUnit(
      HloBuilder b, HloInstruction x, double positive, double negative, double inner) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = widen(b, source);
    HloInstruction above = compare(b, ComparisonDirection.GT, f, 0);
    HloInstruction scaled = inner == 1 ? f : mul(b, f, inner);
    HloInstruction below = mul(b, unary(b, UnaryKind.EXPONENTIAL_MINUS_ONE, scaled), negative);
    HloInstruction straight = positive == 1 ? f : mul(b, f, positive);
    HloInstruction result =
        withGradient(
            select(b, above, straight, below),
            f,
            (g, in, out, gradient) -> {
              HloInstruction power = exp(g, inner == 1 ? in : mul(g, in, inner));
              HloInstruction slope = mul(g, mul(g, power, negative * inner), gradient);
              HloInstruction level = positive == 1 ? gradient : mul(g, gradient, positive);
              return select(g, above, level, slope);
            });
    return convert(b, result, type(source));
  }

  /** Returns {@code x tanh(log(1 + exp(x)))}. */
  public static HloInstruction mish(HloBuilder b, HloInstruction x) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = widen(b, source);
    HloInstruction soft = Activations.softplus(b, f, 1, 20);
    return convert(b, mul(b, f, unary(b, UnaryKind.TANH, soft)), type(source));
  }

  /** Returns {@code x / (1 + |x|)}. */
  public static HloInstruction softsign(HloBuilder b, HloInstruction x) {
    HloInstruction f = Promotion.floating(b, x);
    return div(b, f, add(b, unary(b, UnaryKind.ABS, f), 1));
  }

  /** Returns {@code x - tanh(x)}. */
  public static HloInstruction tanhshrink(HloBuilder b, HloInstruction x) {
    HloInstruction f = Promotion.floating(b, x);
    return sub(b, f, unary(b, UnaryKind.TANH, f));
  }

  /** Returns softmax of the negative. */
  public static HloInstruction softmin(HloBuilder b, HloInstruction x, int dim) {
    return Activations.softmax(b, Elementwise.neg(b, Promotion.floating(b, x)), dim);
  }

  /** Returns the first half of a dimension times the sigmoid of the second. */
  public static HloInstruction glu(HloBuilder b, HloInstruction x, int dim) {
    int d = Primitives.axis(b, x, dim);
    if (rank(x) == 0 || dims(x).get(d) % 2 != 0 || !type(x).isFloating()) {
      throw refuse(
          b, "glu of " + x.shape() + ": expected floats and an even size of dimension " + dim);
    }
    int half = dims(x).get(d) / 2;
    HloInstruction f = widen(b, x);
    HloInstruction value = Shapes.range(b, f, d, 0, half, 1);
    HloInstruction gate = Shapes.range(b, f, d, half, 2 * half, 1);
    return convert(b, mul(b, value, unary(b, UnaryKind.LOGISTIC, gate)), type(x));
  }
}
