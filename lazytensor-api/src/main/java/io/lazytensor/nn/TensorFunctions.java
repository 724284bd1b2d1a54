package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.internal.ops.CreationOps;
import io.lazytensor.internal.ops.LogicOps;
import io.lazytensor.internal.ops.ShapeOps;
import io.lazytensor.internal.ops.TensorOps;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.ShapeException;
import java.util.Arrays;
import java.util.List;

/** Functions of tensors that choose, join, make and compare, part of {@link F}. */
abstract sealed class TensorFunctions permits ActivationFunctions {
  TensorFunctions() {}

  private static long bits(double number) {
    return Double.doubleToRawLongBits(number);
  }

  /** Returns what a variance takes off the count of its elements, 1 by default. */
  public static Tensor.Correction correction(double count) {
    return new Tensor.Correction(count);
  }

  // ---- choosing ---------------------------------------------------------------------------------

  /** Returns x where a condition holds, else y. */
  public static Tensor where(Tensor condition, Tensor x, Tensor y) {
    return Calls.call(LogicOps.WHERE, condition, x, y, 0, null);
  }

  /** Returns x where a condition holds, else a number. */
  public static Tensor where(Tensor condition, Tensor x, double y) {
    return Calls.call(LogicOps.WHERE_ELSE_NUMBER, condition, x, bits(y), null);
  }

  /** Returns a number where a condition holds, else y. */
  public static Tensor where(Tensor condition, double x, Tensor y) {
    return Calls.call(LogicOps.WHERE_NUMBER_ELSE, condition, y, bits(x), null);
  }

  // ---- joining and cutting ----------------------------------------------------------------------

  /** Joins tensors along a dimension. PyTorch: {@code cat}. */
  public static Tensor concat(List<? extends Tensor> tensors, int dim) {
    return Calls.many(ShapeOps.CONCAT, tensors, dim, null);
  }

  /** Joins tensors along a new dimension. */
  public static Tensor stack(List<? extends Tensor> tensors, int dim) {
    return Calls.many(ShapeOps.STACK, tensors, dim, null);
  }

  /** Cuts a tensor into pieces of a size along a dimension; the last may be smaller. */
  public static List<Tensor> split(Tensor x, int size, int dim) {
    return x.split(size, dim);
  }

  /** Pads with zeros: low and high of the last dimension, then of the one before; less crops. */
  public static Tensor pad(Tensor x, int... padding) {
    return pad(x, 0, padding);
  }

  /** Pads with a number: low and high of the last dimension, then of the one before. */
  public static Tensor pad(Tensor x, double value, int[] padding) {
    return Calls.call(ShapeOps.PAD, x, bits(value), padding);
  }

  /** Pads with elements of x: low and high of the last dimension, then of the one before. */
  public static Tensor pad(Tensor x, PadMode mode, int... padding) {
    return Calls.call(ShapeOps.PAD_MODE, x, mode.ordinal(), padding);
  }

  /** Repeats each vector along the dimensions of the others; the first runs along dimension 0. */
  public static List<Tensor> meshgrid(Tensor... vectors) {
    return Calls.manyResults(CreationOps.MESHGRID, Arrays.asList(vectors), 0, null);
  }

  // ---- new tensors ------------------------------------------------------------------------------

  /** Returns zeros of x's shape and type. */
  public static Tensor zerosLike(Tensor x) {
    return fullLike(x, 0);
  }

  /** Returns ones of x's shape and type. */
  public static Tensor onesLike(Tensor x) {
    return fullLike(x, 1);
  }

  /** Returns a number in x's shape and type. */
  public static Tensor fullLike(Tensor x, double value) {
    return Calls.call(CreationOps.FULL_LIKE, x, bits(value), null);
  }

  /** Returns random numbers of {@code [0, 1)} in x's shape and type. */
  public static Tensor randLike(Tensor x) {
    return random(CreationOps.RAND, x);
  }

  /** Returns random numbers of the standard normal distribution in x's shape and type. */
  public static Tensor randnLike(Tensor x) {
    return random(CreationOps.RANDN, x);
  }

  private static Tensor random(CallKind kind, Tensor x) {
    ArrayShape shape = x.shape();
    Recorder recorder = Calls.recorder(x);
    HloInstruction key = recorder.randomKey();
    int stream = recorder.nextStream();
    return Calls.tensor(x, recorder, recorder.recordNodes(kind, key, null, null, stream, shape));
  }

  /** Returns 1 with the probability that an element is, else 0. */
  public static Tensor bernoulli(Tensor probabilities) {
    return Calls.random(CreationOps.BERNOULLI, probabilities, 0);
  }

  // ---- products and distances -------------------------------------------------------------------

  /**
   * Sums products by Einstein's convention: {@code einsum("bij,bjk->bik", x, y)}.
   *
   * @param equation as PyTorch's: ellipsis, repeated labels and an implicit result are understood
   * @throws io.lazytensor.xla.ir.ShapeException if the equation is none, or does not fit
   */
  public static Tensor einsum(String equation, Tensor... operands) {
    if (operands.length == 0) {
      throw new ShapeException("einsum takes at least one tensor, got none");
    }
    long compute = Calls.recorder(operands[0]).compute().ordinal();
    return Calls.many(TensorOps.EINSUM, Arrays.asList(operands), compute, equation);
  }

  /** Returns x over its Euclidean norm along a dimension. */
  public static Tensor normalize(Tensor x, int dim) {
    return normalize(x, 2, dim, 1e-12);
  }

  /** Returns x over its norm of an order along a dimension, or over eps if that is greater. */
  public static Tensor normalize(Tensor x, double order, int dim, double eps) {
    return Calls.call(TensorOps.NORMALIZE, x, 0, new TensorOps.Measure(order, dim, eps, false));
  }

  /** Returns the cosine of the angle between vectors along a dimension. */
  public static Tensor cosineSimilarity(Tensor x, Tensor y, int dim) {
    return cosineSimilarity(x, y, dim, 1e-8);
  }

  /** Returns the cosine of the angle between vectors, with norms of at least eps. */
  public static Tensor cosineSimilarity(Tensor x, Tensor y, int dim, double eps) {
    return Calls.call(
        TensorOps.COSINE_SIMILARITY, x, y, 0, new TensorOps.Measure(2, dim, eps, false));
  }

  /** Returns the Euclidean norm of x - y + 1e-6 along the last dimension. */
  public static Tensor pairwiseDistance(Tensor x, Tensor y) {
    return pairwiseDistance(x, y, 2, 1e-6);
  }

  /** Returns the norm of an order of x - y + eps along the last dimension. */
  public static Tensor pairwiseDistance(Tensor x, Tensor y, double order, double eps) {
    return Calls.call(
        TensorOps.PAIRWISE_DISTANCE, x, y, 0, new TensorOps.Measure(order, -1, eps, false));
  }

  /** Returns the Euclidean distances of all rows {@code [n,d]} to all rows {@code [m,d]}. */
  public static Tensor cdist(Tensor x, Tensor y) {
    return cdist(x, y, 2);
  }

  /** Returns the distances of an order of all rows {@code [n,d]} to all rows {@code [m,d]}. */
  public static Tensor cdist(Tensor x, Tensor y, double order) {
    return Calls.call(TensorOps.CDIST, x, y, bits(order), null);
  }
}
