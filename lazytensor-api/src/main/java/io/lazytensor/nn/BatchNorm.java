package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.State;
import io.lazytensor.Tensor;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.Optional;

/**
 * Normalizes channels over the batch: by the batch's statistics in training steps, which move the
 * running ones, and by the running ones in evaluation steps. PyTorch: {@code nn.BatchNorm1d} and
 * {@code nn.BatchNorm2d}.
 *
 * <p>PyTorch counts batches in {@code int64}, this in {@code s32}: load its checkpoints with {@link
 * LoadOptions#convert}.
 *
 * @param weight {@code [channels]}
 * @param bias {@code [channels]}
 * @param runningMean {@code [channels]}; without running statistics, batches count always
 * @param runningVariance {@code [channels]}, unbiased
 * @param batches how many training steps there were, {@code s32[]}
 * @param spatial how many dimensions x may have behind the channels: 0 or 1, or 2
 * @param eps added to the variance
 * @param momentum the share of running statistics that a step replaces; {@link #CUMULATIVE} for
 *     their average over all steps, PyTorch's {@code None}
 */
public record BatchNorm(
    Optional<Parameter> weight,
    Optional<Parameter> bias,
    @Name("running_mean") Optional<State> runningMean,
    @Name("running_var") Optional<State> runningVariance,
    @Name("num_batches_tracked") Optional<State> batches,
    int spatial,
    double eps,
    double momentum)
    implements UnaryLayer {
  /** Running statistics are averages over all steps. */
  public static final double CUMULATIVE = -1;

  /** Checks the momentum. */
  public BatchNorm {
    if (momentum != CUMULATIVE && !(momentum >= 0 && momentum <= 1)) {
      throw new LayerException(
          "BatchNorm: momentum is between 0 and 1, or BatchNorm.CUMULATIVE, got " + momentum);
    }
  }

  /** Returns a layer for {@code [batch, channels]} or {@code [batch, channels, length]}. */
  public static BatchNorm of1d(int channels) {
    return of(channels, 1);
  }

  /** Returns a layer for {@code [batch, channels, height, width]}. */
  public static BatchNorm of2d(int channels) {
    return of(channels, 2);
  }

  private static BatchNorm of(int channels, int spatial) {
    Sizes.positive("BatchNorm", "the number of channels", channels);
    return new BatchNorm(
        Optional.of(Parameter.of(Initializer.ones(), channels)),
        Optional.of(Parameter.of(Initializer.zeros(), channels)),
        Optional.of(State.zeros(channels)),
        Optional.of(State.of(ones(channels))),
        Optional.of(State.zeros(ArrayShape.scalar(DType.S32))),
        spatial,
        1e-5,
        0.1);
  }

  private static HostBuffer ones(int channels) {
    HostBuffer ones = HostBuffer.allocate(ArrayShape.of(DType.F32, channels));
    for (int i = 0; i < channels; i++) {
      Literal.writeBits(ones.data(), i, DType.F32, Float.floatToRawIntBits(1));
    }
    return ones;
  }

  /** Returns the same layer with another eps. */
  public BatchNorm withEps(double value) {
    return new BatchNorm(
        weight, bias, runningMean, runningVariance, batches, spatial, value, momentum);
  }

  /** Returns the same layer with another momentum. */
  public BatchNorm withMomentum(double value) {
    return new BatchNorm(weight, bias, runningMean, runningVariance, batches, spatial, eps, value);
  }

  /** Returns the layer without weight and bias. */
  public BatchNorm withoutAffine() {
    return new BatchNorm(
        Optional.empty(),
        Optional.empty(),
        runningMean,
        runningVariance,
        batches,
        spatial,
        eps,
        momentum);
  }

  /** Returns the layer without running statistics: {@code track_running_stats=False}. */
  public BatchNorm withoutRunningStatistics() {
    return new BatchNorm(
        weight, bias, Optional.empty(), Optional.empty(), Optional.empty(), spatial, eps, momentum);
  }

  /** Applies the layer to {@code [batch, channels, …]}. */
  @Override
  public Tensor forward(Tensor x) {
    int rank = x.rank();
    if (rank != spatial + 2 && !(spatial == 1 && rank == 2)) {
      throw new ShapeException(
          "BatchNorm%dd: expected [batch,channels%s], got %s"
              .formatted(
                  spatial,
                  spatial == 1 ? "] or [batch,channels,length" : ",height,width",
                  x.shape()));
    }
    return F.batchNorm(x, this);
  }
}
