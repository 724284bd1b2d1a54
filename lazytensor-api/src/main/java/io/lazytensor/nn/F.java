package io.lazytensor.nn;

import io.lazytensor.Gradients;
import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import io.lazytensor.internal.ops.FunctionOps;
import io.lazytensor.internal.ops.TensorOps;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.ShapeException;
import java.util.ArrayList;
import java.util.List;

/** Functions of tensors, for static import. PyTorch: {@code torch.nn.functional}. */
public final class F {
  /** Leaves reduced dimensions behind with size 1: {@code x.mean(1, keepDim)}. */
  public static final Tensor.KeepDim keepDim = Tensor.KeepDim.KEEP;

  private F() {}

  private static Tensor number(CallKind kind, Tensor x, double number) {
    return Calls.call(kind, x, Double.doubleToRawLongBits(number), null);
  }

  // ---- activations ------------------------------------------------------------------------------

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

  // ---- losses -----------------------------------------------------------------------------------

  /**
   * Returns the mean cross-entropy of scores before softmax.
   *
   * @param logits {@code [N, C]}, {@code [N, C, …]} or {@code [C]}
   * @param target {@code s32} classes {@code [N]}, {@code [N, …]} or {@code []}, of which -100 does
   *     not count; or probabilities of the logits' shape
   * @return {@code f32[]}
   */
  public static Tensor crossEntropy(Tensor logits, Tensor target) {
    return crossEntropy(logits, target, Reduction.MEAN, -100, 0);
  }

  /**
   * Returns the cross-entropy of scores before softmax.
   *
   * @param ignoreIndex the class number that does not count
   * @param labelSmoothing the share of the target spread over all classes, 0 to 1
   */
  public static Tensor crossEntropy(
      Tensor logits, Tensor target, Reduction reduction, int ignoreIndex, double labelSmoothing) {
    return Calls.call(
        FunctionOps.CROSS_ENTROPY,
        logits,
        target,
        0,
        new FunctionOps.ClassLoss(reduction, ignoreIndex, labelSmoothing));
  }

  /** Returns the mean squared difference. */
  public static Tensor mse(Tensor prediction, Tensor target) {
    return loss(FunctionOps.MSE, prediction, target, Reduction.MEAN);
  }

  /** Returns the squared differences, reduced. */
  public static Tensor mse(Tensor prediction, Tensor target, Reduction reduction) {
    return loss(FunctionOps.MSE, prediction, target, reduction);
  }

  /** Returns the mean absolute difference. */
  public static Tensor l1(Tensor prediction, Tensor target) {
    return loss(FunctionOps.L1, prediction, target, Reduction.MEAN);
  }

  /** Returns the mean binary cross-entropy of probabilities. */
  public static Tensor bce(Tensor probability, Tensor target) {
    return loss(FunctionOps.BCE, probability, target, Reduction.MEAN);
  }

  /** Returns the mean binary cross-entropy of scores before the sigmoid. */
  public static Tensor bceWithLogits(Tensor logits, Tensor target) {
    return loss(FunctionOps.BCE_WITH_LOGITS, logits, target, Reduction.MEAN);
  }

  /** Returns the binary cross-entropy of scores before the sigmoid, reduced. */
  public static Tensor bceWithLogits(Tensor logits, Tensor target, Reduction reduction) {
    return loss(FunctionOps.BCE_WITH_LOGITS, logits, target, reduction);
  }

  private static Tensor loss(CallKind kind, Tensor prediction, Tensor target, Reduction reduction) {
    return Calls.call(kind, prediction, target, reduction.ordinal(), null);
  }

  // ---- layers' functions ------------------------------------------------------------------------

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

  // ---- shapes and choice ------------------------------------------------------------------------

  /** Returns x where a condition holds, else y. */
  public static Tensor where(Tensor condition, Tensor x, Tensor y) {
    return Calls.call(TensorOps.WHERE, condition, x, y, 0, null);
  }

  /** Joins tensors along a dimension. PyTorch: {@code cat}. */
  public static Tensor concat(List<? extends Tensor> tensors, int dim) {
    return many(TensorOps.CONCAT, tensors, dim);
  }

  /** Joins tensors along a new dimension. */
  public static Tensor stack(List<? extends Tensor> tensors, int dim) {
    return many(TensorOps.STACK, tensors, dim);
  }

  private static Tensor many(CallKind kind, List<? extends Tensor> tensors, int dim) {
    if (tensors.isEmpty()) {
      throw new ShapeException(kind.name() + " takes at least one tensor, got none");
    }
    Tensor first = tensors.getFirst();
    Recorder recorder = Calls.recorder(first);
    recorder.begin();
    tensors.forEach(recorder::operand);
    return Calls.tensor(first, recorder, recorder.recordMany(kind, dim, null)[0]);
  }

  /** Cuts a tensor into pieces of a size along a dimension; the last may be smaller. */
  public static List<Tensor> split(Tensor x, int size, int dim) {
    Recorder recorder = Calls.recorder(x);
    recorder.begin();
    recorder.operand(x);
    List<Tensor> out = new ArrayList<>();
    for (HloInstruction piece : recorder.recordMany(TensorOps.SPLIT, 0, new int[] {size, dim})) {
      out.add(Calls.tensor(x, recorder, piece));
    }
    return out;
  }

  // ---- gradients --------------------------------------------------------------------------------

  /** Returns x as a constant for differentiation. PyTorch: {@code detach}. */
  public static Tensor stopGradient(Tensor x) {
    return x.detach();
  }

  /**
   * Computes the gradients of a scalar with respect to every trained parameter of a model.
   *
   * @throws io.lazytensor.autograd.GradientException if loss is no floating-point scalar, or a
   *     parameter does not take part in it
   */
  public static Gradients gradients(Tensor loss, Layer model) {
    return Gradients.of(loss, Calls.recorder(loss).partsOf(model, Layer::parameters));
  }

  /** Computes the gradients of a scalar with respect to these parameters. */
  public static Gradients gradients(Tensor loss, List<Parameter> parameters) {
    return Gradients.of(loss, parameters);
  }
}
