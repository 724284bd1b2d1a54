package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.restore;
import static io.lazytensor.internal.lower.Primitives.rsub;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;
import static io.lazytensor.internal.lower.Primitives.widen;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;
import org.jspecify.annotations.Nullable;

/**
 * Normalizations of channels, dimension 1 of [batch, channels, …]: over the batch, or over groups
 * of channels. 16-bit floats are computed in {@code f32}.
 */
public final class BatchNormalization {
  private BatchNormalization() {}

  /** Normalized values and what the running statistics become. */
  public record Trained(HloInstruction y, HloInstruction mean, HloInstruction variance) {}

  /**
   * Normalizes by the batch's statistics, as {@code torch.nn.functional.batch_norm} in training.
   *
   * @param runningMean [channels], no running statistics if null
   * @param runningVariance [channels], which takes the unbiased variance
   * @param share how much of the running statistics is replaced, a scalar
   */
  public static Trained train(
      HloBuilder b,
      HloInstruction x,
      @Nullable HloInstruction weight,
      @Nullable HloInstruction bias,
      HloInstruction runningMean,
      HloInstruction runningVariance,
      HloInstruction share,
      double eps) {
    Dims axes = requireChannels(b, x, runningMean);
    long count = Reductions.count(x, axes);
    if (count < 2) {
      throw refuse(
          b,
          "batchNorm of "
              + x.shape()
              + ": training takes more than one value per channel, got "
              + count);
    }
    Standardization standard = Standardization.of(b, widen(b, x), axes);
    HloInstruction y = affine(b, standard, x, weight, bias, axes, eps);
    HloInstruction unbiased = mul(b, standard.variance(), count / (count - 1.0));
    return new Trained(
        convert(b, y, type(x)),
        moved(b, runningMean, standard.mean(), share),
        moved(b, runningVariance, unbiased, share));
  }

  /** Normalizes by the batch's statistics without running ones. */
  public static HloInstruction ofBatch(
      HloBuilder b,
      HloInstruction x,
      @Nullable HloInstruction weight,
      @Nullable HloInstruction bias,
      double eps) {
    Dims axes = requireChannels(b, x, weight);
    Standardization standard = Standardization.of(b, widen(b, x), axes);
    return convert(b, affine(b, standard, x, weight, bias, axes, eps), type(x));
  }

  private static HloInstruction affine(
      HloBuilder b,
      Standardization standard,
      HloInstruction x,
      @Nullable HloInstruction weight,
      @Nullable HloInstruction bias,
      Dims axes,
      double eps) {
    Dims channels = Dims.of(dims(x).get(1));
    HloInstruction scale = Normalizations.affine(b, "batchNorm", "weight", weight, x, channels);
    HloInstruction shift = Normalizations.affine(b, "batchNorm", "bias", bias, x, channels);
    return standard.affine(b, scale, shift, axes, eps);
  }

  private static HloInstruction moved(
      HloBuilder b, HloInstruction running, HloInstruction now, HloInstruction share) {
    HloInstruction factor = Primitives.spread(b, convert(b, share, type(running)), dims(running));
    HloInstruction kept = mul(b, running, rsub(b, 1, factor));
    return add(b, kept, mul(b, convert(b, now, type(running)), factor));
  }

  /** Normalizes by running statistics, as in evaluation. */
  public static HloInstruction evaluate(
      HloBuilder b,
      HloInstruction x,
      @Nullable HloInstruction weight,
      @Nullable HloInstruction bias,
      HloInstruction mean,
      HloInstruction variance,
      double eps) {
    Dims axes = requireChannels(b, x, mean);
    HloInstruction f = widen(b, x);
    Dims own = dims(f);
    HloInstruction wide = convert(b, variance, type(f));
    HloInstruction rootInverse = unary(b, UnaryKind.RSQRT, add(b, wide, eps));
    Dims channels = Dims.of(own.get(1));
    HloInstruction scale = Normalizations.affine(b, "batchNorm", "weight", weight, x, channels);
    HloInstruction shift = Normalizations.affine(b, "batchNorm", "bias", bias, x, channels);
    HloInstruction factor = scale == null ? rootInverse : mul(b, rootInverse, scale);
    HloInstruction centred = sub(b, f, restore(b, convert(b, mean, type(f)), own, axes));
    HloInstruction y = mul(b, centred, restore(b, factor, own, axes));
    y = shift == null ? y : add(b, y, restore(b, shift, own, axes));
    return convert(b, y, type(x));
  }

  /**
   * Normalizes groups of channels of each sample, as {@code torch.nn.functional.group_norm}; as
   * many groups as channels is {@code instance_norm}.
   */
  public static HloInstruction groups(
      HloBuilder b,
      HloInstruction x,
      int groups,
      @Nullable HloInstruction weight,
      @Nullable HloInstruction bias,
      double eps) {
    String op = b.metadata().opName();
    if (rank(x) < 2 || !type(x).isFloating() || groups < 1 || dims(x).get(1) % groups != 0) {
      throw refuse(
          b,
          op
              + " of "
              + x.shape()
              + ": expected floats [batch,channels,…] whose channels divide into "
              + groups
              + " groups");
    }
    Dims own = dims(x);
    Dims channels = Dims.of(own.get(1));
    HloInstruction scale = Normalizations.affine(b, op, "weight", weight, x, channels);
    HloInstruction shift = Normalizations.affine(b, op, "bias", bias, x, channels);
    int inGroup = Math.toIntExact(own.product() / Math.max(1, (long) own.get(0) * groups));
    HloInstruction grouped =
        Primitives.reshape(b, widen(b, x), Dims.of(own.get(0), groups, inGroup));
    HloInstruction unit =
        Standardization.of(b, grouped, Dims.of(2)).affine(b, null, null, Dims.of(), eps);
    HloInstruction y = Primitives.reshape(b, unit, own);
    Dims repeated = Primitives.complement(own.size(), Dims.of(1));
    y = scale == null ? y : mul(b, y, restore(b, scale, own, repeated));
    y = shift == null ? y : add(b, y, restore(b, shift, own, repeated));
    return convert(b, y, type(x));
  }

  /** Returns the share of a cumulative average: 1 over the number of batches. */
  public static HloInstruction cumulativeShare(HloBuilder b, HloInstruction batches) {
    HloInstruction count = convert(b, batches, io.lazytensor.xla.ir.DType.F32);
    return div(b, Primitives.filled(b, type(count), dims(count), 1), count);
  }

  private static Dims requireChannels(
      HloBuilder b, HloInstruction x, @Nullable HloInstruction channels) {
    boolean fits = rank(x) >= 2 && type(x).isFloating();
    if (!fits || (channels != null && !dims(channels).equals(Dims.of(dims(x).get(1))))) {
      String wanted = channels == null ? "channels" : "" + dims(channels);
      throw refuse(b, "batchNorm of " + x.shape() + ": expected floats [batch," + wanted + ",…]");
    }
    return Primitives.complement(rank(x), Dims.of(1));
  }
}
