package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.exp;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.negate;
import static io.lazytensor.internal.lower.Primitives.rsub;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;
import static io.lazytensor.internal.lower.Primitives.withGradient;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;

/**
 * Inverse trigonometric and hyperbolic functions. HLO has operations for them that XLA for CPU does
 * not compile, so they are composed of older ones, by the identities that keep small results exact.
 */
public final class Trigonometry {
  private static final double LOG_2 = Math.log(2);

  private Trigonometry() {}

  private interface Function {
    HloInstruction apply(HloBuilder b, HloInstruction x);
  }

  /** Computes in f32 at least, with the derivative given as a factor. */
  private static HloInstruction function(
      HloBuilder b, HloInstruction x, Function value, Function slope) {
    HloInstruction source = Promotion.floating(b, x);
    HloInstruction wide = Primitives.widen(b, source);
    HloInstruction annotated =
        withGradient(
            value.apply(b, wide),
            wide,
            (g, in, out, gradient) -> mul(g, gradient, slope.apply(g, in)));
    return convert(b, annotated, type(source));
  }

  /** Returns the angle whose tangent is x. */
  public static HloInstruction atan(HloBuilder b, HloInstruction x) {
    return binary(b, BinaryKind.ATAN2, Promotion.floating(b, x), 1);
  }

  /** Returns the angle whose sine is x. */
  public static HloInstruction asin(HloBuilder b, HloInstruction x) {
    return function(
        b,
        x,
        (f, in) -> {
          HloInstruction cosine = unary(f, UnaryKind.SQRT, oneMinusSquare(f, in));
          return mul(f, binary(f, BinaryKind.ATAN2, in, add(f, cosine, 1)), 2);
        },
        (g, in) -> unary(g, UnaryKind.RSQRT, oneMinusSquare(g, in)));
  }

  /** Returns the angle whose cosine is x. */
  public static HloInstruction acos(HloBuilder b, HloInstruction x) {
    return function(
        b,
        x,
        (f, in) -> {
          HloInstruction near = unary(f, UnaryKind.SQRT, rsub(f, 1, in));
          HloInstruction far = unary(f, UnaryKind.SQRT, add(f, in, 1));
          return mul(f, binary(f, BinaryKind.ATAN2, near, far), 2);
        },
        (g, in) -> negate(g, unary(g, UnaryKind.RSQRT, oneMinusSquare(g, in))));
  }

  private static HloInstruction oneMinusSquare(HloBuilder b, HloInstruction x) {
    return mul(b, rsub(b, 1, x), add(b, x, 1));
  }

  /** Returns the hyperbolic sine. */
  public static HloInstruction sinh(HloBuilder b, HloInstruction x) {
    return function(b, x, Trigonometry::sinhOf, Trigonometry::coshOf);
  }

  /** Returns the hyperbolic cosine. */
  public static HloInstruction cosh(HloBuilder b, HloInstruction x) {
    return function(b, x, Trigonometry::coshOf, Trigonometry::sinhOf);
  }

  private static HloInstruction sinhOf(HloBuilder b, HloInstruction x) {
    HloInstruction less = unary(b, UnaryKind.EXPONENTIAL_MINUS_ONE, x);
    HloInstruction small = mul(b, add(b, less, div(b, less, add(b, less, 1))), 0.5);
    HloInstruction large = sub(b, half(b, x), half(b, negate(b, x)));
    HloInstruction near = compare(b, ComparisonDirection.LT, unary(b, UnaryKind.ABS, x), 1);
    return select(b, near, small, large);
  }

  private static HloInstruction coshOf(HloBuilder b, HloInstruction x) {
    return add(b, half(b, x), half(b, negate(b, x)));
  }

  /** Returns exp(x) / 2, which is finite a little longer than exp(x). */
  private static HloInstruction half(HloBuilder b, HloInstruction x) {
    return exp(b, add(b, x, -LOG_2));
  }

  /** Returns the number whose hyperbolic sine is x. */
  public static HloInstruction asinh(HloBuilder b, HloInstruction x) {
    return function(
        b,
        x,
        (f, in) -> {
          HloInstruction size = unary(f, UnaryKind.ABS, in);
          HloInstruction root = unary(f, UnaryKind.SQRT, add(f, mul(f, size, size), 1));
          HloInstruction more = div(f, mul(f, size, size), add(f, root, 1));
          HloInstruction moderate = unary(f, UnaryKind.LOG_PLUS_ONE, add(f, size, more));
          return mul(f, unary(f, UnaryKind.SIGN, in), orLarge(f, size, moderate));
        },
        (g, in) -> unary(g, UnaryKind.RSQRT, add(g, mul(g, in, in), 1)));
  }

  /** Returns the number whose hyperbolic cosine is x. */
  public static HloInstruction acosh(HloBuilder b, HloInstruction x) {
    return function(
        b,
        x,
        (f, in) -> {
          HloInstruction less = add(f, in, -1);
          HloInstruction root = unary(f, UnaryKind.SQRT, mul(f, less, add(f, in, 1)));
          return orLarge(f, in, unary(f, UnaryKind.LOG_PLUS_ONE, add(f, less, root)));
        },
        (g, in) -> unary(g, UnaryKind.RSQRT, negate(g, oneMinusSquare(g, in))));
  }

  /** Returns log(2 x) where the square of x would overflow. */
  private static HloInstruction orLarge(HloBuilder b, HloInstruction x, HloInstruction moderate) {
    HloInstruction isLarge = compare(b, ComparisonDirection.GT, x, 1e15);
    return select(b, isLarge, add(b, Primitives.log(b, x), LOG_2), moderate);
  }

  /** Returns the number whose hyperbolic tangent is x. */
  public static HloInstruction atanh(HloBuilder b, HloInstruction x) {
    return function(
        b,
        x,
        (f, in) -> {
          HloInstruction up = unary(f, UnaryKind.LOG_PLUS_ONE, in);
          HloInstruction down = unary(f, UnaryKind.LOG_PLUS_ONE, negate(f, in));
          return mul(f, sub(f, up, down), 0.5);
        },
        (g, in) -> Elementwise.reciprocal(g, oneMinusSquare(g, in)));
  }
}
