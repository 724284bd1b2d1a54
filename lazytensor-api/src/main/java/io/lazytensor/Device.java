package io.lazytensor;

import io.lazytensor.internal.ops.Preload;
import io.lazytensor.internal.record.DeviceContext;
import io.lazytensor.internal.record.RecordLimits;
import io.lazytensor.internal.record.RecordMode;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.internal.run.Data;
import io.lazytensor.internal.run.DeviceRuntime;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.LoadOptions;
import io.lazytensor.nn.StateDict;
import io.lazytensor.observe.DeviceReport;
import io.lazytensor.observe.StepContract;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.Backends;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.Environment;
import io.lazytensor.xla.runtime.HostBuffer;
import io.lazytensor.xla.runtime.JdkCheck;
import io.lazytensor.xla.runtime.MemoryUsage;
import io.lazytensor.xla.runtime.PersistentCache;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One accelerator, or the CPU: where models live and graphs run. The only thing to close.
 *
 * <p>Any number of threads may record for a device, each its own steps.
 */
public final class Device extends TensorFactory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Device.class);

  private record Delivery<T>(Fetch<T> fetch, Consumer<? super T> consumer) {
    /** A step that failed or was discarded delivers nothing; its failure is told by the cut. */
    void deliver() {
      if (!fetch.isFailed()) {
        consumer.accept(fetch.get());
      }
    }
  }

  private final DeviceRuntime runtime;
  private final DeviceContext context;
  private final ThreadLocal<Deque<Delivery<?>>> deliveries =
      ThreadLocal.withInitial(ArrayDeque::new);

  private Device(DeviceRuntime runtime, RecordMode mode, RecordLimits limits) {
    Preload.start();
    this.runtime = runtime;
    this.context = new DeviceContext(runtime, mode, limits);
  }

  /**
   * Opens a device by name: {@code cpu} (the best CPU engine present), {@code cpu-reference},
   * {@code evaluator}, {@code dry-run}, {@code pjrt:…}, {@code neuron:0}.
   *
   * @throws io.lazytensor.xla.runtime.DeviceException if there is no such device, or it cannot be
   *     opened here; the message lists the known ones and why each is unavailable
   */
  public static Device open(String name) {
    return open(name, DeviceOptions.DEFAULT);
  }

  /**
   * Opens a device by name with settings of its backend.
   *
   * @throws io.lazytensor.xla.runtime.DeviceException as {@link #open(String)}, if a setting is
   *     none, or if the folder given for compiled graphs cannot be used or is open to others
   */
  public static Device open(String name, DeviceOptions options) {
    JdkCheck.require();
    Environment.Cache cache = options.cache().orElseGet(() -> Environment.read().cache());
    Backends.Opened opened = Backends.open(name, options.settings());
    try {
      return open(
          name,
          opened.backend(),
          opened.device(),
          RecordMode.TRIE,
          RecordLimits.DEFAULT,
          persistentCache(opened.backend(), cache),
          options.nonFinite());
    } catch (RuntimeException | Error e) {
      opened.backend().close();
      throw e;
    }
  }

  private static Optional<PersistentCache> persistentCache(
      Backend backend, Environment.Cache cache) {
    if (backend.fingerprint().isEmpty()) {
      return Optional.empty();
    }
    return switch (cache) {
      case Environment.Cache.Off() -> Optional.empty();
      case Environment.Cache.Folder(Path folder) ->
          Optional.of(PersistentCache.open(folder, PersistentCache.DEFAULT_BYTES));
      case Environment.Cache.Usual() -> {
        try {
          yield Optional.of(
              PersistentCache.open(PersistentCache.userFolder(), PersistentCache.DEFAULT_BYTES));
        } catch (DeviceException e) {
          LOG.warn("compiled graphs are not kept for the next process: {}", e.getMessage());
          yield Optional.empty();
        }
      }
    };
  }

  /** Opens a device on a backend of one's own, which the device closes. */
  public static Device on(Backend backend) {
    return open(backend.name(), backend, 0, RecordMode.TRIE, RecordLimits.DEFAULT);
  }

  static Device open(
      String name, Backend backend, int index, RecordMode mode, RecordLimits limits) {
    return open(name, backend, index, mode, limits, Optional.empty(), Optional.empty());
  }

  static Device open(
      String name,
      Backend backend,
      int index,
      RecordMode mode,
      RecordLimits limits,
      Optional<PersistentCache> persistent,
      Optional<Path> nonFinite) {
    return new Device(
        new DeviceRuntime(name, backend, index, limits.executables(), persistent, nonFinite),
        mode,
        limits);
  }

  @Override
  DeviceContext context() {
    return context;
  }

  /** Returns the name it was opened with. */
  public String name() {
    return runtime.name();
  }

  /** Returns what really runs the graphs, with its version. */
  public String engine() {
    return runtime.engine();
  }

  // ---- models -----------------------------------------------------------------------------------

  /**
   * Gives every parameter and state of a model its first value on this device, in place, and
   * returns the same model. A parameter's random numbers depend on the seed and its name only.
   * Random numbers of later steps (dropout) start from the same seed, see {@link #seed}.
   */
  public <L extends Layer> L initialize(L model, Seed seed) {
    runtime.checkOpen();
    seed(seed);
    model
        .uniqueMembers()
        .forEach((name, member) -> {
          if (member.isBound()) {
            member.requireOn(this);
          } else {
            member.bind(this, name, firstValue(name, member, seed));
            if (member instanceof Parameter parameter) {
              parameter.bound();
            }
          }
        });
    return model;
  }

  private static HostBuffer firstValue(String name, Stored member, Seed seed) {
    return switch (member) {
      case Parameter parameter -> parameter.initializer().create(parameter.shape(), seed, name);
      case State state -> state.initial();
    };
  }

  /**
   * Gives every parameter and state of a model the value a state dict has under its name, and
   * returns the same model.
   *
   * @throws ShapeException if a shape or type differs
   * @throws LazyTensorException if names are missing or left over; nothing is loaded then
   */
  public <L extends Layer> L load(L model, StateDict values) {
    return load(model, values, LoadOptions.STRICT);
  }

  /**
   * Gives parameters and states of a model the values a state dict has under their names, and
   * returns the same model. Without the rule of {@link LoadOptions#strict()}, what the state dict
   * does not have is left as it is; {@link #initialize} afterwards gives it a first value.
   *
   * @throws ShapeException if a shape differs, or a type and no conversion is asked for
   * @throws LazyTensorException if names are missing or left over; nothing is loaded then
   */
  public <L extends Layer> L load(L model, StateDict values, LoadOptions options) {
    runtime.checkOpen();
    Map<String, Stored> named = model.namedMembers();
    values.requireFits(named, options);
    // A shared member may be in the state dict under any of its names.
    Map<Stored, String> sources = new IdentityHashMap<>();
    named.forEach((name, member) -> {
      if (values.entries().containsKey(name)) {
        sources.putIfAbsent(member, name);
      }
    });
    // All of it is read before any of it is used: a source that fails half-way changes nothing.
    Map<Stored, HostBuffer> contents = new IdentityHashMap<>();
    sources.forEach(
        (member, name) -> contents.put(member, values.toHost(name, options.typeOf(member))));
    model
        .uniqueMembers()
        .forEach((name, member) -> {
          HostBuffer content = contents.get(member);
          if (content == null) {
            return;
          }
          if (member instanceof Parameter) {
            member.retype(content.shape().dtype());
          }
          member.bind(this, name, content);
          if (member instanceof Parameter parameter) {
            parameter.bound();
          }
        });
    return model;
  }

  /** Gives a state that belongs to no model its first value on this device. */
  public State initialize(State state, String name) {
    runtime.checkOpen();
    if (!state.isBound()) {
      state.bind(this, name, state.initial());
    }
    return state;
  }

  /** Creates a number the program changes between steps without a new graph. */
  public Hyper hyper(String name, double value) {
    runtime.checkOpen();
    return new Hyper(context, name, value);
  }

  /** Sets where the random numbers of all steps start. PyTorch: {@code manual_seed}. */
  public void seed(Seed seed) {
    context.seed(seed.value());
  }

  /** Returns where the random numbers are, as of the last cut. */
  public RandomState randomState() {
    return new RandomState(Seed.of(context.seed()), context.stepNumbers());
  }

  /** Continues with the random numbers of another run. PyTorch: {@code set_rng_state}. */
  public void restore(RandomState state) {
    context.seed(state.seed().value());
    context.stepNumbers(state.steps());
  }

  // ---- data -------------------------------------------------------------------------------------

  /** Wraps host data, which must not change any more; each step that uses it uploads it. */
  public Input tensor(HostBuffer data) {
    runtime.checkOpen();
    return new Input(context, data, "input");
  }

  /** Copies an {@code f32} array, given in row-major order. */
  public Input tensor(float[] values, int... dims) {
    return tensor(new HostBuffer(checked(DType.F32, values.length, dims), segment(values.clone())));
  }

  /** Copies an {@code s32} array, given in row-major order. */
  public Input tensor(int[] values, int... dims) {
    return tensor(new HostBuffer(checked(DType.S32, values.length, dims), segment(values.clone())));
  }

  private static MemorySegment segment(float[] values) {
    return MemorySegment.ofArray(values);
  }

  private static MemorySegment segment(int[] values) {
    return MemorySegment.ofArray(values);
  }

  private static ArrayShape checked(DType dtype, int length, int... dims) {
    ArrayShape shape = ArrayShape.of(dtype, dims);
    if (shape.elementCount() != length) {
      throw new ShapeException(
          "%s takes %d values, got %d".formatted(shape, shape.elementCount(), length));
    }
    return shape;
  }

  // ---- steps ------------------------------------------------------------------------------------

  /** Opens a training step on this thread. */
  public Step trainingStep(String name) {
    return step(name, true, Precision.f32());
  }

  /** Opens a training step on this thread that computes in a given precision. */
  public Step trainingStep(String name, Precision precision) {
    return step(name, true, precision);
  }

  /** Opens an evaluation step on this thread: dropout does nothing. */
  public Step evaluationStep(String name) {
    return step(name, false, Precision.f32());
  }

  /** Opens an evaluation step on this thread that computes in a given precision. */
  public Step evaluationStep(String name, Precision precision) {
    return step(name, false, precision);
  }

  private Step step(String name, boolean training, Precision precision) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a step needs a name, such as \"train\"");
    }
    Recorder recorder = context.recorder();
    recorder.open(name, training, precision.compute());
    return new Step(this, recorder, name);
  }

  /** Runs layers in evaluation mode within a training step. */
  public <T extends Tensor> T evaluating(Supplier<T> body) {
    return context.recorder().withTraining(false, body);
  }

  /**
   * Records a part of a step in another precision than the step's. See {@link Precision#apply} for
   * a function of one tensor.
   */
  public <T> T computing(Precision precision, Supplier<T> body) {
    return context.recorder().withCompute(precision.compute(), body);
  }

  /** Cuts what this thread recorded since its last cut. PyTorch/XLA: {@code mark_step}. */
  public void markStep() {
    context.recorder().markStep();
    deliverResults();
  }

  /** Forgets what this thread recorded since its last cut. */
  public void discardPending() {
    context.recorder().rollback("device.discardPending()");
  }

  // ---- results ----------------------------------------------------------------------------------

  /** Asks for a {@code f32[]} on the host; available after the cut. */
  public Fetch<Float> fetchFloat(Tensor tensor) {
    if (tensor.shape().elementCount() != 1) {
      throw HostValues.notScalar(tensor.shape());
    }
    return fetch(tensor, HostValues::toFloat);
  }

  /** Asks for the elements of a floating-point tensor in row-major order. */
  public Fetch<float[]> fetchFloats(Tensor tensor) {
    return fetch(tensor, HostValues::toFloats);
  }

  /** Asks for the elements of an integer tensor in row-major order. */
  public Fetch<int[]> fetchInts(Tensor tensor) {
    return fetch(tensor, HostValues::toInts);
  }

  /** Asks for a tensor's bytes. */
  public Fetch<HostBuffer> fetch(Tensor tensor) {
    return fetch(tensor, HostValues::same);
  }

  private <T> Fetch<T> fetch(Tensor tensor, Function<HostBuffer, T> conversion) {
    return new Fetch<>(tensor, context.recorder(), conversion);
  }

  /** Keeps a value on the device for later steps; it is usable after the cut. */
  public Input keep(Tensor tensor) {
    Data data = context.recorder().keep(tensor);
    return new Input(context, tensor.shape(), data, "kept " + tensor);
  }

  <T> void onResult(Fetch<T> fetch, Consumer<? super T> consumer) {
    deliveries.get().add(new Delivery<>(fetch, consumer));
  }

  void deliverResults() {
    Deque<Delivery<?>> waiting = deliveries.get();
    while (!waiting.isEmpty() && waiting.peek().fetch().isDone()) {
      waiting.remove().deliver();
    }
  }

  // ---- observation ------------------------------------------------------------------------------

  /** Waits until everything cut so far has run, and throws if it failed. */
  public void synchronize() {
    runtime.synchronize();
    deliverResults();
  }

  /** Returns what the device did so far: graphs, compiles and their causes, times, memory. */
  public DeviceReport report() {
    return runtime.report();
  }

  /** Returns the memory in use on the device. */
  public MemoryUsage memoryUsage() {
    return runtime.memoryUsage();
  }

  /** Changes what a step promises; a broken promise is an exception that says why. */
  public void contract(String step, UnaryOperator<StepContract> change) {
    runtime.contract(step, change.apply(runtime.contract(step)));
  }

  /**
   * Waits for what was cut and frees everything on the device.
   *
   * @throws io.lazytensor.xla.runtime.DeviceException if a step failed and nothing has told so yet;
   *     the device is closed all the same
   * @throws RecordingException if this thread assigned something outside of steps that was never
   *     cut; the device is closed all the same
   */
  @Override
  public void close() {
    if (runtime.isClosed()) {
      return;
    }
    Recorder recorder = context.recorder();
    boolean lost = recorder.hasAssigned();
    try {
      synchronize();
    } finally {
      recorder.rollback("its device was closed");
      runtime.close();
    }
    if (lost) {
      throw new RecordingException(
          "device %s is closed while assignments are not cut: weights were never updated since the"
                  .formatted(name())
              + " last cut. Call device.markStep() after optimizer.step(...), or"
              + " device.discardPending() if this is meant.");
    }
  }
}
