package io.lazytensor;

import static io.lazytensor.internal.ops.ActivationOps.SIGMOID;
import static io.lazytensor.internal.ops.ActivationOps.TANH;
import static io.lazytensor.internal.ops.MathOps.*;

import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;

/** Functions of single elements, part of {@link Tensor}. */
abstract sealed class MathMethods extends TensorCalls permits ArithmeticMethods {
  MathMethods(Recorder recorder, HloInstruction node) {
    super(recorder, node);
  }

  MathMethods() {}

  /** Returns the negative. */
  public final Tensor neg() {
    return call(NEG);
  }

  /** Returns the magnitude. */
  public final Tensor abs() {
    return call(ABS);
  }

  /** Returns e to the power of this. */
  public final Tensor exp() {
    return call(EXP);
  }

  /** Returns 2 to the power of this. */
  public final Tensor exp2() {
    return call(EXP2);
  }

  /** Returns e to the power of this, minus 1, exact also near 0. */
  public final Tensor expm1() {
    return call(EXPM1);
  }

  /** Returns the natural logarithm. */
  public final Tensor log() {
    return call(LOG);
  }

  /** Returns the logarithm to base 2. */
  public final Tensor log2() {
    return call(LOG2);
  }

  /** Returns the logarithm to base 10. */
  public final Tensor log10() {
    return call(LOG10);
  }

  /** Returns the logarithm of 1 plus this, exact also near 0. */
  public final Tensor log1p() {
    return call(LOG1P);
  }

  /** Returns the square root. */
  public final Tensor sqrt() {
    return call(SQRT);
  }

  /** Returns one over the square root. */
  public final Tensor rsqrt() {
    return call(RSQRT);
  }

  /** Returns the square. */
  public final Tensor square() {
    return call(SQUARE);
  }

  /** Returns one over this. */
  public final Tensor reciprocal() {
    return call(RECIPROCAL);
  }

  /** Returns the sine. */
  public final Tensor sin() {
    return call(SIN);
  }

  /** Returns the cosine. */
  public final Tensor cos() {
    return call(COS);
  }

  /** Returns the tangent. */
  public final Tensor tan() {
    return call(TAN);
  }

  /** Returns the angle whose sine is this. */
  public final Tensor asin() {
    return call(ASIN);
  }

  /** Returns the angle whose cosine is this. */
  public final Tensor acos() {
    return call(ACOS);
  }

  /** Returns the angle whose tangent is this. */
  public final Tensor atan() {
    return call(ATAN);
  }

  /** Returns the hyperbolic sine. */
  public final Tensor sinh() {
    return call(SINH);
  }

  /** Returns the hyperbolic cosine. */
  public final Tensor cosh() {
    return call(COSH);
  }

  /** Returns the hyperbolic tangent. */
  public final Tensor tanh() {
    return call(TANH);
  }

  /** Returns the number whose hyperbolic sine is this. */
  public final Tensor asinh() {
    return call(ASINH);
  }

  /** Returns the number whose hyperbolic cosine is this. */
  public final Tensor acosh() {
    return call(ACOSH);
  }

  /** Returns the number whose hyperbolic tangent is this. */
  public final Tensor atanh() {
    return call(ATANH);
  }

  /** Returns {@code 1 / (1 + exp(-x))}. */
  public final Tensor sigmoid() {
    return call(SIGMOID);
  }

  /** Returns the error function. */
  public final Tensor erf() {
    return call(ERF);
  }

  /** Returns 1 minus the error function, exact also where it is small. */
  public final Tensor erfc() {
    return call(ERFC);
  }

  /** Returns -1, 0 or 1. */
  public final Tensor sign() {
    return call(SIGN);
  }

  /** Returns the greatest integral value not greater. */
  public final Tensor floor() {
    return call(FLOOR);
  }

  /** Returns the smallest integral value not less. */
  public final Tensor ceil() {
    return call(CEIL);
  }

  /** Returns the nearest integral value, half to even. */
  public final Tensor round() {
    return call(ROUND);
  }

  /** Returns the integral part, towards zero. */
  public final Tensor trunc() {
    return call(TRUNC);
  }

  /** Returns the fractional part, with the sign. */
  public final Tensor frac() {
    return call(FRAC);
  }

  /**
   * Returns this with 0 in the place of NaN and the type's extreme numbers in that of infinities.
   */
  public final Tensor nanToNum() {
    return Calls.call(NAN_TO_NUM, this, 0, new Replacements(0, null, null));
  }

  /** Returns this with numbers in the place of NaN, ∞ and -∞. */
  public final Tensor nanToNum(double nan, double positive, double negative) {
    return Calls.call(NAN_TO_NUM, this, 0, new Replacements(nan, positive, negative));
  }
}
