package io.lazytensor.xla.ir;

/** Elementwise operations of two operands of one shape and type. */
public enum BinaryKind {
  /** Sum; wraps for integers, or for pred. */
  ADD,
  /** Bitwise and; logical for pred. */
  AND,
  /** Angle of the point (rhs, lhs), as C's {@code atan2(lhs, rhs)}. */
  ATAN2,
  /** Quotient; an integer divided by zero is all ones, the smallest by -1 itself. */
  DIVIDE,
  /** The greater; NaN if either is. */
  MAXIMUM,
  /** The smaller; NaN if either is. */
  MINIMUM,
  /** The upper half of the product of integers, whose full width is twice theirs. */
  MULHI,
  /** Product; wraps for integers, and for pred. */
  MULTIPLY,
  /** Bitwise or; logical for pred. */
  OR,
  /** Left to the power of right. */
  POWER,
  /** Remainder with the sign of the dividend; an integer modulo zero is the dividend. */
  REMAINDER,
  /** Shift towards the high bits; 0 for an amount not less than the width. */
  SHIFT_LEFT,
  /** Shift right that fills with the sign; the amount counts as unsigned. */
  SHIFT_RIGHT_ARITHMETIC,
  /** Shift right that fills with zeros; 0 for an amount not less than the width. */
  SHIFT_RIGHT_LOGICAL,
  /** Difference; wraps for integers. */
  SUBTRACT,
  /** Bitwise exclusive or; logical for pred. */
  XOR;

  private final HloOpcode code = HloOpcode.valueOf(name());

  /** Returns the opcode, whose constant has the same name. */
  public HloOpcode code() {
    return code;
  }

  /** Returns XLA's opcode. */
  public String hloName() {
    return code.hloName();
  }
}
