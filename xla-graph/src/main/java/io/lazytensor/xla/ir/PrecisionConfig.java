package io.lazytensor.xla.ir;

import java.util.Locale;

/**
 * How exactly a product is computed. What is asked for is a minimum; CPU backends compute f32
 * products in f32 whatever is asked.
 *
 * @param lhs precision of the left operand
 * @param rhs precision of the right operand
 * @param algorithm the algorithm
 */
public record PrecisionConfig(Precision lhs, Precision rhs, Algorithm algorithm) {
  /** Leaves it to the backend. */
  public static final PrecisionConfig DEFAULT =
      new PrecisionConfig(Precision.DEFAULT, Precision.DEFAULT, Algorithm.UNSET);

  /** Precision of an operand, in the order of XLA's {@code PrecisionConfig.Precision}. */
  public enum Precision {
    /** Fastest, may be less exact than the type. */
    DEFAULT,
    /** In between. */
    HIGH,
    /** As exact as the type. */
    HIGHEST;

    /** Returns the spelling in HLO text. */
    public String hloName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Algorithms of {@code dot}, in the order of XLA's {@code PrecisionConfig.Algorithm}. */
  public enum Algorithm {
    /** Follows the operand precisions. */
    UNSET,
    /** Any 8-bit floats, f32 accumulator. */
    DOT_ANY_F8_ANY_F8_F32,
    /** The same with a less exact accumulator. */
    DOT_ANY_F8_ANY_F8_F32_FAST_ACCUM,
    /** All f16. */
    DOT_F16_F16_F16,
    /** Operands f16, accumulator f32. */
    DOT_F16_F16_F32,
    /** All bf16. */
    DOT_BF16_BF16_BF16,
    /** Operands bf16, accumulator f32. */
    DOT_BF16_BF16_F32,
    /** Three bf16 products for one of f32. */
    DOT_BF16_BF16_F32_X3,
    /** Six bf16 products for one of f32. */
    DOT_BF16_BF16_F32_X6,
    /** Operands rounded to tf32. */
    DOT_TF32_TF32_F32,
    /** Three tf32 products for one of f32. */
    DOT_TF32_TF32_F32_X3,
    /** All f32. */
    DOT_F32_F32_F32,
    /** All f64. */
    DOT_F64_F64_F64,
    /** Nine bf16 products for one of f32. */
    DOT_BF16_BF16_F32_X9;

    /** Returns the spelling in HLO text. */
    public String hloName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
