package io.lazytensor;

import static io.lazytensor.internal.ops.MathOps.*;

import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;

/** Arithmetic of two, part of {@link Tensor}. */
abstract sealed class ArithmeticMethods extends MathMethods permits ComparisonMethods {
  ArithmeticMethods(Recorder recorder, HloInstruction node) {
    super(recorder, node);
  }

  ArithmeticMethods() {}

  /** Returns the sum. */
  public final Tensor add(Tensor other) {
    return call(ADD, other);
  }

  /** Returns the sum with a number. */
  public final Tensor add(double number) {
    return call(ADD_NUMBER, number);
  }

  /** Returns the difference. */
  public final Tensor sub(Tensor other) {
    return call(SUB, other);
  }

  /** Returns the difference to a number. */
  public final Tensor sub(double number) {
    return call(SUB_NUMBER, number);
  }

  /** Returns a number minus this. PyTorch: {@code rsub}. */
  public final Tensor rsub(double number) {
    return call(RSUB_NUMBER, number);
  }

  /** Returns the product. */
  public final Tensor mul(Tensor other) {
    return call(MUL, other);
  }

  /** Returns the product with a number. */
  public final Tensor mul(double number) {
    return call(MUL_NUMBER, number);
  }

  /** Returns the quotient; of integers, as {@code f32}. */
  public final Tensor div(Tensor other) {
    return call(DIV, other);
  }

  /** Returns the quotient by a number. */
  public final Tensor div(double number) {
    return call(DIV_NUMBER, number);
  }

  /** Returns a number divided by this. PyTorch: {@code __rdiv__}. */
  public final Tensor rdiv(double number) {
    return call(RDIV_NUMBER, number);
  }

  /** Returns the quotient rounded down; its gradient is 0. Of integers, an integer. */
  public final Tensor floorDivide(Tensor other) {
    return call(FLOOR_DIVIDE, other);
  }

  /** Returns the quotient by a number, rounded down. */
  public final Tensor floorDivide(double number) {
    return call(FLOOR_DIVIDE_NUMBER, number);
  }

  /** Returns the remainder, with the divisor's sign. */
  public final Tensor remainder(Tensor other) {
    return call(REMAINDER, other);
  }

  /** Returns the remainder of a division by a number, with its sign. */
  public final Tensor remainder(double number) {
    return call(REMAINDER_NUMBER, number);
  }

  /** Returns the remainder, with the dividend's sign. */
  public final Tensor fmod(Tensor other) {
    return call(FMOD, other);
  }

  /** Returns the remainder of a division by a number, with this tensor's sign. */
  public final Tensor fmod(double number) {
    return call(FMOD_NUMBER, number);
  }

  /** Returns this to the power of another tensor. */
  public final Tensor pow(Tensor exponent) {
    return call(POW, exponent);
  }

  /** Returns this to the power of a number. */
  public final Tensor pow(double exponent) {
    return call(POW_NUMBER, exponent);
  }

  /** Returns a number to the power of this. PyTorch: {@code __rpow__}. */
  public final Tensor rpow(double base) {
    return call(RPOW_NUMBER, base);
  }

  /** Returns the greater of two, NaN if either is; equal ones share the gradient. */
  public final Tensor maximum(Tensor other) {
    return call(MAXIMUM, other);
  }

  /** Returns the greater of this and a number. */
  public final Tensor maximum(double number) {
    return call(MAXIMUM_NUMBER, number);
  }

  /** Returns the lesser of two, NaN if either is; equal ones share the gradient. */
  public final Tensor minimum(Tensor other) {
    return call(MINIMUM, other);
  }

  /** Returns the lesser of this and a number. */
  public final Tensor minimum(double number) {
    return call(MINIMUM_NUMBER, number);
  }

  /** Returns this within bounds; the gradient at a bound is 0. */
  public final Tensor clamp(double min, double max) {
    return Calls.call(CLAMP, this, 0, new Bounds(min, max));
  }

  /**
   * Returns this within bounds, which broadcast; an element equal to its bound shares the gradient.
   */
  public final Tensor clamp(Tensor min, Tensor max) {
    return call(CLAMP_TENSORS, min, max);
  }

  /** Returns this, not below a bound; the gradient at it is 0. PyTorch: {@code clamp_min}. */
  public final Tensor clampMin(double min) {
    return Calls.call(CLAMP, this, 0, new Bounds(min, null));
  }

  /** Returns this, not below a bound. */
  public final Tensor clampMin(Tensor min) {
    return call(CLAMP_MIN, min);
  }

  /** Returns this, not above a bound; the gradient at it is 0. PyTorch: {@code clamp_max}. */
  public final Tensor clampMax(double max) {
    return Calls.call(CLAMP, this, 0, new Bounds(null, max));
  }

  /** Returns this, not above a bound. */
  public final Tensor clampMax(Tensor max) {
    return call(CLAMP_MAX, max);
  }

  /** Returns the angle of the points (other, this). */
  public final Tensor atan2(Tensor other) {
    return call(ATAN2, other);
  }

  /** Returns √(this² + other²). */
  public final Tensor hypot(Tensor other) {
    return call(HYPOT, other);
  }

  /** Returns log(exp(this) + exp(other)). PyTorch: {@code logaddexp}. */
  public final Tensor logAddExp(Tensor other) {
    return call(LOG_ADD_EXP, other);
  }

  /** Returns this times the logarithm of another, 0 where this is 0. */
  public final Tensor xlogy(Tensor other) {
    return call(XLOGY, other);
  }

  /** Returns {@code this + weight (end - this)}. */
  public final Tensor lerp(Tensor end, Tensor weight) {
    return call(LERP, end, weight);
  }

  /** Returns {@code this + weight (end - this)}. */
  public final Tensor lerp(Tensor end, double weight) {
    return Calls.call(LERP_NUMBER, this, end, Double.doubleToRawLongBits(weight), null);
  }

  /** Returns {@code this + value x y}. */
  public final Tensor addcmul(Tensor x, Tensor y, double value) {
    return call(ADDCMUL, x, y, value);
  }

  /** Returns {@code this + value x / y}. */
  public final Tensor addcdiv(Tensor x, Tensor y, double value) {
    return call(ADDCDIV, x, y, value);
  }
}
