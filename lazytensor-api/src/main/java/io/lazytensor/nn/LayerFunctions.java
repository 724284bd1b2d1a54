package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.internal.ops.FunctionOps;
import io.lazytensor.internal.ops.TensorOps;
import io.lazytensor.internal.record.Calls;

/** What layers compute, part of {@link F}. */
abstract sealed class LayerFunctions extends LossFunctions permits RegionFunctions {
  LayerFunctions() {}

  /** Returns {@code x weightᵀ}, with weight {@code [out, in]}. */
  public static Tensor linear(Tensor x, Tensor weight) {
    long compute = Calls.recorder(x).compute().ordinal();
    return Calls.call(TensorOps.LINEAR, x, weight, compute, null);
  }

  /** Returns {@code x weightᵀ + bias}, with weight {@code [out, in]} and bias {@code [out]}. */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    long compute = Calls.recorder(x).compute().ordinal();
    return Calls.call(TensorOps.LINEAR, x, weight, bias, compute, null);
  }

  /** Returns rows of a table {@code [n, d]} by {@code s32} indices of any shape. */
  public static Tensor embedding(Tensor indices, Tensor table) {
    return Calls.call(TensorOps.EMBEDDING, table, indices, 0, null);
  }

  /** Returns x with mean 0 and variance 1 over the weight's dimensions, scaled and shifted. */
  public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
    return Calls.call(
        FunctionOps.LAYER_NORM, x, weight, bias, Double.doubleToRawLongBits(eps), null);
  }

  /**
   * Zeroes elements at random and scales the others so that the mean stays. Does nothing in
   * evaluation steps.
   *
   * @param rate the share that is zeroed, 0 to 1
   */
  public static Tensor dropout(Tensor x, double rate) {
    if (!(rate >= 0 && rate <= 1)) {
      throw new IllegalArgumentException("a dropout rate is between 0 and 1, got " + rate);
    }
    if (rate == 0 || !Calls.recorder(x).training()) {
      return x;
    }
    return Calls.random(FunctionOps.DROPOUT, x, (float) rate);
  }

  /** Returns one-hot rows of {@code s32} classes, {@code s32[…, classes]}. */
  public static Tensor oneHot(Tensor indices, int classes) {
    return Calls.call(TensorOps.ONE_HOT, indices, classes, null);
  }
}
