package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;
import org.jspecify.annotations.Nullable;

/** Gradients of elementwise operations. */
final class ElementwiseGradients {
  private ElementwiseGradients() {}

  static @Nullable HloInstruction unary(
      HloBuilder b, UnaryKind kind, HloInstruction out, HloInstruction g) {
    HloInstruction x = out.operand(0);
    return switch (kind) {
      case ABS -> b.times(g, b.unary(UnaryKind.SIGN, x));
      case CBRT -> b.over(g, b.times(b.times(out, out), 3));
      case COPY -> g;
      case COSINE -> b.negative(b.times(g, b.unary(UnaryKind.SINE, x)));
      case ERF -> {
        HloInstruction bell = b.unary(UnaryKind.EXPONENTIAL, b.negative(b.times(x, x)));
        yield b.times(g, b.times(bell, 2 / Math.sqrt(Math.PI)));
      }
      case EXPONENTIAL -> b.times(g, out);
      case EXPONENTIAL_MINUS_ONE -> b.times(g, b.plus(out, one(b, out)));
      case LOG -> b.over(g, x);
      case LOG_PLUS_ONE -> b.over(g, b.plus(x, one(b, x)));
      case LOGISTIC -> b.times(g, b.times(out, b.minus(one(b, out), out)));
      case NEGATE -> b.negative(g);
      case RSQRT -> b.times(b.times(g, -0.5), b.times(out, b.times(out, out)));
      case ACOS -> b.negative(b.times(g, b.unary(UnaryKind.RSQRT, oneMinusSquare(b, x))));
      case ACOSH -> b.times(g, b.unary(UnaryKind.RSQRT, b.minus(b.times(x, x), one(b, x))));
      case ASIN -> b.times(g, b.unary(UnaryKind.RSQRT, oneMinusSquare(b, x)));
      case ASINH -> b.times(g, b.unary(UnaryKind.RSQRT, b.plus(b.times(x, x), one(b, x))));
      case ATANH -> b.over(g, oneMinusSquare(b, x));
      case COSH -> b.times(g, b.unary(UnaryKind.SINH, x));
      case SINH -> b.times(g, b.unary(UnaryKind.COSH, x));
      case SINE -> b.times(g, b.unary(UnaryKind.COSINE, x));
      case SQRT -> b.over(g, b.times(out, 2));
      case TAN -> b.times(g, b.plus(b.times(out, out), one(b, out)));
      case TANH -> b.times(g, b.minus(one(b, out), b.times(out, out)));
      case CEIL, FLOOR, ROUND_NEAREST_AFZ, ROUND_NEAREST_EVEN, SIGN -> b.filledLike(g, 0);
      case COUNT_LEADING_ZEROS, NOT, POPULATION_COUNT -> null;
    };
  }

  private static HloInstruction oneMinusSquare(HloBuilder b, HloInstruction x) {
    return b.minus(one(b, x), b.times(x, x));
  }

  private static HloInstruction one(HloBuilder b, HloInstruction like) {
    return b.filledLike(like, 1);
  }

  private static HloInstruction zero(HloBuilder b, HloInstruction like) {
    return b.filledLike(like, 0);
  }

  static @Nullable HloInstruction[] binary(
      HloBuilder b, BinaryKind kind, HloInstruction out, HloInstruction g, boolean[] wanted) {
    HloInstruction x = out.operand(0);
    HloInstruction y = out.operand(1);
    return switch (kind) {
      case ADD -> pair(g, g);
      case SUBTRACT -> pair(g, wanted[1] ? b.negative(g) : null);
      case MULTIPLY -> pair(wanted[0] ? b.times(g, y) : null, wanted[1] ? b.times(g, x) : null);
      case DIVIDE -> {
        HloInstruction left = b.over(g, y);
        yield pair(left, wanted[1] ? b.negative(b.times(left, out)) : null);
      }
      case MAXIMUM -> extremum(b, ComparisonDirection.GT, x, y, g);
      case MINIMUM -> extremum(b, ComparisonDirection.LT, x, y, g);
      case POWER -> power(b, out, g, wanted);
      case REMAINDER -> pair(g, wanted[1] ? b.negative(b.times(g, truncatedRatio(b, x, y))) : null);
      case ATAN2 -> {
        HloInstruction scaled = b.over(g, b.plus(b.times(x, x), b.times(y, y)));
        yield pair(b.times(scaled, y), b.negative(b.times(scaled, x)));
      }
      case AND, MULHI, OR, SHIFT_LEFT, SHIFT_RIGHT_ARITHMETIC, SHIFT_RIGHT_LOGICAL, XOR ->
          pair(null, null);
    };
  }

  private static @Nullable HloInstruction[] pair(
      @Nullable HloInstruction left, @Nullable HloInstruction right) {
    return new @Nullable HloInstruction[] {left, right};
  }

  /** The winner takes the gradient; equal operands take half each. */
  private static @Nullable HloInstruction[] extremum(
      HloBuilder b,
      ComparisonDirection wins,
      HloInstruction x,
      HloInstruction y,
      HloInstruction g) {
    HloInstruction tie = b.compare(ComparisonDirection.EQ, x, y);
    HloInstruction shared = b.select(tie, b.times(g, 0.5), g);
    HloInstruction none = zero(b, g);
    HloInstruction xLoses = b.compare(wins, y, x);
    HloInstruction yLoses = b.compare(wins, x, y);
    return pair(b.select(xLoses, none, shared), b.select(yLoses, none, shared));
  }

  private static @Nullable HloInstruction[] power(
      HloBuilder b, HloInstruction out, HloInstruction g, boolean[] wanted) {
    HloInstruction x = out.operand(0);
    HloInstruction y = out.operand(1);
    HloInstruction none = zero(b, g);
    HloInstruction left = null;
    if (wanted[0]) {
      HloInstruction lower = b.binary(BinaryKind.POWER, x, b.minus(y, one(b, y)));
      HloInstruction flat = b.compare(ComparisonDirection.EQ, y, zero(b, y));
      left = b.select(flat, none, b.times(g, b.times(y, lower)));
    }
    HloInstruction right = null;
    if (wanted[1]) {
      // 0 to any power from 0 on is constant in the exponent; log(0) must not spoil it.
      HloInstruction atZero =
          b.binary(
              BinaryKind.AND,
              b.compare(ComparisonDirection.EQ, x, zero(b, x)),
              b.compare(ComparisonDirection.GE, y, zero(b, y)));
      HloInstruction slope = b.times(g, b.times(out, b.unary(UnaryKind.LOG, x)));
      right = b.select(atZero, none, slope);
    }
    return pair(left, right);
  }

  private static HloInstruction truncatedRatio(HloBuilder b, HloInstruction x, HloInstruction y) {
    HloInstruction ratio = b.over(x, y);
    HloInstruction size = b.unary(UnaryKind.FLOOR, b.unary(UnaryKind.ABS, ratio));
    return b.times(b.unary(UnaryKind.SIGN, ratio), size);
  }

  static @Nullable HloInstruction[] select(
      HloBuilder b, HloInstruction out, HloInstruction g, boolean[] wanted) {
    HloInstruction condition = out.operand(0);
    HloInstruction none = zero(b, g);
    return new @Nullable HloInstruction[] {
      null,
      wanted[1] ? b.select(condition, g, none) : null,
      wanted[2] ? b.select(condition, none, g) : null
    };
  }

  /** The operand has the gradient where it lies within the bounds or on them, as in PyTorch. */
  static @Nullable HloInstruction[] clamp(
      HloBuilder b, HloInstruction out, HloInstruction g, boolean[] wanted) {
    HloInstruction x = out.operand(1);
    Dims dims = x.arrayShape().dims();
    HloInstruction min = spread(b, out.operand(0), dims);
    HloInstruction max = spread(b, out.operand(2), dims);
    HloInstruction none = zero(b, g);
    HloInstruction notBelow = b.compare(ComparisonDirection.GE, x, min);
    HloInstruction notAbove = b.compare(ComparisonDirection.LE, x, max);
    HloInstruction inside = b.binary(BinaryKind.AND, notBelow, notAbove);
    return new @Nullable HloInstruction[] {
      wanted[0] ? collapse(b, out.operand(0), ofMinimum(b, x, min, max, g)) : null,
      wanted[1] ? b.select(inside, g, none) : null,
      wanted[2] ? collapse(b, out.operand(2), ofMaximum(b, x, min, max, g)) : null
    };
  }

  private static HloInstruction ofMinimum(
      HloBuilder b, HloInstruction x, HloInstruction min, HloInstruction max, HloInstruction g) {
    HloInstruction below = b.compare(ComparisonDirection.LT, x, min);
    HloInstruction ordered = b.compare(ComparisonDirection.LT, min, max);
    return b.select(b.binary(BinaryKind.AND, below, ordered), g, zero(b, g));
  }

  // Bounds in the wrong order make the result the upper one everywhere.
  private static HloInstruction ofMaximum(
      HloBuilder b, HloInstruction x, HloInstruction min, HloInstruction max, HloInstruction g) {
    HloInstruction above = b.compare(ComparisonDirection.GT, x, max);
    HloInstruction crossed = b.compare(ComparisonDirection.GT, min, max);
    return b.select(b.binary(BinaryKind.OR, above, crossed), g, zero(b, g));
  }

  private static HloInstruction spread(HloBuilder b, HloInstruction bound, Dims dims) {
    return bound.arrayShape().isScalar() ? b.spread(bound, dims) : bound;
  }

  private static HloInstruction collapse(HloBuilder b, HloInstruction bound, HloInstruction g) {
    return bound.arrayShape().isScalar()
        ? ContractGradients.sum(b, g, Dims.range(g.arrayShape().rank()))
        : g;
  }

  static @Nullable HloInstruction convert(HloBuilder b, HloInstruction out, HloInstruction g) {
    var from = out.operand(0).arrayShape().dtype();
    return from.isFloating() && g.arrayShape().dtype().isFloating() ? b.convert(g, from) : null;
  }
}
