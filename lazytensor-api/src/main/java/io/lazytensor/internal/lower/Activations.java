package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.exp;
import static io.lazytensor.internal.lower.Primitives.log;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.restore;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;
import static io.lazytensor.internal.lower.Primitives.widen;
import static io.lazytensor.internal.lower.Primitives.withGradient;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;

/**
 * Activation functions. Formulas and gradients: PyTorch, {@code torch.nn.functional} and {@code
 * aten/src/ATen/native/cpu/Activation.cpp}. Integers are converted to {@code f32}.
 */
public final class Activations {
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double INVERSE_SQRT_2_PI = 1 / Math.sqrt(2 * Math.PI);
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double TANH_GELU_CUBIC = 0.044715;

  private Activations() {}

  /** Returns max(x, 0); the gradient at 0 is 0. */
  public static HloInstruction relu(HloBuilder b, HloInstruction x) {
    HloInstruction max = Primitives.binary(b, BinaryKind.MAXIMUM, x, 0);
    if (!type(x).isFloating()) {
      return max;
    }
    return withGradient(
        max,
        x,
        (g, in, out, gradient) -> {
          HloInstruction zero = out.operand(1);
          // "Not greater" would drop the gradient at NaN, which PyTorch lets through.
          HloInstruction off = compare(g, ComparisonDirection.LE, out, zero);
          return select(g, off, zero, gradient);
        });
  }

  /** Returns x where x &gt; 0, else {@code slope * x}. PyTorch's default slope is 0.01. */
  public static HloInstruction leakyRelu(HloBuilder b, HloInstruction x, double slope) {
    HloInstruction f = Promotion.floating(b, x);
    HloInstruction positive = compare(b, ComparisonDirection.GT, f, 0);
    return select(b, positive, f, mul(b, f, slope));
  }

  /** Returns x where x &gt; 0, else {@code alpha * (exp(x) - 1)}. PyTorch's default alpha is 1. */
  public static HloInstruction elu(HloBuilder b, HloInstruction x, double alpha) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = widen(b, source);
    HloInstruction positive = compare(b, ComparisonDirection.GT, f, 0);
    HloInstruction below = unary(b, UnaryKind.EXPONENTIAL_MINUS_ONE, f);
    HloInstruction scaled = alpha == 1 ? below : mul(b, below, alpha);
    // The exponential may overflow where it is not selected: 0 * inf would be NaN.
    HloInstruction elu =
        withGradient(
            select(b, positive, f, scaled),
            f,
            (g, in, out, gradient) -> {
              HloInstruction power = exp(g, in);
              HloInstruction slope = alpha == 1 ? power : mul(g, power, alpha);
              return select(g, positive, gradient, mul(g, gradient, slope));
            });
    return convert(b, elu, type(source));
  }

  /** Returns x · Φ(x) with the error function (PyTorch's default). */
  public static HloInstruction gelu(HloBuilder b, HloInstruction x) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = widen(b, source);
    HloInstruction erf = unary(b, UnaryKind.ERF, mul(b, f, SQRT_HALF));
    HloInstruction cdf = mul(b, add(b, erf, 1), 0.5);
    HloInstruction gelu =
        withGradient(
            mul(b, f, cdf),
            f,
            (g, in, out, gradient) -> {
              HloInstruction bell = exp(g, mul(g, mul(g, in, in), -0.5));
              HloInstruction density = mul(g, bell, INVERSE_SQRT_2_PI);
              return mul(g, gradient, add(g, cdf, mul(g, in, density)));
            });
    return convert(b, gelu, type(source));
  }

  /** Returns 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))) ({@code approximate="tanh"}). */
  public static HloInstruction geluTanh(HloBuilder b, HloInstruction x) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = widen(b, source);
    HloInstruction cube = mul(b, mul(b, f, f), f);
    HloInstruction inner = mul(b, add(b, f, mul(b, cube, TANH_GELU_CUBIC)), SQRT_2_OVER_PI);
    // 0.5 (1 + tanh(u)) is sigmoid(2u), which does not cancel for negative u.
    HloInstruction result = mul(b, f, unary(b, UnaryKind.LOGISTIC, mul(b, inner, 2)));
    return convert(b, result, type(source));
  }

  /** Returns x · sigmoid(x). */
  public static HloInstruction silu(HloBuilder b, HloInstruction x) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = widen(b, source);
    return convert(b, mul(b, f, unary(b, UnaryKind.LOGISTIC, f)), type(source));
  }

  /** Returns 1 / (1 + exp(-x)). */
  public static HloInstruction sigmoid(HloBuilder b, HloInstruction x) {
    return Elementwise.function(b, UnaryKind.LOGISTIC, x);
  }

  /** Returns log(sigmoid(x)) without overflow. */
  public static HloInstruction logSigmoid(HloBuilder b, HloInstruction x) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = widen(b, source);
    return convert(b, logSigmoidOf(b, f), type(source));
  }

  /** Returns min(x, 0) - log1p(exp(-|x|)) with the gradient sigmoid(-x). */
  static HloInstruction logSigmoidOf(HloBuilder b, HloInstruction f) {
    HloInstruction low = Primitives.binary(b, BinaryKind.MINIMUM, f, 0);
    HloInstruction power = exp(b, Primitives.negate(b, unary(b, UnaryKind.ABS, f)));
    return withGradient(
        sub(b, low, unary(b, UnaryKind.LOG_PLUS_ONE, power)),
        f,
        (g, in, out, gradient) -> {
          HloInstruction minus = Primitives.negate(g, in);
          return mul(g, gradient, unary(g, UnaryKind.LOGISTIC, minus));
        });
  }

  /**
   * Returns log(1 + exp(beta x)) / beta.
   *
   * @param beta PyTorch's default is 1
   * @param threshold where {@code beta x} exceeds it the result is x; PyTorch's default is 20
   */
  public static HloInstruction softplus(
      HloBuilder b, HloInstruction x, double beta, double threshold) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = widen(b, source);
    HloInstruction scaled = beta == 1 ? f : mul(b, f, beta);
    HloInstruction linear = compare(b, ComparisonDirection.GT, scaled, threshold);
    HloInstruction log = unary(b, UnaryKind.LOG_PLUS_ONE, exp(b, scaled));
    HloInstruction soft = beta == 1 ? log : div(b, log, beta);
    HloInstruction softplus =
        withGradient(
            select(b, linear, f, soft),
            f,
            (g, in, out, gradient) -> {
              HloInstruction slope = unary(g, UnaryKind.LOGISTIC, scaled);
              return select(g, linear, gradient, mul(g, gradient, slope));
            });
    return convert(b, softplus, type(source));
  }

  /**
   * Returns exp(x) / Σ exp(x) along a dimension; in {@code f32} for {@code f16} and {@code bf16}.
   */
  public static HloInstruction softmax(HloBuilder b, HloInstruction x, int dim) {
    HloInstruction source = vector(b, x);
    Dims axes = Shapes.axes(b, source, dim);
    HloInstruction f = widen(b, source);
    HloInstruction powers = exp(b, shifted(b, f, axes));
    HloInstruction total = Reductions.fold(b, BinaryKind.ADD, powers, axes);
    HloInstruction softmax =
        withGradient(
            div(b, powers, restore(b, total, dims(f), axes)),
            f,
            (g, in, out, gradient) -> {
              HloInstruction inner =
                  Reductions.fold(g, BinaryKind.ADD, mul(g, gradient, out), axes);
              HloInstruction centred = sub(g, gradient, restore(g, inner, dims(out), axes));
              return mul(g, centred, out);
            });
    return scalarAgain(b, convert(b, softmax, type(source)), x);
  }

  /** Returns log(softmax(x)) along a dimension without overflow. */
  public static HloInstruction logSoftmax(HloBuilder b, HloInstruction x, int dim) {
    HloInstruction source = vector(b, x);
    HloInstruction f = widen(b, source);
    HloInstruction result = logSoftmaxOf(b, f, Shapes.axes(b, source, dim));
    return scalarAgain(b, convert(b, result, type(source)), x);
  }

  /** The operand is floating and wide. */
  static HloInstruction logSoftmaxOf(HloBuilder b, HloInstruction f, Dims axes) {
    HloInstruction z = shifted(b, f, axes);
    HloInstruction level = log(b, Reductions.fold(b, BinaryKind.ADD, exp(b, z), axes));
    return withGradient(
        sub(b, z, restore(b, level, dims(f), axes)),
        f,
        (g, in, out, gradient) -> {
          HloInstruction total = Reductions.fold(g, BinaryKind.ADD, gradient, axes);
          HloInstruction share = mul(g, exp(g, out), restore(g, total, dims(out), axes));
          return sub(g, gradient, share);
        });
  }

  /** Returns x minus its maximum along a dimension. */
  static HloInstruction shifted(HloBuilder b, HloInstruction f, Dims axes) {
    HloInstruction max = Reductions.fold(b, BinaryKind.MAXIMUM, f, axes);
    return sub(b, f, restore(b, max, dims(f), axes));
  }

  private static HloInstruction vector(HloBuilder b, HloInstruction x) {
    HloInstruction f = Promotion.floating(b, x);
    return rank(f) == 0 ? Primitives.reshape(b, f, Dims.of(1)) : f;
  }

  private static HloInstruction scalarAgain(HloBuilder b, HloInstruction result, HloInstruction x) {
    return Primitives.reshape(b, result, dims(x));
  }
}
