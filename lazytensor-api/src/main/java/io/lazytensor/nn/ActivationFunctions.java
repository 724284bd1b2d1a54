package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.internal.ops.FunctionOps;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;

/** Activations, part of {@link F}. */
abstract sealed class ActivationFunctions extends TensorFunctions permits LossFunctions {
  ActivationFunctions() {}

  private static Tensor number(CallKind kind, Tensor x, double number) {
    return Calls.call(kind, x, Double.doubleToRawLongBits(number), null);
  }

  /** Returns {@code max(x, 0)}; its gradient at 0 is 0. */
  public static Tensor relu(Tensor x) {
    return Calls.call(FunctionOps.RELU, x, 0, null);
  }

  /** Returns x where positive, else a share of it. */
  public static Tensor leakyRelu(Tensor x, double negativeSlope) {
    return number(FunctionOps.LEAKY_RELU, x, negativeSlope);
  }

  /** Returns x where positive, else {@code alpha (exp(x) - 1)}. */
  public static Tensor elu(Tensor x, double alpha) {
    return number(FunctionOps.ELU, x, alpha);
  }

  /** Returns x times the normal distribution function of x, exactly. */
  public static Tensor gelu(Tensor x) {
    return Calls.call(FunctionOps.GELU, x, 0, null);
  }

  /** Returns the approximation of {@link #gelu} by tanh. */
  public static Tensor geluTanh(Tensor x) {
    return Calls.call(FunctionOps.GELU_TANH, x, 0, null);
  }

  /** Returns {@code x sigmoid(x)}. */
  public static Tensor silu(Tensor x) {
    return Calls.call(FunctionOps.SILU, x, 0, null);
  }

  /** Returns {@code 1 / (1 + exp(-x))}. */
  public static Tensor sigmoid(Tensor x) {
    return Calls.call(FunctionOps.SIGMOID, x, 0, null);
  }

  /** Returns the hyperbolic tangent. */
  public static Tensor tanh(Tensor x) {
    return Calls.call(FunctionOps.TANH, x, 0, null);
  }

  /** Returns {@code log(1 + exp(x))}. */
  public static Tensor softplus(Tensor x) {
    return Calls.call(FunctionOps.SOFTPLUS, x, 0, null);
  }

  /** Returns exponentials that sum to 1 along a dimension. */
  public static Tensor softmax(Tensor x, int dim) {
    return Calls.call(FunctionOps.SOFTMAX, x, dim, null);
  }

  /** Returns the logarithm of {@link #softmax}. */
  public static Tensor logSoftmax(Tensor x, int dim) {
    return Calls.call(FunctionOps.LOG_SOFTMAX, x, dim, null);
  }
}
