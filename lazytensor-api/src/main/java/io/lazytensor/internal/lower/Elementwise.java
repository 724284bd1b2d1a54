package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.filled;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.spread;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Elementwise functions: operands broadcast against each other and meet in their common type. A
 * Java number becomes an operand by {@link Promotion#literal(HloBuilder, Number, HloInstruction)}.
 */
public final class Elementwise {
  private Elementwise() {}

  /** Returns the sum. */
  public static HloInstruction add(HloBuilder b, HloInstruction x, HloInstruction y) {
    return combine(b, "add", BinaryKind.ADD, x, y);
  }

  /** Returns the difference; pred is refused as in PyTorch. */
  public static HloInstruction sub(HloBuilder b, HloInstruction x, HloInstruction y) {
    if (type(x) == DType.PRED && type(y) == DType.PRED) {
      throw refuse(b, "sub of " + x.shape() + " and " + y.shape() + ": use logicalXor for pred");
    }
    return combine(b, "sub", BinaryKind.SUBTRACT, x, y);
  }

  /** Returns the product. */
  public static HloInstruction mul(HloBuilder b, HloInstruction x, HloInstruction y) {
    return combine(b, "mul", BinaryKind.MULTIPLY, x, y);
  }

  /** Returns the true quotient: integers and pred are divided as {@code f32}. */
  public static HloInstruction div(HloBuilder b, HloInstruction x, HloInstruction y) {
    DType common = Promotion.resultType(b, "div", x, y);
    DType type = common.isFloating() ? common : DType.F32;
    Broadcasting.Pair p = Broadcasting.align(b, "div", x, y, type);
    return Primitives.div(b, p.x(), p.y());
  }

  /** Returns {@code x} to the power of {@code y}. */
  public static HloInstruction pow(HloBuilder b, HloInstruction x, HloInstruction y) {
    return combine(b, "pow", BinaryKind.POWER, x, y);
  }

  /**
   * Returns a power with a known exponent; 0, 1, 2, 3, 0.5, -0.5, -1 and -2 become products and
   * roots, as in PyTorch, so that their gradients are exact.
   */
  public static HloInstruction pow(HloBuilder b, HloInstruction x, Number exponent) {
    HloInstruction base = convert(b, x, Promotion.literalType(type(x), exponent));
    double e = exponent.doubleValue();
    if (e == 1) {
      return base;
    }
    if (e == 0) {
      return filled(b, type(base), dims(base), 1);
    }
    if (e == 2) {
      return mul(b, base, base);
    }
    if (e == 3) {
      return mul(b, mul(b, base, base), base);
    }
    if (type(base).isFloating()) {
      if (e == 0.5) {
        return unary(b, UnaryKind.SQRT, base);
      }
      if (e == -0.5) {
        return unary(b, UnaryKind.RSQRT, base);
      }
      if (e == -1) {
        return reciprocal(b, base);
      }
      if (e == -2) {
        return reciprocal(b, mul(b, base, base));
      }
    } else if (e < 0) {
      throw refuse(
          b, "pow of " + x.shape() + " by " + exponent + ": cast the tensor to a float type");
    }
    return binary(b, BinaryKind.POWER, base, e);
  }

  /** Returns the greater; NaN if either is. */
  public static HloInstruction maximum(HloBuilder b, HloInstruction x, HloInstruction y) {
    return combine(b, "maximum", BinaryKind.MAXIMUM, x, y);
  }

  /** Returns the smaller; NaN if either is. */
  public static HloInstruction minimum(HloBuilder b, HloInstruction x, HloInstruction y) {
    return combine(b, "minimum", BinaryKind.MINIMUM, x, y);
  }

  /** Returns the remainder with the sign of the divisor (Python's {@code %}). */
  public static HloInstruction remainder(HloBuilder b, HloInstruction x, HloInstruction y) {
    Broadcasting.Pair p = Broadcasting.align(b, "remainder", x, y);
    HloInstruction divisor = p.y();
    HloInstruction truncated = binary(b, BinaryKind.REMAINDER, p.x(), divisor);
    if (type(divisor).isUnsigned()) {
      return truncated;
    }
    HloInstruction zero = Primitives.zeros(b, divisor);
    HloInstruction negative = compare(b, ComparisonDirection.LT, truncated, zero);
    HloInstruction signsDiffer =
        binary(b, BinaryKind.XOR, negative, compare(b, ComparisonDirection.LT, divisor, zero));
    HloInstruction nonzero = compare(b, ComparisonDirection.NE, truncated, zero);
    HloInstruction adjust = binary(b, BinaryKind.AND, nonzero, signsDiffer);
    return select(b, adjust, Primitives.add(b, truncated, divisor), truncated);
  }

  /** Returns the remainder with the sign of the dividend (C's {@code fmod}). */
  public static HloInstruction fmod(HloBuilder b, HloInstruction x, HloInstruction y) {
    return combine(b, "fmod", BinaryKind.REMAINDER, x, y);
  }

  /** Returns the angle of the point (y, x) in radians. */
  public static HloInstruction atan2(HloBuilder b, HloInstruction y, HloInstruction x) {
    return combine(b, "atan2", BinaryKind.ATAN2, floating(b, y), floating(b, x));
  }

  /** Returns a pred: how two tensors compare; NaN is unequal to everything. */
  public static HloInstruction comparison(
      HloBuilder b, ComparisonDirection direction, HloInstruction x, HloInstruction y) {
    Broadcasting.Pair p = Broadcasting.align(b, direction.name().toLowerCase(Locale.ROOT), x, y);
    return compare(b, direction, p.x(), p.y());
  }

  /** Returns {@code x} where the condition holds, else {@code y}; all three broadcast. */
  public static HloInstruction where(
      HloBuilder b, HloInstruction condition, HloInstruction x, HloInstruction y) {
    if (type(condition) != DType.PRED) {
      throw refuse(b, "where: the condition must be pred, got " + condition.shape());
    }
    DType type = Promotion.resultType(b, "where", x, y);
    Dims common = Broadcasting.common(b, "where", List.of(condition, x, y));
    HloInstruction mask =
        dims(condition).isEmpty() ? condition : Broadcasting.expand(b, condition, common);
    return select(
        b,
        mask,
        Broadcasting.expand(b, convert(b, x, type), common),
        Broadcasting.expand(b, convert(b, y, type), common));
  }

  /** Returns {@code x} with a number in place of the elements where the mask holds. */
  public static HloInstruction maskedFill(
      HloBuilder b, HloInstruction x, HloInstruction mask, Number value) {
    if (type(mask) != DType.PRED) {
      throw refuse(b, "maskedFill: the mask must be pred, got " + mask.shape());
    }
    return where(b, mask, Promotion.literal(b, value, type(x)), x);
  }

  /** Returns the magnitude. */
  public static HloInstruction abs(HloBuilder b, HloInstruction x) {
    return type(x).isUnsigned() ? x : unary(b, UnaryKind.ABS, x);
  }

  /** Returns the additive inverse. */
  public static HloInstruction neg(HloBuilder b, HloInstruction x) {
    if (type(x) == DType.PRED) {
      throw refuse(b, "neg of " + x.shape() + ": use logicalNot for pred");
    }
    return unary(b, UnaryKind.NEGATE, x);
  }

  /** Returns 1 / x; integers as {@code f32}. */
  public static HloInstruction reciprocal(HloBuilder b, HloInstruction x) {
    HloInstruction f = floating(b, x);
    return Primitives.div(b, filled(b, type(f), dims(f), 1), f);
  }

  /** Returns x². */
  public static HloInstruction square(HloBuilder b, HloInstruction x) {
    return mul(b, x, x);
  }

  /**
   * Returns a function of floating-point numbers; integers and pred are converted to {@code f32}.
   *
   * @param kind one of the transcendental kinds: exp, log, sqrt, tanh, erf, …
   */
  public static HloInstruction function(HloBuilder b, UnaryKind kind, HloInstruction x) {
    return unary(b, kind, floating(b, x));
  }

  /** Returns floor, ceil or round (half to even); integers stay as they are. */
  public static HloInstruction integral(HloBuilder b, UnaryKind kind, HloInstruction x) {
    return type(x).isFloating() ? unary(b, kind, x) : x;
  }

  /** Returns -1, 0 or 1. */
  public static HloInstruction sign(HloBuilder b, HloInstruction x) {
    if (type(x) == DType.PRED) {
      return x;
    }
    return type(x).isUnsigned() ? binary(b, BinaryKind.MINIMUM, x, 1) : unary(b, UnaryKind.SIGN, x);
  }

  /**
   * Limits values; NaN stays. The gradient is 0 at a bound and beyond, as in PyTorch 2.15.
   *
   * @param min the lower bound, none if null
   * @param max the upper bound, none if null
   */
  public static HloInstruction clamp(
      HloBuilder b, HloInstruction x, @Nullable Number min, @Nullable Number max) {
    if (min == null && max == null) {
      throw refuse(b, "clamp needs min or max");
    }
    DType type = type(x);
    type = min == null ? type : Promotion.literalType(type, min);
    type = max == null ? type : Promotion.promote(type, Promotion.literalType(type, max));
    HloInstruction low = min == null ? Reducers.lowest(b, type) : Promotion.literal(b, min, type);
    HloInstruction high = max == null ? Reducers.highest(b, type) : Promotion.literal(b, max, type);
    HloInstruction source = convert(b, x, type);
    HloInstruction clamped = b.add(new HloOp.Clamp(), low, source, high);
    if (!type.isFloating()) {
      return clamped;
    }
    return Primitives.withGradient(
        clamped,
        source,
        (g, in, out, gradient) -> {
          HloInstruction zero = Primitives.zeros(g, gradient);
          HloInstruction kept = gradient;
          if (min != null) {
            HloInstruction bound = spread(g, low, dims(in));
            kept = select(g, compare(g, ComparisonDirection.GT, in, bound), kept, zero);
          }
          if (max != null) {
            HloInstruction bound = spread(g, high, dims(in));
            kept = select(g, compare(g, ComparisonDirection.LT, in, bound), kept, zero);
          }
          return kept;
        });
  }

  /** Returns whether elements are neither infinite nor NaN. */
  public static HloInstruction isFinite(HloBuilder b, HloInstruction x) {
    return type(x).isFloating()
        ? b.add(new HloOp.IsFinite(), x)
        : filled(b, DType.PRED, dims(x), 1);
  }

  /** Returns whether elements are NaN. */
  public static HloInstruction isNan(HloBuilder b, HloInstruction x) {
    return compare(b, ComparisonDirection.NE, x, x);
  }

  /** Returns the logical and, or or exclusive or; anything but 0 is true. */
  public static HloInstruction logical(
      HloBuilder b, BinaryKind kind, HloInstruction x, HloInstruction y) {
    return combine(b, "logical " + kind.hloName(), kind, truth(b, x), truth(b, y));
  }

  /** Returns the logical complement; anything but 0 is true. */
  public static HloInstruction logicalNot(HloBuilder b, HloInstruction x) {
    return type(x) == DType.PRED
        ? unary(b, UnaryKind.NOT, x)
        : compare(b, ComparisonDirection.EQ, x, 0);
  }

  /** Converts to a type: float to integer truncates and saturates, NaN becomes 0. */
  public static HloInstruction cast(HloBuilder b, HloInstruction x, DType type) {
    return convert(b, x, type);
  }

  /** Returns whether elements are not 0. */
  static HloInstruction truth(HloBuilder b, HloInstruction x) {
    return type(x) == DType.PRED ? x : compare(b, ComparisonDirection.NE, x, 0);
  }

  private static HloInstruction floating(HloBuilder b, HloInstruction x) {
    return Promotion.floating(b, x);
  }

  private static HloInstruction combine(
      HloBuilder b, String op, BinaryKind kind, HloInstruction x, HloInstruction y) {
    Broadcasting.Pair p = Broadcasting.align(b, op, x, y);
    return binary(b, kind, p.x(), p.y());
  }
}
