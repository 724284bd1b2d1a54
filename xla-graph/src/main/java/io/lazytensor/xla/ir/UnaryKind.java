package io.lazytensor.xla.ir;

/**
 * Elementwise operations of one operand whose result has the operand's shape and type; only the
 * magnitude of a complex number is real.
 */
public enum UnaryKind {
  /** Magnitude; the smallest signed integer stays itself. */
  ABS,
  /** Angle whose cosine it is. */
  ACOS,
  /** Inverse hyperbolic cosine. */
  ACOSH,
  /** Angle whose sine it is. */
  ASIN,
  /** Inverse hyperbolic sine. */
  ASINH,
  /** Inverse hyperbolic tangent. */
  ATANH,
  /** Smallest integral value not less. */
  CEIL,
  /** Leading zero bits of an integer, in its own width. */
  COUNT_LEADING_ZEROS,
  /** Identity; marks a value as a thing of its own. */
  COPY,
  /** Hyperbolic cosine. */
  COSH,
  /** Cosine of radians. */
  COSINE,
  /** Cube root. */
  CBRT,
  /** Error function. */
  ERF,
  /** e to the power. */
  EXPONENTIAL,
  /** e to the power, minus one, exact near zero. */
  EXPONENTIAL_MINUS_ONE,
  /** Greatest integral value not greater. */
  FLOOR,
  /** Natural logarithm. */
  LOG,
  /** Natural logarithm of one plus the operand, exact near zero. */
  LOG_PLUS_ONE,
  /** 1 / (1 + exp(-x)). */
  LOGISTIC,
  /** Additive inverse; wraps for integers. */
  NEGATE,
  /** Bitwise complement; logical for pred. */
  NOT,
  /** One bits of an integer, in its own type. */
  POPULATION_COUNT,
  /** Nearest integral value, half away from zero. */
  ROUND_NEAREST_AFZ,
  /** Nearest integral value, half to even. */
  ROUND_NEAREST_EVEN,
  /** 1 / sqrt(x). */
  RSQRT,
  /** -1, 0 or 1; zeros keep their sign, NaN stays. */
  SIGN,
  /** Sine of radians. */
  SINE,
  /** Hyperbolic sine. */
  SINH,
  /** Square root. */
  SQRT,
  /** Tangent of radians. */
  TAN,
  /** Hyperbolic tangent. */
  TANH;

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
