package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.internal.ops.AttentionOps;
import io.lazytensor.internal.ops.LayerOps;
import io.lazytensor.internal.ops.TensorOps;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.HostIndices;
import io.lazytensor.internal.record.Recorder;
import java.util.List;
import java.util.Optional;

/** What layers compute, part of {@link F}. */
abstract sealed class LayerFunctions extends WindowFunctions permits RegionFunctions {
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

  /** Returns {@code leftᵀ weight right + bias}, with weight {@code [out, in1, in2]}. */
  public static Tensor bilinear(
      Tensor left, Tensor right, Tensor weight, Optional<? extends Tensor> bias) {
    List<Tensor> operands = new java.util.ArrayList<>(List.of(left, right, weight));
    bias.ifPresent(operands::add);
    return Calls.many(LayerOps.BILINEAR, operands, 0, null);
  }

  /**
   * Returns rows of a table {@code [n, d]} by {@code s32} indices of any shape.
   *
   * @throws io.lazytensor.IndexException if indices from the host are out of range; of computed
   *     ones the nearest row in range is read
   */
  public static Tensor embedding(Tensor indices, Tensor table) {
    return embedding(indices, table, Embedding.NO_PADDING);
  }

  /** Returns rows of a table, of which one has no gradient; none if negative. */
  public static Tensor embedding(Tensor indices, Tensor table, int paddingIndex) {
    HostIndices.require(LayerOps.EMBEDDING, table, 0, indices);
    return Calls.call(LayerOps.EMBEDDING, table, indices, paddingIndex, null);
  }

  /**
   * Returns bags of rows of a table, each made into one row.
   *
   * @param indices {@code s32[batch, bag]}
   * @param weights a factor for each index, {@code [batch, bag]}, with {@link BagMode#SUM} only
   * @param paddingIndex the index that does not count; none if negative
   */
  public static Tensor embeddingBag(
      Tensor indices,
      Tensor table,
      BagMode mode,
      Optional<? extends Tensor> weights,
      int paddingIndex) {
    HostIndices.require(LayerOps.EMBEDDING_BAG, table, 0, indices);
    return OperandList.of(table, indices)
        .with(weights)
        .record(LayerOps.EMBEDDING_BAG, new LayerOps.Bag(mode, weights.isPresent(), paddingIndex));
  }

  /** Returns x with mean 0 and variance 1 over the weight's dimensions, scaled and shifted. */
  public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
    return layerNorm(x, weight.rank(), Optional.of(weight), Optional.of(bias), eps);
  }

  /**
   * Returns x with mean 0 and variance 1 over its last dimensions, scaled and shifted.
   *
   * @param dims how many dimensions
   */
  public static Tensor layerNorm(
      Tensor x,
      int dims,
      Optional<? extends Tensor> weight,
      Optional<? extends Tensor> bias,
      double eps) {
    return OperandList.of(x)
        .with(weight)
        .with(bias)
        .record(
            LayerOps.LAYER_NORM,
            new LayerOps.Norm(dims, weight.isPresent(), bias.isPresent(), eps));
  }

  /** Returns x divided by the root of the mean square of its last dimensions, and scaled. */
  public static Tensor rmsNorm(Tensor x, int dims, Optional<? extends Tensor> weight, double eps) {
    return OperandList.of(x)
        .with(weight)
        .record(LayerOps.RMS_NORM, new LayerOps.Norm(dims, weight.isPresent(), false, eps));
  }

  /** Returns {@code [batch, channels, …]} with groups of channels normalized for each sample. */
  public static Tensor groupNorm(
      Tensor x,
      int groups,
      Optional<? extends Tensor> weight,
      Optional<? extends Tensor> bias,
      double eps) {
    return OperandList.of(x)
        .with(weight)
        .with(bias)
        .record(
            LayerOps.GROUP_NORM,
            new LayerOps.Norm(groups, weight.isPresent(), bias.isPresent(), eps));
  }

  /** Returns {@code [batch, channels, …]} with each channel normalized for each sample. */
  public static Tensor instanceNorm(
      Tensor x, Optional<? extends Tensor> weight, Optional<? extends Tensor> bias, double eps) {
    return OperandList.of(x)
        .with(weight)
        .with(bias)
        .record(
            LayerOps.INSTANCE_NORM,
            new LayerOps.Norm(0, weight.isPresent(), bias.isPresent(), eps));
  }

  /** Applies a {@link BatchNorm} and, in training steps, moves its running statistics. */
  static Tensor batchNorm(Tensor x, BatchNorm layer) {
    boolean tracked = layer.runningMean().isPresent();
    LayerOps.BatchNorm options =
        new LayerOps.BatchNorm(
            layer.weight().isPresent(),
            layer.bias().isPresent(),
            tracked,
            layer.eps(),
            layer.momentum());
    OperandList in = OperandList.of(x).with(layer.weight()).with(layer.bias());
    in = in.with(layer.runningMean()).with(layer.runningVariance());
    if (!tracked || !Calls.recorder(x).training()) {
      return in.record(LayerOps.BATCH_NORM_EVALUATED, options);
    }
    in = in.with(layer.batches());
    List<Tensor> results = in.record(LayerOps.BATCH_NORM, options, false);
    layer.runningMean().orElseThrow().assign(results.get(1));
    layer.runningVariance().orElseThrow().assign(results.get(2));
    layer.batches().orElseThrow().assign(results.get(3));
    return results.get(0);
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
    return Calls.random(LayerOps.DROPOUT, x, (float) rate);
  }

  /** Returns the values each query attends to, without mask and dropout. */
  public static Tensor scaledDotProductAttention(Tensor query, Tensor key, Tensor value) {
    return scaledDotProductAttention(query, key, value, AttentionOptions.DEFAULT);
  }

  /**
   * Returns the values each query attends to: {@code softmax(query keyᵀ scale + mask) value}. A
   * query that may look nowhere gets zeros.
   *
   * @param query {@code [..., queries, width]}
   * @param key {@code [..., keys, width]}
   * @param value {@code [..., keys, size]}
   * @return {@code [..., queries, size]}
   */
  public static Tensor scaledDotProductAttention(
      Tensor query, Tensor key, Tensor value, AttentionOptions options) {
    Recorder recorder = Calls.recorder(query);
    double rate = recorder.training() ? options.dropout() : 0;
    AttentionOps.Plain attribute =
        new AttentionOps.Plain(
            options.mask().isPresent(),
            options.causal(),
            options.scale().orElse(null),
            rate,
            rate > 0 ? recorder.nextStream() : 0);
    return OperandList.of(query, key, value)
        .with(options.mask())
        .record(AttentionOps.ATTENTION, attribute, rate > 0)
        .getFirst();
  }

  /** Returns one-hot rows of {@code s32} classes, {@code s32[…, classes]}. */
  public static Tensor oneHot(Tensor indices, int classes) {
    HostIndices.require(TensorOps.ONE_HOT, classes + " classes", classes, indices);
    return Calls.call(TensorOps.ONE_HOT, indices, classes, null);
  }
}
