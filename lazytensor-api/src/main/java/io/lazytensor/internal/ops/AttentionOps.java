package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.Attention;
import io.lazytensor.internal.lower.MatrixProducts;
import io.lazytensor.internal.lower.MultiheadProjections;
import io.lazytensor.internal.lower.RandomNumbers;
import io.lazytensor.internal.lower.Reductions;
import io.lazytensor.internal.lower.Shapes;
import io.lazytensor.internal.record.Call;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import org.jspecify.annotations.Nullable;

/** The calls behind attention. */
public final class AttentionOps {
  private AttentionOps() {}

  /**
   * The options of plain attention.
   *
   * @param masked whether there is a mask
   * @param causal whether a query sees the keys up to its own number only
   * @param scale factor of the scores; 1/√width if null
   * @param dropout the share of weights that is zeroed
   * @param stream of random numbers
   */
  public record Plain(
      boolean masked, boolean causal, @Nullable Double scale, double dropout, int stream) {}

  /**
   * The options of attention with projections.
   *
   * @param heads how many
   * @param batchFirst whether inputs are [batch, length, width]
   * @param biased whether there is a bias of the input projection
   * @param outBiased whether there is a bias of the output projection
   * @param masked whether there is a mask
   * @param padded whether there is a key padding mask
   * @param causal whether a query sees the keys up to its own number only
   * @param weights whether weights are a result
   * @param averaged whether they are averaged over the heads
   * @param dropout the share of weights that is zeroed
   * @param stream of random numbers
   */
  public record Multihead(
      int heads,
      boolean batchFirst,
      boolean biased,
      boolean outBiased,
      boolean masked,
      boolean padded,
      boolean causal,
      boolean weights,
      boolean averaged,
      double dropout,
      int stream) {}

  /** Operands: query, key, value; mask; random key. */
  public static final CallKind ATTENTION =
      CallKind.many("scaledDotProductAttention", AttentionOps::attend);

  /**
   * Operands: query, key, value, weight, bias, output weight, output bias, mask, padding, random
   * key. Results: output; weights.
   */
  public static final CallKind MULTIHEAD =
      CallKind.many("multiheadAttention", AttentionOps::multihead);

  private static HloInstruction[] attend(HloBuilder b, Call c) {
    Plain o = c.attribute(Plain.class);
    Operands in = new Operands(c);
    HloInstruction query = in.next();
    HloInstruction key = in.next();
    HloInstruction value = in.next();
    HloInstruction mask = in.nextIf(o.masked());
    if (o.causal()) {
      ArrayShape q = query.arrayShape();
      ArrayShape k = key.arrayShape();
      if (q.rank() >= 2 && k.rank() >= 2) {
        mask = Attention.causalMask(b, q.dim(q.rank() - 2), k.dim(k.rank() - 2));
      }
    }
    HloInstruction weights = Attention.weights(b, query, key, mask, o.scale());
    weights = dropped(b, weights, o.dropout(), in.nextIf(o.dropout() > 0), o.stream());
    return new HloInstruction[] {MatrixProducts.matmul(b, weights, value)};
  }

  private static HloInstruction dropped(
      HloBuilder b, HloInstruction weights, double rate, @Nullable HloInstruction key, int stream) {
    return key == null ? weights : RandomNumbers.dropout(b, weights, rate, key, stream);
  }

  private static HloInstruction[] multihead(HloBuilder b, Call c) {
    Multihead o = c.attribute(Multihead.class);
    Operands in = new Operands(c);
    HloInstruction query = in.next();
    HloInstruction key = in.next();
    HloInstruction value = in.next();
    MultiheadProjections.Inputs inputs =
        new MultiheadProjections.Inputs(
            query,
            key,
            value,
            in.next(),
            in.nextIf(o.biased()),
            in.next(),
            in.nextIf(o.outBiased()),
            in.nextIf(o.masked()),
            in.nextIf(o.padded()));
    HloInstruction random = in.nextIf(o.dropout() > 0);
    MultiheadProjections.Attended result =
        MultiheadProjections.attend(
            b,
            inputs,
            o.heads(),
            o.batchFirst(),
            o.causal(),
            weights -> dropped(b, weights, o.dropout(), random, o.stream()));
    if (!o.weights()) {
      return new HloInstruction[] {result.output()};
    }
    boolean single = query.arrayShape().rank() == 2;
    HloInstruction all = single ? Shapes.select(b, result.weights(), 0, 0) : result.weights();
    HloInstruction weights = o.averaged() ? Reductions.mean(b, all, false, -3) : all;
    return new HloInstruction[] {result.output(), weights};
  }
}
