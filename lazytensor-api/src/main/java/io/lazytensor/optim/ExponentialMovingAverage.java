package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.State;
import io.lazytensor.Stored;
import io.lazytensor.internal.ops.ScalingOps;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.LayerException;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A model whose weights follow those of another one slowly. PyTorch: {@code
 * torch.optim.swa_utils.AveragedModel} with {@code get_ema_multi_avg_fn}.
 *
 * <pre>{@code
 * Net average = device.load(Net.create(), model.stateDict());
 * ExponentialMovingAverage ema = ExponentialMovingAverage.of(model, average, 0.999);
 * …
 * optimizer.step(gradients(loss, model));
 * ema.update();
 * step.markStep();
 * …
 * average.forward(x);    // evaluates the average, with the graph of the model
 * }</pre>
 *
 * <p>As a layer it has the names of PyTorch's: {@code n_averaged}, which is 32 bits wide here and
 * 64 there ({@code LoadOptions.STRICT.convert(true)} reads PyTorch's), and {@code module.…}.
 */
public final class ExponentialMovingAverage implements Layer {
  private record Pair<T extends Stored>(T average, T current) {}

  private final Layer average;
  private final double decay;
  private final State count;
  private final List<Pair<Parameter>> parameters = new ArrayList<>();
  private final List<Pair<State>> states = new ArrayList<>();

  private ExponentialMovingAverage(Layer model, Layer average, double decay) {
    this.average = average;
    this.decay = decay;
    SequencedMap<String, Stored> ofModel = model.uniqueMembers();
    SequencedMap<String, Stored> ofAverage = average.uniqueMembers();
    if (!ofModel.keySet().equals(ofAverage.keySet())) {
      throw new LayerException(
          "an average has the parts of its model; the model has %s, the average %s"
              .formatted(ofModel.keySet(), ofAverage.keySet()));
    }
    ofModel.forEach((name, current) -> pair(name, current, ofAverage.get(name)));
    this.count =
        ofModel
            .firstEntry()
            .getValue()
            .device()
            .initialize(State.zeros(ArrayShape.scalar(DType.S32)), "n_averaged");
  }

  private void pair(String name, Stored current, @Nullable Stored of) {
    if (current == of) {
      throw new LayerException(
          name + " is shared by model and average; load the average from the model's state dict");
    }
    if (current instanceof Parameter from && of instanceof Parameter to) {
      if (!from.shape().equals(to.shape()) || !from.shape().dtype().isFloating()) {
        throw new LayerException(
            "the model's %s is %s, the average's %s".formatted(name, from.shape(), to.shape()));
      }
      // The average takes no part in training, whatever it is used for.
      to.freeze();
      parameters.add(new Pair<>(to, from));
    } else if (current instanceof State from && of instanceof State to) {
      states.add(new Pair<>(to, from));
    } else {
      throw new LayerException(name + " is a parameter of one of model and average only");
    }
  }

  /**
   * Creates an average of a model's weights.
   *
   * @param average another model of the same kind on the same device; it is frozen
   * @param decay the share of the average that stays in each update
   * @throws LayerException if the two do not have the same parts
   */
  public static ExponentialMovingAverage of(Layer model, Layer average, double decay) {
    OptimizerBuilder.requireShare("a decay", decay);
    return new ExponentialMovingAverage(model, average, decay);
  }

  /**
   * Records that the average takes a share of the weights as they are here in the recording; the
   * first time it takes them as they are. Buffers are copied.
   */
  public void update() {
    Recorder recorder = Calls.recorder(count);
    recorder.begin();
    recorder.operand(count);
    for (Pair<Parameter> pair : parameters) {
      recorder.operand(pair.average());
      recorder.operand(pair.current());
    }
    HloInstruction[] results =
        recorder.recordMany(ScalingOps.AVERAGE, Double.doubleToRawLongBits(decay), null);
    recorder.assignResult(count, results[0]);
    for (int i = 0; i < parameters.size(); i++) {
      recorder.assignResult(parameters.get(i).average(), results[i + 1]);
    }
    for (Pair<State> pair : states) {
      pair.average().assign(pair.current());
    }
  }

  @Override
  public SequencedMap<String, Object> members() {
    SequencedMap<String, Object> members = new LinkedHashMap<>();
    members.put("n_averaged", count);
    members.put("module", average);
    return members;
  }
}
