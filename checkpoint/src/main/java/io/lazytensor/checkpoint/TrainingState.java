package io.lazytensor.checkpoint;

import io.lazytensor.Device;
import io.lazytensor.PlainValue;
import io.lazytensor.RandomState;
import io.lazytensor.Resumable;
import io.lazytensor.Seed;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.LoadOptions;
import io.lazytensor.nn.StateDict;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.xla.ir.LazyTensorException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything a training run goes on from, bit for bit: models, optimizers with their schedules,
 * random streams, and positions in data.
 *
 * <pre>{@code
 * TrainingState state = TrainingState.of(model, optimizer, loader, device);
 * if (Files.exists(path)) {
 *   state.restore(path);
 * }
 * …
 * state.save(path);
 * }</pre>
 *
 * <p>The file is a training checkpoint as PyTorch users write it, {@code torch.load(path)} reads
 * it:
 *
 * <pre>
 * {'model': …, 'optimizer': …, 'schedule': …, 'loader': …, 'random': {'seed': …, 'steps': {…}},
 *  'engine': …, 'version': 1}
 * </pre>
 *
 * <p>{@code 'model'} and {@code 'optimizer'} are PyTorch's state dicts; {@code 'schedule'} has the
 * entries of a PyTorch scheduler that all have. Gradients that {@code backward()} left and no
 * optimizer took are not saved: save after the optimizer's step.
 */
public final class TrainingState {
  private static final String MODEL = "model";
  private static final String OPTIMIZER = "optimizer";
  private static final String SCHEDULE = "schedule";
  private static final String LOADER = "loader";
  private static final String RANDOM = "random";
  private static final String VERSION = "version";
  private static final String EPOCH = "epoch";
  private static final long CURRENT = 1;

  private final Device device;
  private final SequencedMap<String, Layer> layers;
  private final SequencedMap<String, Optimizer> optimizers;
  private final SequencedMap<String, Resumable> positions;

  private TrainingState(Builder builder) {
    this.device = builder.device;
    this.layers = new LinkedHashMap<>(builder.layers);
    this.optimizers = new LinkedHashMap<>(builder.optimizers);
    this.positions = new LinkedHashMap<>(builder.positions);
  }

  /** Returns the state of a run with one model, one optimizer and a data loader. */
  public static TrainingState of(
      Layer model, Optimizer optimizer, Resumable loader, Device device) {
    return builder(device)
        .layer(MODEL, model)
        .optimizer(OPTIMIZER, optimizer)
        .with(LOADER, loader)
        .build();
  }

  /** Returns the state of a run with one model and one optimizer. */
  public static TrainingState of(Layer model, Optimizer optimizer, Device device) {
    return builder(device).layer(MODEL, model).optimizer(OPTIMIZER, optimizer).build();
  }

  /** Starts the state of a run with any number of parts. */
  public static Builder builder(Device device) {
    return new Builder(device);
  }

  /** The parts of a run, each under a name, which is its key in the file. */
  public static final class Builder {
    private final Device device;
    private final SequencedMap<String, Layer> layers = new LinkedHashMap<>();
    private final SequencedMap<String, Optimizer> optimizers = new LinkedHashMap<>();
    private final SequencedMap<String, Resumable> positions = new LinkedHashMap<>();
    private final List<String> names = new ArrayList<>(List.of(RANDOM, VERSION, EPOCH, "engine"));

    private Builder(Device device) {
      this.device = device;
    }

    /** Adds a model, or averaged weights, or states that belong to none. */
    public Builder layer(String name, Layer layer) {
      claim(name);
      layers.put(name, layer);
      return this;
    }

    /**
     * Adds an optimizer and its schedules, which are saved under {@code schedule} for the name
     * {@code optimizer}, and under {@code <name>_schedule} for others.
     */
    public Builder optimizer(String name, Optimizer optimizer) {
      claim(name);
      claim(scheduleOf(name));
      optimizers.put(name, optimizer);
      return this;
    }

    /** Adds a position: of a data loader, a loss scale, a counter of the program's own. */
    public Builder with(String name, Resumable resumable) {
      claim(name);
      positions.put(name, resumable);
      return this;
    }

    private void claim(String name) {
      if (names.contains(name)) {
        throw new CheckpointException("a training state has two parts named \"" + name + "\"");
      }
      names.add(name);
    }

    /** Returns the state. */
    public TrainingState build() {
      return new TrainingState(this);
    }
  }

  private static String scheduleOf(String optimizer) {
    return optimizer.equals(OPTIMIZER) ? SCHEDULE : optimizer + "_" + SCHEDULE;
  }

  // ---- saving -----------------------------------------------------------------------------------

  /**
   * Saves the state as of the last cut, and waits for the steps that compute it. The file is
   * complete and on disk when this returns; until then the old one stays as it was.
   *
   * @throws CheckpointException if it cannot be written
   * @throws io.lazytensor.xla.runtime.DeviceException if a step failed
   */
  public void save(Path path) {
    Checkpoints.save(path, tree());
  }

  /**
   * Returns the state as of the last cut as a tree. Its tensors are read from the device when it is
   * saved, which has to be before the next step.
   *
   * @throws io.lazytensor.xla.runtime.DeviceException if a step failed
   */
  public CheckpointDict tree() {
    device.synchronize();
    CheckpointDict.Builder out = CheckpointDict.builder();
    layers.forEach((name, layer) -> out.put(name, StateDicts.tree(layer.stateDict())));
    optimizers.forEach((name, optimizer) -> {
      var state = optimizer.state();
      out.put(name, OptimizerStates.tree(state));
      out.put(scheduleOf(name), PlainValues.tree(state.schedule()));
    });
    positions.forEach((name, resumable) -> out.put(name, PlainValues.tree(resumable.position())));
    epoch().ifPresent(epoch -> out.put(EPOCH, PlainValues.tree(epoch)));
    out.put(RANDOM, random());
    out.put("engine", device.engine());
    out.put(VERSION, CURRENT);
    return out.build();
  }

  /** Python programs look for the epoch at the top. */
  private Optional<PlainValue> epoch() {
    return Optional.ofNullable(positions.get(LOADER)).map(loader -> loader.position().get(EPOCH));
  }

  private CheckpointDict random() {
    RandomState random = device.randomState();
    CheckpointDict.Builder steps = CheckpointDict.builder();
    random.steps().forEach(steps::put);
    return CheckpointDict.builder()
        .put("seed", random.seed().value())
        .put("steps", steps.build())
        .build();
  }

  // ---- restoring --------------------------------------------------------------------------------

  /**
   * Goes on from a file, between steps. Everything is checked before anything is changed.
   *
   * @throws CheckpointException if the file cannot be read, or listing everything in it that does
   *     not fit
   */
  public void restore(Path path) {
    CheckpointValue tree = Checkpoints.load(path);
    try {
      restore(tree);
    } catch (CheckpointException e) {
      throw new CheckpointException(path + ": " + e.getMessage(), e);
    }
  }

  /**
   * Goes on from a tree of {@link #tree}; see {@link #restore(Path)}. What the tree has besides is
   * left alone.
   *
   * @throws CheckpointException listing everything that does not fit
   */
  public void restore(CheckpointValue tree) {
    CheckpointDict dict = tree.asDict();
    List<String> problems = new ArrayList<>();
    List<Runnable> changes = new ArrayList<>();
    prepare(VERSION, problems, changes, () -> checkVersion(dict));
    // A position may still refuse; nothing else is changed then.
    positions.forEach((name, resumable) ->
        prepare(
            name,
            problems,
            changes,
            () -> {
              var position = PlainValues.plain(dict.get(name).asDict());
              return () -> resumable.resume(position);
            }));
    layers.forEach(
        (name, layer) -> prepare(name, problems, changes, () -> loading(layer, dict.get(name))));
    optimizers.forEach((name, optimizer) ->
        prepare(name, problems, changes, () -> loading(name, optimizer, dict)));
    prepare(
        RANDOM,
        problems,
        changes,
        () -> {
          RandomState state = random(dict.get(RANDOM).asDict());
          return () -> device.restore(state);
        });
    if (!problems.isEmpty()) {
      throw new CheckpointException(
          "the checkpoint does not fit this run, and nothing was restored:\n  "
              + String.join("\n  ", problems));
    }
    changes.forEach(Runnable::run);
  }

  private interface Preparation {
    Runnable prepare();
  }

  private static void prepare(
      String part, List<String> problems, List<Runnable> changes, Preparation preparation) {
    try {
      changes.add(preparation.prepare());
    } catch (LazyTensorException e) {
      problems.add(part + ": " + e.getMessage());
    }
  }

  private static Runnable checkVersion(CheckpointDict dict) {
    long version = dict.get(VERSION).asLong();
    if (version != CURRENT) {
      throw new CheckpointException(
          "expected version %d of a training state, got %d".formatted(CURRENT, version));
    }
    return () -> {};
  }

  private Runnable loading(Layer layer, CheckpointValue tree) {
    StateDict values = StateDicts.stateDict(tree);
    values.requireFits(layer.namedMembers(), LoadOptions.STRICT);
    return () -> device.load(layer, values);
  }

  private static Runnable loading(String name, Optimizer optimizer, CheckpointDict dict) {
    return optimizer.prepare(
        OptimizerStates.state(dict.get(name), Optional.of(dict.get(scheduleOf(name)))));
  }

  private static RandomState random(CheckpointDict dict) {
    SortedMap<String, Long> steps = new TreeMap<>();
    dict.get("steps")
        .asDict()
        .entries()
        .forEach((name, count) -> steps.put(name.asText(), count.asLong()));
    return new RandomState(Seed.of(dict.get("seed").asLong()), steps);
  }
}
