package io.lazytensor;

import static io.lazytensor.internal.ops.LogicOps.*;
import static io.lazytensor.internal.ops.MathOps.Tolerances;

import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;

/** Comparisons, logic and bits, part of {@link Tensor}. Truth is {@code pred}. */
abstract sealed class ComparisonMethods extends ArithmeticMethods permits ReductionMethods {
  ComparisonMethods(Recorder recorder, HloInstruction node) {
    super(recorder, node);
  }

  ComparisonMethods() {}

  /** Returns where this equals the other. */
  public final Tensor eq(Tensor other) {
    return call(EQ, other);
  }

  /** Returns where this equals a number. */
  public final Tensor eq(double number) {
    return call(EQ_NUMBER, number);
  }

  /** Returns where this differs from the other. */
  public final Tensor ne(Tensor other) {
    return call(NE, other);
  }

  /** Returns where this differs from a number. */
  public final Tensor ne(double number) {
    return call(NE_NUMBER, number);
  }

  /** Returns where this is less than the other. */
  public final Tensor lt(Tensor other) {
    return call(LT, other);
  }

  /** Returns where this is less than a number. */
  public final Tensor lt(double number) {
    return call(LT_NUMBER, number);
  }

  /** Returns where this is at most the other. */
  public final Tensor le(Tensor other) {
    return call(LE, other);
  }

  /** Returns where this is at most a number. */
  public final Tensor le(double number) {
    return call(LE_NUMBER, number);
  }

  /** Returns where this is greater than the other. */
  public final Tensor gt(Tensor other) {
    return call(GT, other);
  }

  /** Returns where this is greater than a number. */
  public final Tensor gt(double number) {
    return call(GT_NUMBER, number);
  }

  /** Returns where this is at least the other. */
  public final Tensor ge(Tensor other) {
    return call(GE, other);
  }

  /** Returns where this is at least a number. */
  public final Tensor ge(double number) {
    return call(GE_NUMBER, number);
  }

  /** Returns where both are equal but for {@code atol + rtol |other|}. PyTorch: {@code isclose}. */
  public final Tensor isClose(Tensor other, double rtol, double atol) {
    return Calls.call(IS_CLOSE, this, other, 0, new Tolerances(rtol, atol));
  }

  /** Returns where this is NaN. PyTorch: {@code isnan}. */
  public final Tensor isNan() {
    return call(IS_NAN);
  }

  /** Returns where this is infinite. PyTorch: {@code isinf}. */
  public final Tensor isInf() {
    return call(IS_INF);
  }

  /** Returns where this is neither infinite nor NaN. PyTorch: {@code isfinite}. */
  public final Tensor isFinite() {
    return call(IS_FINITE);
  }

  /** Returns where both are true; anything but 0 is. PyTorch: {@code logical_and}. */
  public final Tensor and(Tensor other) {
    return call(AND, other);
  }

  /** Returns where either is true. PyTorch: {@code logical_or}. */
  public final Tensor or(Tensor other) {
    return call(OR, other);
  }

  /** Returns where exactly one is true. PyTorch: {@code logical_xor}. */
  public final Tensor xor(Tensor other) {
    return call(XOR, other);
  }

  /** Returns where this is false. PyTorch: {@code logical_not}. */
  public final Tensor not() {
    return call(NOT);
  }

  /** Returns the bits that both integers have. */
  public final Tensor bitwiseAnd(Tensor other) {
    return call(BITWISE_AND, other);
  }

  /** Returns the bits that either integer has. */
  public final Tensor bitwiseOr(Tensor other) {
    return call(BITWISE_OR, other);
  }

  /** Returns the bits that exactly one integer has. */
  public final Tensor bitwiseXor(Tensor other) {
    return call(BITWISE_XOR, other);
  }

  /** Returns the bits that an integer does not have. */
  public final Tensor bitwiseNot() {
    return call(BITWISE_NOT);
  }

  /** Returns the bits moved to the left. PyTorch: {@code bitwise_left_shift}. */
  public final Tensor shiftLeft(Tensor by) {
    return call(SHIFT_LEFT, by);
  }

  /** Returns the bits moved to the left by a number of places. */
  public final Tensor shiftLeft(double by) {
    return call(SHIFT_LEFT_NUMBER, by);
  }

  /**
   * Returns the bits moved to the right, signed integers with their sign. PyTorch: {@code
   * bitwise_right_shift}.
   */
  public final Tensor shiftRight(Tensor by) {
    return call(SHIFT_RIGHT, by);
  }

  /** Returns the bits moved to the right by a number of places. */
  public final Tensor shiftRight(double by) {
    return call(SHIFT_RIGHT_NUMBER, by);
  }

  /** Returns this with a number where a mask is true. */
  public final Tensor maskedFill(Tensor mask, double number) {
    return Calls.call(MASKED_FILL, this, mask, Double.doubleToRawLongBits(number), null);
  }

  /** Returns this with a scalar tensor's value where a mask is true. */
  public final Tensor maskedFill(Tensor mask, Tensor value) {
    return Calls.call(WHERE, mask, value, this, 0, null);
  }
}
