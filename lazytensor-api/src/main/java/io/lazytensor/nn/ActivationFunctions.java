package io.lazytensor.nn;

import static io.lazytensor.internal.ops.ActivationOps.*;

import io.lazytensor.Tensor;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;

/** Activations, part of {@link F}. */
abstract sealed class ActivationFunctions extends TensorFunctions permits EmbeddingLossFunctions {
  ActivationFunctions() {}

  private static Tensor plain(CallKind kind, Tensor x) {
    return Calls.call(kind, x, 0, null);
  }

  private static Tensor number(CallKind kind, Tensor x, double number) {
    return Calls.call(kind, x, Double.doubleToRawLongBits(number), null);
  }

  private static Tensor pair(CallKind kind, Tensor x, double first, double second) {
    return Calls.call(kind, x, 0, new Pair(first, second));
  }

  /** Returns {@code max(x, 0)}; its gradient at 0 is 0. */
  public static Tensor relu(Tensor x) {
    return plain(RELU, x);
  }

  /** Returns {@code min(max(x, 0), 6)}. */
  public static Tensor relu6(Tensor x) {
    return hardtanh(x, 0, 6);
  }

  /** Returns x where positive, else a hundredth of it. */
  public static Tensor leakyRelu(Tensor x) {
    return leakyRelu(x, 0.01);
  }

  /** Returns x where positive, else a share of it. */
  public static Tensor leakyRelu(Tensor x, double negativeSlope) {
    return number(LEAKY_RELU, x, negativeSlope);
  }

  /**
   * Returns x where positive, else x times a trained slope.
   *
   * @param weight {@code [1]}, or a slope for each channel, dimension 1
   */
  public static Tensor prelu(Tensor x, Tensor weight) {
    return Calls.call(PRELU, x, weight, 0, null);
  }

  /** Returns x where positive, else {@code exp(x) - 1}. */
  public static Tensor elu(Tensor x) {
    return elu(x, 1);
  }

  /** Returns x where positive, else {@code alpha (exp(x) - 1)}. */
  public static Tensor elu(Tensor x, double alpha) {
    return number(ELU, x, alpha);
  }

  /** Returns the exponential unit that keeps mean 0 and variance 1 (Klambauer et al., 2017). */
  public static Tensor selu(Tensor x) {
    return plain(SELU, x);
  }

  /** Returns x where positive, else {@code alpha (exp(x / alpha) - 1)}. */
  public static Tensor celu(Tensor x, double alpha) {
    return number(CELU, x, alpha);
  }

  /** Returns x times the normal distribution function of x, exactly. */
  public static Tensor gelu(Tensor x) {
    return plain(GELU, x);
  }

  /** Returns the approximation of {@link #gelu} by tanh. */
  public static Tensor geluTanh(Tensor x) {
    return plain(GELU_TANH, x);
  }

  /** Returns {@code x sigmoid(x)}. */
  public static Tensor silu(Tensor x) {
    return plain(SILU, x);
  }

  /** Returns {@code x tanh(softplus(x))}. */
  public static Tensor mish(Tensor x) {
    return plain(MISH, x);
  }

  /** Returns {@code 1 / (1 + exp(-x))}. */
  public static Tensor sigmoid(Tensor x) {
    return plain(SIGMOID, x);
  }

  /** Returns the logarithm of {@link #sigmoid} without overflow. */
  public static Tensor logSigmoid(Tensor x) {
    return plain(LOG_SIGMOID, x);
  }

  /** Returns {@code min(max(x + 3, 0), 6) / 6}. */
  public static Tensor hardsigmoid(Tensor x) {
    return plain(HARDSIGMOID, x);
  }

  /** Returns {@code x hardsigmoid(x)}. */
  public static Tensor hardswish(Tensor x) {
    return plain(HARDSWISH, x);
  }

  /** Returns x between -1 and 1. */
  public static Tensor hardtanh(Tensor x) {
    return hardtanh(x, -1, 1);
  }

  /** Returns x within bounds; its gradient is 0 at a bound and beyond. */
  public static Tensor hardtanh(Tensor x, double min, double max) {
    return pair(HARDTANH, x, min, max);
  }

  /** Returns x where its magnitude exceeds lambda, else 0. PyTorch's default is 0.5. */
  public static Tensor hardshrink(Tensor x, double lambda) {
    return number(HARDSHRINK, x, lambda);
  }

  /** Returns x moved towards 0 by lambda, at most to 0. PyTorch's default is 0.5. */
  public static Tensor softshrink(Tensor x, double lambda) {
    return number(SOFTSHRINK, x, lambda);
  }

  /** Returns x where it exceeds a threshold, else a value. */
  public static Tensor threshold(Tensor x, double threshold, double value) {
    return pair(THRESHOLD, x, threshold, value);
  }

  /** Returns the hyperbolic tangent. */
  public static Tensor tanh(Tensor x) {
    return plain(TANH, x);
  }

  /** Returns {@code x - tanh(x)}. */
  public static Tensor tanhshrink(Tensor x) {
    return plain(TANHSHRINK, x);
  }

  /** Returns {@code x / (1 + |x|)}. */
  public static Tensor softsign(Tensor x) {
    return plain(SOFTSIGN, x);
  }

  /** Returns {@code log(1 + exp(x))}. */
  public static Tensor softplus(Tensor x) {
    return softplus(x, 1, 20);
  }

  /** Returns {@code log(1 + exp(beta x)) / beta}, and x where {@code beta x} is above a number. */
  public static Tensor softplus(Tensor x, double beta, double threshold) {
    return pair(SOFTPLUS, x, beta, threshold);
  }

  /** Returns exponentials that sum to 1 along a dimension. */
  public static Tensor softmax(Tensor x, int dim) {
    return Calls.call(SOFTMAX, x, dim, null);
  }

  /** Returns {@link #softmax} of the negative. */
  public static Tensor softmin(Tensor x, int dim) {
    return Calls.call(SOFTMIN, x, dim, null);
  }

  /** Returns the logarithm of {@link #softmax}. */
  public static Tensor logSoftmax(Tensor x, int dim) {
    return Calls.call(LOG_SOFTMAX, x, dim, null);
  }

  /** Returns the first half of a dimension times the sigmoid of the second. */
  public static Tensor glu(Tensor x, int dim) {
    return Calls.call(GLU, x, dim, null);
  }
}
