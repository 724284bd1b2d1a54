package io.lazytensor.optim;

import io.lazytensor.Device;
import io.lazytensor.Gradients;
import io.lazytensor.PlainValue;
import io.lazytensor.RecordingException;
import io.lazytensor.Resumable;
import io.lazytensor.State;
import io.lazytensor.StateException;
import io.lazytensor.Tensor;
import io.lazytensor.internal.lower.LossScaling;
import io.lazytensor.internal.ops.ScalingOps;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Scales a loss so that gradients in f16 do not vanish, and skips a step whose gradients overflow.
 * PyTorch: {@code torch.amp.GradScaler}.
 *
 * <pre>{@code
 * GradScaler scaler = GradScaler.on(device).build();
 * …
 * Gradients scaled = gradients(scaler.scale(loss), model);
 * scaler.step(optimizer, scaled, g -> g.clipNorm(1));
 * scaler.update();
 * step.markStep();
 * }</pre>
 *
 * <p>Whether a step is skipped is decided on the device: parameters and optimizer state then keep
 * their values. {@link #skipped} counts it. {@link Optimizer#steps} and schedules count every step.
 */
public final class GradScaler implements Resumable {
  private static final ArrayShape COUNT = ArrayShape.scalar(DType.S32);

  private final LossScaling.Policy policy;
  private final State scale;
  private final State tracker;
  private final State skipped;
  private @Nullable Tensor finite;
  private int recording;

  private GradScaler(Builder builder) {
    this.policy = new LossScaling.Policy(builder.growth, builder.backoff, builder.interval);
    this.scale = builder.device.initialize(State.of(number(builder.scale)), "loss scale");
    this.tracker = builder.device.initialize(State.zeros(COUNT), "steps since the scale changed");
    this.skipped = builder.device.initialize(State.zeros(COUNT), "skipped steps");
  }

  /** Starts a scale on a device. */
  public static Builder on(Device device) {
    return new Builder(device);
  }

  /** Settings; PyTorch's defaults: 65536, doubled after 2000 steps, halved after an overflow. */
  public static final class Builder {
    private final Device device;
    private double scale = 65_536;
    private double growth = 2;
    private double backoff = 0.5;
    private int interval = 2_000;

    private Builder(Device device) {
      this.device = device;
    }

    /** Sets the first scale. PyTorch: {@code init_scale}. */
    public Builder scale(double value) {
      if (!(value > 0) || Double.isInfinite((float) value)) {
        throw new IllegalArgumentException("a loss scale is a positive f32, got " + value);
      }
      scale = value;
      return this;
    }

    /** Sets what the scale is multiplied by as long as all goes well, more than 1. */
    public Builder growth(double factor) {
      if (!(factor > 1)) {
        throw new IllegalArgumentException("a growth factor is more than 1, got " + factor);
      }
      growth = factor;
      return this;
    }

    /** Sets what the scale is multiplied by after an overflow, less than 1. */
    public Builder backoff(double factor) {
      if (!(factor > 0 && factor < 1)) {
        throw new IllegalArgumentException("a backoff factor is between 0 and 1, got " + factor);
      }
      backoff = factor;
      return this;
    }

    /** Sets after how many steps without overflow the scale grows. */
    public Builder interval(int steps) {
      if (steps < 1) {
        throw new IllegalArgumentException("a scale grows after 1 step or more, got " + steps);
      }
      interval = steps;
      return this;
    }

    /** Creates the scale. */
    public GradScaler build() {
      return new GradScaler(this);
    }
  }

  /** Returns a loss times the scale. */
  public Tensor scale(Tensor loss) {
    return loss.mul(scale);
  }

  /** Returns the scale, {@code f32[]}. */
  public State scale() {
    return scale;
  }

  /** Returns how many steps were skipped, {@code s32[]}. */
  public State skipped() {
    return skipped;
  }

  /**
   * Records a step by gradients of a scaled loss; see {@link #step(Optimizer, Gradients,
   * UnaryOperator)}.
   */
  public void step(Optimizer optimizer, Gradients scaled) {
    step(optimizer, scaled, gradients -> gradients);
  }

  /**
   * Records a step by gradients of a scaled loss, which is skipped if one of them is not finite.
   *
   * @param change what is done to the gradients once they are divided by the scale: clipping
   */
  public void step(Optimizer optimizer, Gradients scaled, UnaryOperator<Gradients> change) {
    Tensor good = scaled.allFinite();
    Gradients unscaled = scaled.scale(scale.reciprocal());
    optimizer.step(change.apply(unscaled), good.not());
    int current = Calls.recorder(scale).number();
    Tensor before = recording == current ? finite : null;
    finite = before == null ? good : before.and(good);
    recording = current;
  }

  /**
   * Records that the scale changes by what the steps since the last update saw. Call it once in
   * each step, after all optimizers.
   *
   * @throws RecordingException if no step was recorded before
   */
  public void update() {
    Recorder recorder = Calls.recorder(scale);
    Tensor good = finite;
    if (good == null || recording != recorder.number()) {
      throw new RecordingException(
          "scaler.update() is recorded without a scaler.step(optimizer, gradients) before it");
    }
    Tensor overflow = good.not();
    recorder.begin();
    recorder.operand(scale);
    recorder.operand(tracker);
    recorder.operand(skipped);
    recorder.operand(overflow);
    HloInstruction[] results = recorder.recordMany(ScalingOps.UPDATE_SCALE, 0, policy);
    recorder.assignResult(scale, results[0]);
    recorder.assignResult(tracker, results[1]);
    recorder.assignResult(skipped, results[2]);
    finite = null;
  }

  // ---- saving -----------------------------------------------------------------------------------

  /** Returns the scale as of the last cut by PyTorch's names, and the count of skipped steps. */
  @Override
  public SequencedMap<String, PlainValue> position() {
    SequencedMap<String, PlainValue> out = new LinkedHashMap<>();
    out.put("scale", PlainValue.of((double) scale.toFloats()[0]));
    out.put("growth_factor", PlainValue.of(policy.growth()));
    out.put("backoff_factor", PlainValue.of(policy.backoff()));
    out.put("growth_interval", PlainValue.of((long) policy.interval()));
    out.put("_growth_tracker", PlainValue.of(count(tracker)));
    out.put("skipped", PlainValue.of(count(skipped)));
    return out;
  }

  private static long count(State state) {
    return state.toHost().data().get(ValueLayout.JAVA_INT_UNALIGNED, 0);
  }

  /** Takes scale and counts; factors and interval stay the program's. */
  @Override
  public void resume(SequencedMap<String, PlainValue> position) {
    PlainValue value = position.get("scale");
    if (value == null) {
      throw new StateException(
          "a loss scale needs \"scale\"; the state has %s. A scaler that is not enabled saves nothing"
              .formatted(position.keySet()));
    }
    HostBuffer newScale = number(value.asDouble());
    HostBuffer newTracker = integer(position.getOrDefault("_growth_tracker", PlainValue.of(0L)));
    HostBuffer newSkipped = integer(position.getOrDefault("skipped", PlainValue.of(0L)));
    scale.load(newScale);
    tracker.load(newTracker);
    skipped.load(newSkipped);
  }

  private static HostBuffer number(double value) {
    return new HostBuffer(ArrayShape.scalar(DType.F32), Literal.scalar(DType.F32, value).segment());
  }

  private static HostBuffer integer(PlainValue value) {
    return new HostBuffer(COUNT, Literal.scalar(DType.S32, value.asLong()).segment());
  }
}
