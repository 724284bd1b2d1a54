package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.negate;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;

/** What several update rules do to arrays, each scalar repeated once per shape. */
final class UpdateMath {
  final HloBuilder b;
  final SharedScalars scalars;

  UpdateMath(HloBuilder b) {
    this.b = b;
    this.scalars = new SharedScalars(b);
  }

  /** Returns a gradient in its parameter's type, turned around for climbing. */
  HloInstruction gradient(HloInstruction parameter, HloInstruction gradient, boolean maximize) {
    HloInstruction g = convert(b, gradient, type(parameter));
    return maximize ? negate(b, g) : g;
  }

  /** Returns a gradient with weight decay added to it. */
  HloInstruction decayed(HloInstruction gradient, HloInstruction parameter, double decay) {
    return decay == 0 ? gradient : add(b, gradient, times(parameter, decay));
  }

  /** Returns the factor that decoupled weight decay shrinks parameters by, f32[]. */
  HloInstruction shrinkage(HloInstruction learningRate, double decay) {
    return sub(b, scalars.number(1), mul(b, learningRate, scalars.number(decay)));
  }

  HloInstruction times(HloInstruction x, double number) {
    return mul(b, x, scalars.like(x, number));
  }

  HloInstruction times(HloInstruction x, HloInstruction scalar) {
    return mul(b, x, scalars.like(x, scalar));
  }

  HloInstruction plus(HloInstruction x, double number) {
    return add(b, x, scalars.like(x, number));
  }

  HloInstruction root(HloInstruction x) {
    return unary(b, UnaryKind.SQRT, x);
  }

  HloInstruction atLeast(HloInstruction x, double least) {
    return Primitives.binary(b, BinaryKind.MAXIMUM, x, scalars.like(x, least));
  }

  HloInstruction atMost(HloInstruction x, HloInstruction most) {
    return Primitives.binary(b, BinaryKind.MINIMUM, x, most);
  }

  /** Returns {@code torch.lerp(start, end, weight)} in its two numerically different forms. */
  HloInstruction lerp(HloInstruction start, HloInstruction end, double weight) {
    HloInstruction difference = sub(b, end, start);
    return weight < 0.5
        ? add(b, start, times(difference, weight))
        : sub(b, end, times(difference, 1 - weight));
  }

  /** Returns the same with a weight of the graph, f32[]. */
  HloInstruction lerp(HloInstruction start, HloInstruction end, HloInstruction weight) {
    return add(b, start, times(sub(b, end, start), weight));
  }

  /** Returns an average of squares that keeps a share. */
  HloInstruction squares(HloInstruction average, HloInstruction g, double kept) {
    HloInstruction square = mul(b, times(g, 1 - kept), g);
    return add(b, times(average, kept), square);
  }

  /** Returns βᵗ - 1; PyTorch has it in double, in f32 1 - 0.999 would lose 15 bits. */
  HloInstruction powerMinusOne(double beta, HloInstruction step) {
    return expm1(mul(b, step, scalars.number(Math.log(beta))));
  }

  /** Returns the same for a β of the graph, f32[]. */
  HloInstruction powerMinusOne(HloInstruction beta, HloInstruction step) {
    return expm1(mul(b, step, unary(b, UnaryKind.LOG, beta)));
  }

  private HloInstruction expm1(HloInstruction exponent) {
    return unary(b, UnaryKind.EXPONENTIAL_MINUS_ONE, exponent);
  }

  /** Returns the 2-norm of all elements, f32[]. */
  HloInstruction norm(HloInstruction x) {
    HloInstruction wide = convert(b, x, DType.F32);
    return root(
        Reductions.fold(b, BinaryKind.ADD, mul(b, wide, wide), Dims.range(Primitives.rank(x))));
  }

  /** Returns the root of the mean of squares of all elements, f32[]. */
  HloInstruction rootMeanSquare(HloInstruction x) {
    double count = x.arrayShape().elementCount();
    return div(b, norm(x), scalars.number(Math.sqrt(count)));
  }

  /** Returns one of two values by two scalars f32[]: the first if both are positive. */
  HloInstruction whereBothPositive(
      HloInstruction first, HloInstruction second, HloInstruction then, HloInstruction otherwise) {
    HloInstruction least = atMost(first, second);
    HloInstruction both = Primitives.compare(b, ComparisonDirection.GT, least, 0);
    return Elementwise.where(b, both, then, otherwise);
  }
}
