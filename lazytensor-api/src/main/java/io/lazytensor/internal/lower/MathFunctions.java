package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.exp;
import static io.lazytensor.internal.lower.Primitives.filled;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.negate;
import static io.lazytensor.internal.lower.Primitives.rsub;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;
import static io.lazytensor.internal.lower.Primitives.withGradient;
import static io.lazytensor.internal.lower.Primitives.zeros;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Elementwise functions that HLO has no operation for, composed of those it has. Operands
 * broadcast; integers and pred are computed in {@code f32} where the function is not integral.
 */
public final class MathFunctions {
  private MathFunctions() {}

  /** Returns 2 to the power of x. */
  public static HloInstruction exp2(HloBuilder b, HloInstruction x) {
    HloInstruction f = Promotion.floating(b, x);
    return binary(b, BinaryKind.POWER, filled(b, type(f), dims(f), 2), f);
  }

  /** Returns the logarithm to a base. */
  public static HloInstruction log(HloBuilder b, HloInstruction x, double base) {
    return div(b, Elementwise.function(b, UnaryKind.LOG, x), Math.log(base));
  }

  // Cephes, ndtrf.c: erfc(x) is exp(-x²) / x times a polynomial in 1/x², for 1 < x < 2 and above.
  private static final double[] ERFC_TO_2 = {
    2.326819970068386E-2,
    -1.387039388740657E-1,
    3.687424674597105E-1,
    -5.824733027278666E-1,
    6.210004621745983E-1,
    -4.944515323274145E-1,
    3.404879937665872E-1,
    -2.741127028184656E-1,
    5.638259427386472E-1
  };
  private static final double[] ERFC_ABOVE_2 = {
    -1.047766399936249E+1,
    1.297719955372516E+1,
    -7.495518717768503E+0,
    2.921019019210786E+0,
    -1.015265279202700E+0,
    4.218463358204948E-1,
    -2.820767439740514E-1,
    5.641895067754075E-1
  };

  /** Returns 1 - erf(x), in {@code f32} and below exact to its last bits also where it is small. */
  public static HloInstruction erfc(HloBuilder b, HloInstruction x) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction f = Primitives.widen(b, source);
    HloInstruction plain = rsub(b, 1, unary(b, UnaryKind.ERF, f));
    HloInstruction value = type(f) == DType.F32 ? withTails(b, f, plain) : plain;
    HloInstruction annotated =
        withGradient(
            value,
            f,
            (g, in, y, gradient) -> {
              HloInstruction bell = exp(g, negate(g, mul(g, in, in)));
              return mul(g, gradient, mul(g, bell, -2 / Math.sqrt(Math.PI)));
            });
    return convert(b, annotated, type(source));
  }

  private static HloInstruction withTails(HloBuilder b, HloInstruction x, HloInstruction plain) {
    HloInstruction size = unary(b, UnaryKind.ABS, x);
    HloInstruction square = mul(b, x, x);
    HloInstruction q = Elementwise.reciprocal(b, square);
    HloInstruction below2 = compare(b, ComparisonDirection.LT, size, 2);
    HloInstruction polynomial =
        select(b, below2, polynomial(b, q, ERFC_TO_2), polynomial(b, q, ERFC_ABOVE_2));
    HloInstruction tail = mul(b, div(b, exp(b, negate(b, square)), size), polynomial);
    HloInstruction negative = compare(b, ComparisonDirection.LT, x, 0);
    HloInstruction signed = select(b, negative, rsub(b, 2, tail), tail);
    return select(b, compare(b, ComparisonDirection.GT, size, 1), signed, plain);
  }

  private static HloInstruction polynomial(HloBuilder b, HloInstruction x, double[] coefficients) {
    HloInstruction sum = filled(b, type(x), dims(x), coefficients[0]);
    for (int i = 1; i < coefficients.length; i++) {
      sum = add(b, mul(b, sum, x), coefficients[i]);
    }
    return sum;
  }

  /** Returns the integral part, towards zero; integers stay as they are. */
  public static HloInstruction trunc(HloBuilder b, HloInstruction x) {
    if (!type(x).isFloating()) {
      return x;
    }
    HloInstruction negative = compare(b, ComparisonDirection.LT, x, 0);
    return select(b, negative, unary(b, UnaryKind.CEIL, x), unary(b, UnaryKind.FLOOR, x));
  }

  /** Returns what {@link #trunc} takes away. */
  public static HloInstruction frac(HloBuilder b, HloInstruction x) {
    return sub(b, x, trunc(b, x));
  }

  /** Returns the quotient rounded down, of integers an integer. Its gradient is zero. */
  public static HloInstruction floorDivide(HloBuilder b, HloInstruction x, HloInstruction y) {
    Broadcasting.Pair p = Broadcasting.align(b, "floorDivide", x, y);
    HloInstruction remainder = Elementwise.remainder(b, p.x(), p.y());
    HloInstruction exact = div(b, sub(b, p.x(), remainder), p.y());
    if (!type(exact).isFloating()) {
      return exact;
    }
    // x - remainder is a multiple of y but for rounding.
    HloInstruction whole = unary(b, UnaryKind.ROUND_NEAREST_EVEN, exact);
    HloInstruction byZero = compare(b, ComparisonDirection.EQ, p.y(), 0);
    HloInstruction quotient = Primitives.stopGradient(b, div(b, p.x(), p.y()));
    return select(b, byZero, quotient, whole);
  }

  /** Returns √(x² + y²) without overflow on the way. */
  public static HloInstruction hypot(HloBuilder b, HloInstruction x, HloInstruction y) {
    Broadcasting.Pair p = floatingPair(b, "hypot", x, y);
    HloInstruction u = unary(b, UnaryKind.ABS, p.x());
    HloInstruction v = unary(b, UnaryKind.ABS, p.y());
    HloInstruction large = binary(b, BinaryKind.MAXIMUM, u, v);
    HloInstruction small = binary(b, BinaryKind.MINIMUM, u, v);
    HloInstruction ratio = div(b, small, large);
    HloInstruction root = unary(b, UnaryKind.SQRT, add(b, mul(b, ratio, ratio), 1));
    HloInstruction isZero = compare(b, ComparisonDirection.EQ, small, 0);
    HloInstruction infinite = compare(b, ComparisonDirection.EQ, large, Double.POSITIVE_INFINITY);
    HloInstruction flat = binary(b, BinaryKind.OR, isZero, infinite);
    HloInstruction result = select(b, flat, large, mul(b, large, root));
    return withGradient(
        result,
        List.of(p.x(), p.y()),
        (g, in, out, gradient) -> {
          HloInstruction scaled = div(g, gradient, out);
          return List.<@Nullable HloInstruction>of(
              mul(g, scaled, in.get(0)), mul(g, scaled, in.get(1)));
        });
  }

  /** Returns {@code x + weight (y - x)}, exact at both ends. */
  public static HloInstruction lerp(
      HloBuilder b, HloInstruction x, HloInstruction y, HloInstruction weight) {
    Broadcasting.Pair ends = Broadcasting.align(b, "lerp", x, y);
    Broadcasting.Pair start = Broadcasting.align(b, "lerp", ends.x(), weight);
    Broadcasting.Pair end = Broadcasting.align(b, "lerp", ends.y(), weight);
    HloInstruction share = start.y();
    HloInstruction way = sub(b, end.x(), start.x());
    HloInstruction fromStart = add(b, start.x(), mul(b, share, way));
    HloInstruction fromEnd = sub(b, end.x(), mul(b, way, rsub(b, 1, share)));
    HloInstruction near = compare(b, ComparisonDirection.LT, unary(b, UnaryKind.ABS, share), 0.5);
    return select(b, near, fromStart, fromEnd);
  }

  /** Returns {@code x + value y z}. */
  public static HloInstruction addcmul(
      HloBuilder b, HloInstruction x, HloInstruction y, HloInstruction z, Number value) {
    HloInstruction product = Elementwise.mul(b, y, z);
    return Elementwise.add(b, x, scaled(b, product, value));
  }

  /** Returns {@code x + value y / z}. */
  public static HloInstruction addcdiv(
      HloBuilder b, HloInstruction x, HloInstruction y, HloInstruction z, Number value) {
    return Elementwise.add(b, x, scaled(b, Elementwise.div(b, y, z), value));
  }

  /** Returns an operand times a number; the operand itself if that is 1. */
  static HloInstruction scaled(HloBuilder b, HloInstruction x, Number value) {
    return value.doubleValue() == 1 ? x : Elementwise.mul(b, x, Promotion.literal(b, value, x));
  }

  /** Returns log(exp(x) + exp(y)) without overflow on the way. */
  public static HloInstruction logAddExp(HloBuilder b, HloInstruction x, HloInstruction y) {
    Broadcasting.Pair p = floatingPair(b, "logAddExp", x, y);
    HloInstruction large = binary(b, BinaryKind.MAXIMUM, p.x(), p.y());
    HloInstruction apart = negate(b, unary(b, UnaryKind.ABS, sub(b, p.x(), p.y())));
    HloInstruction more = unary(b, UnaryKind.LOG_PLUS_ONE, exp(b, apart));
    // ∞ - ∞ is NaN.
    HloInstruction equal = compare(b, ComparisonDirection.EQ, p.x(), p.y());
    HloInstruction together = add(b, p.x(), Math.log(2));
    HloInstruction result = select(b, equal, together, add(b, large, more));
    return withGradient(
        result,
        List.of(p.x(), p.y()),
        (g, in, out, gradient) -> {
          HloInstruction first = share(g, in.get(0), in.get(1), gradient);
          HloInstruction second = share(g, in.get(1), in.get(0), gradient);
          return List.<@Nullable HloInstruction>of(first, second);
        });
  }

  private static HloInstruction share(
      HloBuilder b, HloInstruction own, HloInstruction other, HloInstruction gradient) {
    return div(b, gradient, add(b, exp(b, sub(b, other, own)), 1));
  }

  /** Returns x log(y), 0 where x is 0 unless y is NaN. */
  public static HloInstruction xlogy(HloBuilder b, HloInstruction x, HloInstruction y) {
    Broadcasting.Pair p = floatingPair(b, "xlogy", x, y);
    HloInstruction product = mul(b, p.x(), Primitives.log(b, p.y()));
    HloInstruction numberless = Elementwise.isNan(b, p.y());
    HloInstruction isZero = compare(b, ComparisonDirection.EQ, p.x(), 0);
    HloInstruction zero = binary(b, BinaryKind.AND, isZero, unary(b, UnaryKind.NOT, numberless));
    HloInstruction result = select(b, zero, zeros(b, product), product);
    return withGradient(
        result,
        List.of(p.x(), p.y()),
        (g, in, out, gradient) -> {
          HloInstruction logs = mul(g, gradient, Primitives.log(g, in.get(1)));
          HloInstruction outside = compare(g, ComparisonDirection.LE, in.get(1), 0);
          HloInstruction flat = binary(g, BinaryKind.AND, isZero, outside);
          return List.<@Nullable HloInstruction>of(
              select(g, flat, zeros(g, gradient), logs),
              mul(g, gradient, div(g, in.get(0), in.get(1))));
        });
  }

  /** Returns whether elements are infinite. */
  public static HloInstruction isInf(HloBuilder b, HloInstruction x) {
    if (!type(x).isFloating()) {
      return filled(b, DType.PRED, dims(x), 0);
    }
    HloInstruction size = unary(b, UnaryKind.ABS, x);
    return compare(b, ComparisonDirection.EQ, size, Double.POSITIVE_INFINITY);
  }

  /**
   * Returns x with numbers in the place of NaN and infinities.
   *
   * @param positive for ∞; null is the type's greatest number
   * @param negative for -∞; null is the type's least number
   */
  public static HloInstruction nanToNum(
      HloBuilder b,
      HloInstruction x,
      double nan,
      @Nullable Double positive,
      @Nullable Double negative) {
    if (!type(x).isFloating()) {
      return x;
    }
    double greatest = greatest(type(x));
    HloInstruction size = unary(b, UnaryKind.ABS, x);
    HloInstruction finite = compare(b, ComparisonDirection.LE, size, greatest);
    HloInstruction high = filled(b, type(x), dims(x), positive == null ? greatest : positive);
    HloInstruction low = filled(b, type(x), dims(x), negative == null ? -greatest : negative);
    HloInstruction isHigh = compare(b, ComparisonDirection.GT, x, 0);
    HloInstruction infinite = select(b, isHigh, high, low);
    HloInstruction other =
        select(b, Elementwise.isNan(b, x), filled(b, type(x), dims(x), nan), infinite);
    return select(b, finite, x, other);
  }

  /** Returns the greatest finite number of a floating-point type. */
  static double greatest(DType type) {
    return switch (type) {
      case F64 -> Double.MAX_VALUE;
      case F16 -> 65504;
      case BF16 -> 0x1.FEp127;
      default -> Float.MAX_VALUE;
    };
  }

  /** Returns whether two are equal but for tolerances: {@code |x - y| <= atol + rtol |y|}. */
  public static HloInstruction isClose(
      HloBuilder b, HloInstruction x, HloInstruction y, double rtol, double atol) {
    Broadcasting.Pair p = floatingPair(b, "isClose", x, y);
    HloInstruction apart = unary(b, UnaryKind.ABS, sub(b, p.x(), p.y()));
    HloInstruction size = unary(b, UnaryKind.ABS, p.y());
    HloInstruction allowed = add(b, mul(b, size, rtol), atol);
    HloInstruction near = compare(b, ComparisonDirection.LE, apart, allowed);
    HloInstruction finite = Elementwise.isFinite(b, p.y());
    HloInstruction equal = compare(b, ComparisonDirection.EQ, p.x(), p.y());
    return binary(b, BinaryKind.OR, equal, binary(b, BinaryKind.AND, near, finite));
  }

  private static Broadcasting.Pair floatingPair(
      HloBuilder b, String op, HloInstruction x, HloInstruction y) {
    DType common = Promotion.resultType(b, op, x, y);
    return Broadcasting.align(b, op, x, y, common.isFloating() ? common : DType.F32);
  }
}
