package io.lazytensor.pjrt.internal;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloOpcode;

/** How far XLA's CPU compiler and the evaluator may be apart: the table of docs/numerics.md. */
final class AgreementBounds {
  /** What a comparison says. */
  enum Verdict {
    AGREES,
    /** A known difference, which docs/numerics.md explains. */
    EXPLAINED,
    DIFFERS
  }

  private AgreementBounds() {}

  static Verdict judge(AgreementCase one, Agreement agreement) {
    if (agreement.units() <= units(one.opcode(), one.dtype())
        || agreement.scaled() <= scaled(one.opcode(), one.dtype())) {
      return Verdict.AGREES;
    }
    return isExplained(one) ? Verdict.EXPLAINED : Verdict.DIFFERS;
  }

  /** Returns units in the last place of each element; both sides' errors together. */
  private static double units(HloOpcode opcode, DType dtype) {
    return switch (opcode) {
      case ACOS, ACOSH, ASIN, ASINH, ATANH, COSH, SINH, TAN -> 8;
      case ATAN2,
          CBRT,
          COSINE,
          ERF,
          EXPONENTIAL,
          EXPONENTIAL_MINUS_ONE,
          LOG,
          LOG_PLUS_ONE,
          LOGISTIC,
          POWER,
          RSQRT,
          SINE,
          SQRT,
          TANH ->
          4;
      case DIVIDE -> 1;
      default -> 0;
    };
  }

  /**
   * Returns units in the last place of the largest element, for sums in another order and for
   * complex numbers, whose small parts carry the errors of large ones.
   */
  private static double scaled(HloOpcode opcode, DType dtype) {
    if (dtype.isComplex()) {
      return 16;
    }
    return switch (opcode) {
      case BATCH_NORM_GRAD,
          BATCH_NORM_INFERENCE,
          BATCH_NORM_TRAINING,
          CHOLESKY,
          CONVOLUTION,
          DOT,
          FFT,
          REDUCE,
          REDUCE_WINDOW,
          SCATTER,
          SELECT_AND_SCATTER,
          TRIANGULAR_SOLVE ->
          dtype.isFloating() ? 16 : 0;
      default -> 0;
    };
  }

  private static boolean isExplained(AgreementCase one) {
    DType dtype = one.dtype();
    // XLA's CPU compiler computes these in 8 bits, with what is above the element's own bits.
    boolean partOfByte =
        one.module().entry().instructions().stream()
            .anyMatch(x -> x.shape() instanceof ArrayShape s && isPartOfByte(s.dtype()));
    // Neither zero nor negative numbers: what becomes of them is each side's own choice.
    boolean exponentOnly = dtype == DType.F8E8M0FNU;
    // XLA's formulas overflow on the way, or meet infinity minus infinity, where ours do not.
    boolean complexFormula =
        dtype.isComplex()
            && switch (one.opcode()) {
              // Infinity with NaN: an infinity in C, NaN in XLA. Complex numbers have no order.
              case ABS, MAXIMUM, MINIMUM -> true;
              // Negative numbers to unsigned ones: 0.81 wraps, later ones saturate.
              case CONVERT -> true;
              case ATAN2, COSINE, DIVIDE, EXPONENTIAL, LOG, LOGISTIC, POWER, SINE, TAN, TANH ->
                  true;
              default -> false;
            };
    // XLA rounds each step to 8 bits, which overflows.
    boolean stepsOfEightBits =
        one.module().entry().instructions().stream()
                .anyMatch(x -> x.shape() instanceof ArrayShape s && isEightBits(s.dtype()))
            && switch (one.opcode()) {
              case BATCH_NORM_GRAD,
                  BATCH_NORM_INFERENCE,
                  BATCH_NORM_TRAINING,
                  CHOLESKY,
                  CONVOLUTION,
                  DOT,
                  REDUCE,
                  REDUCE_WINDOW,
                  TRIANGULAR_SOLVE ->
                  true;
              default -> false;
            };
    return partOfByte || exponentOnly || complexFormula || stepsOfEightBits;
  }

  private static boolean isEightBits(DType dtype) {
    return dtype.isFloating() && dtype.bitWidth() == 8;
  }

  private static boolean isPartOfByte(DType dtype) {
    return dtype != DType.PRED && dtype.bitWidth() < 8;
  }
}
