package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import io.lazytensor.internal.ops.AttentionOps;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import java.util.List;
import java.util.Optional;

/**
 * Attention of several heads. PyTorch: {@code nn.MultiheadAttention} with keys and values of the
 * query's width, and its initialization.
 *
 * @param inProjection {@code [3 width, width]}: queries, keys and values below each other
 * @param inProjectionBias {@code [3 width]}
 * @param outProjection {@code [width, width]}
 * @param heads how many; they divide the width
 * @param dropout the share of attention weights that is zeroed in training steps
 * @param batchFirst whether inputs are {@code [batch, length, width]} instead of PyTorch's default
 *     {@code [length, batch, width]}
 */
public record MultiheadAttention(
    @Name("in_proj_weight") Parameter inProjection,
    @Name("in_proj_bias") Optional<Parameter> inProjectionBias,
    @Name("out_proj") Linear outProjection,
    int heads,
    double dropout,
    boolean batchFirst)
    implements Layer {
  /** Attended values and the weights that made them. */
  public record Attended(Tensor output, Tensor weights) {}

  /** Checks the sizes. */
  public MultiheadAttention {
    int width = inProjection.rank() == 2 ? inProjection.size(1) : 0;
    if (width < 1 || inProjection.size(0) != 3 * width) {
      throw new LayerException(
          "MultiheadAttention: expected a projection [3 width,width], got " + inProjection.shape());
    }
    if (heads < 1 || width % heads != 0) {
      throw new LayerException(
          "MultiheadAttention: %d heads do not divide the width %d".formatted(heads, width));
    }
    Sizes.rate("MultiheadAttention", dropout);
  }

  /** Returns a layer with biases and without dropout, whose batch is not first. */
  public static MultiheadAttention of(int width, int heads) {
    Sizes.positive("MultiheadAttention", "the width", width);
    Initializer zeros = Initializer.zeros();
    return new MultiheadAttention(
        Parameter.of(Initializer.xavierUniform(1), 3 * width, width),
        Optional.of(Parameter.of(zeros, 3 * width)),
        Linear.of(width, width).initialized(Initializer.fanIn(width), zeros),
        heads,
        0,
        false);
  }

  /** Returns the same layer with dropout. */
  public MultiheadAttention withDropout(double value) {
    return new MultiheadAttention(
        inProjection, inProjectionBias, outProjection, heads, value, batchFirst);
  }

  /** Returns the same layer for inputs {@code [batch, length, width]}. */
  public MultiheadAttention withBatchFirst() {
    return withBatchFirst(true);
  }

  MultiheadAttention withBatchFirst(boolean value) {
    return new MultiheadAttention(
        inProjection, inProjectionBias, outProjection, heads, dropout, value);
  }

  /** Returns the layer without biases. */
  public MultiheadAttention withoutBias() {
    return new MultiheadAttention(
        inProjection, Optional.empty(), outProjection.withoutBias(), heads, dropout, batchFirst);
  }

  /** Lets a sequence attend to itself. */
  public Tensor forward(Tensor x) {
    return forward(x, x, x, AttentionMasks.NONE);
  }

  /** Lets queries attend to keys. */
  public Tensor forward(Tensor query, Tensor key, Tensor value) {
    return forward(query, key, value, AttentionMasks.NONE);
  }

  /**
   * Lets queries attend to the keys they see. PyTorch: {@code need_weights=False}.
   *
   * @return in the query's layout
   */
  public Tensor forward(Tensor query, Tensor key, Tensor value, AttentionMasks masks) {
    return record(query, key, value, masks, false, false).getFirst();
  }

  /**
   * As {@link #forward(Tensor, Tensor, Tensor, AttentionMasks)}, and returns the weights too.
   *
   * @param averaged whether weights are averaged over the heads: {@code [batch, queries, keys]},
   *     else {@code [batch, heads, queries, keys]}
   */
  public Attended forwardWithWeights(
      Tensor query, Tensor key, Tensor value, AttentionMasks masks, boolean averaged) {
    List<Tensor> results = record(query, key, value, masks, true, averaged);
    return new Attended(results.get(0), results.get(1));
  }

  private List<Tensor> record(
      Tensor query,
      Tensor key,
      Tensor value,
      AttentionMasks masks,
      boolean weights,
      boolean averaged) {
    Recorder recorder = Calls.recorder(query);
    double rate = recorder.training() ? dropout : 0;
    OperandList in = OperandList.of(query, key, value, inProjection).with(inProjectionBias);
    in = in.with(Optional.of(outProjection.weight())).with(outProjection.bias());
    in = in.with(masks.attention()).with(masks.keyPadding());
    AttentionOps.Multihead options =
        new AttentionOps.Multihead(
            heads,
            batchFirst,
            inProjectionBias.isPresent(),
            outProjection.bias().isPresent(),
            masks.attention().isPresent(),
            masks.keyPadding().isPresent(),
            masks.causal(),
            weights,
            averaged,
            rate,
            rate > 0 ? recorder.nextStream() : 0);
    return in.record(AttentionOps.MULTIHEAD, options, rate > 0);
  }
}
