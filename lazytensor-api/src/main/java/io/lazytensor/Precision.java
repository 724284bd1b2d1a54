package io.lazytensor;

import io.lazytensor.xla.ir.DType;

/**
 * In which type a step computes its matrix products. Parameters, reductions, norms and losses stay
 * in {@code f32}.
 *
 * @param compute {@code F32} or {@code BF16}
 */
public record Precision(DType compute) {
  private static final Precision F32 = new Precision(DType.F32);
  private static final Precision BF16 = new Precision(DType.BF16);

  /** Checks the type. */
  public Precision {
    if (compute != DType.F32 && compute != DType.BF16) {
      throw new IllegalArgumentException("a step computes in f32 or bf16, got " + compute);
    }
  }

  /** Returns single precision, the default. */
  public static Precision f32() {
    return F32;
  }

  /** Returns matrix products and activations in {@code bf16}. */
  public static Precision bf16() {
    return BF16;
  }
}
