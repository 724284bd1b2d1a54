package io.lazytensor.internal.run;

import io.lazytensor.observe.CacheLookupEvent;
import io.lazytensor.observe.CompileCause;
import io.lazytensor.observe.CompileEvent;
import io.lazytensor.observe.CutEvent;
import io.lazytensor.observe.DeviceReport;
import io.lazytensor.observe.ExecuteEvent;
import io.lazytensor.observe.GraphBudgetException;
import io.lazytensor.observe.NonFiniteException;
import io.lazytensor.observe.StepContract;
import io.lazytensor.observe.TransferEvent;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.ExecutableCache;
import io.lazytensor.xla.runtime.HostBuffer;
import io.lazytensor.xla.runtime.MemoryUsage;
import io.lazytensor.xla.runtime.PersistentCache;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One open device: its backend, its compiled graphs, its queue, what it holds and what it did. */
public final class DeviceRuntime implements AutoCloseable {
  // Executions expected to take less than this run on the recording thread: a hand-over to another
  // thread and back costs tens of microseconds.
  private static final long INLINE_NANOS = 100_000;
  private static final Cleaner CLEANER = Cleaner.create();
  private static final String IN_MEMORY = "memory";
  private static final String ON_DISK = "disk";
  private static final String NOWHERE = "";

  /** A value nobody will read any more, once the executions handed over so far are done. */
  private record Abandoned(Data data, long after) {}

  private final String name;
  private final Backend backend;
  private final int device;
  private final GraphCompiler compiler;
  private final @Nullable FiniteCheck check;
  private final DeviceQueue queue;
  private final Statistics statistics = new Statistics();
  private final ExecutableCache graphs;
  // Held from a cut's snapshot to its hand-over, and while graphs come and go.
  private final ReentrantLock handOver = new ReentrantLock();
  private final List<Abandoned> abandoned = new ArrayList<>();
  private volatile long handedOver;
  private volatile boolean anyAbandoned;
  private @Nullable Throwable failure;
  private volatile boolean closed;

  /**
   * Takes over an open backend.
   *
   * @param executables the most compiled graphs to keep
   * @param persistent where to keep them for the next process
   * @param nonFinite where a step that computes NaN or an infinity is written; if empty, nobody
   *     looks for them
   */
  public DeviceRuntime(
      String name,
      Backend backend,
      int device,
      int executables,
      Optional<PersistentCache> persistent,
      Optional<Path> nonFinite) {
    this.check = nonFinite.map(folder -> new FiniteCheck(folder, backend, device)).orElse(null);
    this.graphs = new ExecutableCache(executables);
    this.name = name;
    this.backend = backend;
    this.device = device;
    this.compiler = new GraphCompiler(backend, device, persistent.orElse(null));
    this.queue = new DeviceQueue(name);
  }

  /** Returns the name the device was opened with. */
  public String name() {
    return name;
  }

  /** Returns what runs the graphs. */
  public String engine() {
    return backend.engine();
  }

  /** Waits until everything handed over has run. */
  public void drain() {
    queue.drain();
  }

  /** Returns whether it was closed. */
  public boolean isClosed() {
    return closed;
  }

  /** Throws if the device is closed. */
  public void checkOpen() {
    if (closed) {
      throw new DeviceException(
          "device " + name + " is closed; its tensors and models cannot be used any more");
    }
  }

  /** Sets what a step promises. */
  public void contract(String step, StepContract contract) {
    statistics.step(step).contract = contract;
  }

  /** Returns what a step promises. */
  public StepContract contract(String step) {
    return statistics.step(step).contract;
  }

  /**
   * Finds or compiles the graph of a cut that is reached for the first time.
   *
   * @param assigned ordinals of the slots that take over the first outputs
   * @param reads how many values it fetches to the host
   * @param cause the first call that differs from what was recorded before
   * @throws GraphBudgetException if the step has as many graphs as its contract allows
   */
  public CutPlan plan(
      String step, HloModule module, int[] assigned, int reads, CompileCause cause) {
    checkOpen();
    Statistics.StepCounters counters = statistics.step(step);
    requireReads(counters, reads, cause);
    handOver.lock();
    try {
      CompiledGraph known = (CompiledGraph) graphs.get(module).orElse(null);
      int limit = counters.contract.maxGraphs();
      boolean counted = known != null && counters.graphs.contains(known.number());
      if (!counted && counters.graphs.size() >= limit) {
        throw new GraphBudgetException(
            ("step \"%s\" needs a graph more than the %d it may have: %s. Make shapes the same"
                    + " (pad or bucket batches), use device.hyper(...) for numbers that change,"
                    + " or raise the limit with device.contract(\"%s\", c -> c.maxGraphs(%d)).")
                .formatted(step, limit, cause, step, limit + 1));
      }
      CompiledGraph graph = known != null ? known : compile(step, module, cause);
      lookedUp(step, known != null ? IN_MEMORY : graph.isLoaded() ? ON_DISK : NOWHERE);
      counters.graphs.add(graph.number());
      return new CutPlan(counters, module, graph, assigned, reads, cause);
    } finally {
      handOver.unlock();
    }
  }

  private static void requireReads(
      Statistics.StepCounters counters, int reads, CompileCause cause) {
    if (reads > counters.contract.maxHostReads()) {
      throw new GraphBudgetException(
          "step \"%s\" fetches %d values in one cut, its contract allows %d (%s)"
              .formatted(counters.name, reads, counters.contract.maxHostReads(), cause.recorded()));
    }
  }

  private void lookedUp(String step, String where) {
    CacheLookupEvent event = new CacheLookupEvent();
    if (event.isEnabled()) {
      event.step = step;
      event.hit = !where.equals(NOWHERE);
      event.where = where;
      event.commit();
    }
    if (where.equals(IN_MEMORY)) {
      statistics.cacheHit();
    }
  }

  /** Compiles the graph of a plan again after the cache had to let it go. */
  private void renew(CutPlan plan) {
    CompiledGraph other = (CompiledGraph) graphs.get(plan.recorded()).orElse(null);
    plan.graph(other != null ? other : compile(plan.step(), plan.recorded(), plan.cause()));
  }

  private CompiledGraph compile(String step, HloModule module, CompileCause cause) {
    int graph = statistics.nextGraph();
    CompileEvent event = new CompileEvent();
    event.begin();
    long start = System.nanoTime();
    GraphCompiler.Made made = compiler.make(check == null ? module : FiniteCheck.checked(module));
    long nanos = System.nanoTime() - start;
    if (made.loaded()) {
      statistics.loaded();
    } else {
      statistics.compiled(graph, step, cause, made.instructions(), nanos);
      if (event.shouldCommit()) {
        event.step = step;
        event.graph = graph;
        event.instructions = made.instructions();
        event.cause = cause.toString();
        event.commit();
      }
    }
    CompiledGraph compiled = new CompiledGraph(graph, made.executable(), made.loaded());
    for (Executable evicted : graphs.put(module, compiled)) {
      ((CompiledGraph) evicted).evict();
      queue.exclusively(evicted::close);
    }
    return compiled;
  }

  /**
   * Runs a cut: on this thread if it is a matter of microseconds and the device is idle, otherwise
   * on the device's thread.
   *
   * <p>Assigned slots have their new value from here on, even though it is yet to be computed.
   *
   * @param slots the bound slots by ordinal
   * @param results who takes each output after those of assigned slots: a {@link Data} or a {@link
   *     HostResult}
   * @param listeners who is told if it fails later
   * @param recordNanos how long the recording was open
   * @throws DeviceException if an earlier execution failed (this one is then not run), or this one
   *     did
   */
  public void run(
      CutPlan plan, Slot[] slots, Object[] results, CutListener[] listeners, long recordNanos) {
    rethrow();
    requireReads(plan.counters(), plan.reads(), plan.cause());
    // Whoever snapshots first also runs first: threads that share a model must agree on this.
    handOver.lock();
    try {
      if (plan.graph().isEvicted()) {
        renew(plan);
      }
      Statistics.StepCounters counters = plan.counters();
      counters.cuts++;
      counters.recordNanos += recordNanos;
      counters.hostReads += plan.reads();
      cut(plan, recordNanos);
      Execution execution = execution(plan, slots, results, listeners);
      if (plan.expectedNanos() < INLINE_NANOS && queue.tryTurn()) {
        LazyTensorException failed;
        try {
          failed = execute(execution, true);
        } finally {
          queue.endTurn();
        }
        if (failed != null) {
          throw told(failed);
        }
      } else {
        queue.submit(() -> executeLater(execution));
      }
    } finally {
      handOver.unlock();
    }
  }

  private static void cut(CutPlan plan, long recordNanos) {
    CutEvent event = new CutEvent();
    if (event.isEnabled()) {
      event.step = plan.step();
      event.graph = plan.graph().number();
      event.recording = recordNanos;
      event.repeated = plan.expectedNanos() >= 0;
      event.commit();
    }
  }

  private Execution execution(
      CutPlan plan, Slot[] slots, Object[] results, CutListener[] listeners) {
    // Counted before the snapshots: what is abandoned meanwhile then outlives this execution.
    long number = ++handedOver;
    Object[] snapshots = new Object[slots.length];
    for (int i = 0; i < slots.length; i++) {
      snapshots[i] = slots[i].snapshot();
    }
    int[] assigned = plan.assigned();
    Object[] targets = new Object[assigned.length + results.length];
    for (int i = 0; i < assigned.length; i++) {
      Data next = new Data();
      targets[i] = next;
      ((StoredSlot) slots[assigned[i]]).replace(next);
    }
    System.arraycopy(results, 0, targets, assigned.length, results.length);
    return new Execution(number, plan.counters().cuts, plan, slots, snapshots, targets, listeners);
  }

  /** Throws what an earlier execution failed with, once. */
  public void rethrow() {
    if (failure != null) {
      Throwable cause;
      synchronized (statistics) {
        cause = failure;
        failure = null;
      }
      if (cause instanceof LazyTensorException known) {
        throw known;
      }
      throw new DeviceException("execution failed on " + name + ": " + cause, cause);
    }
  }

  /** Forgets a failure that its own cut tells. */
  private LazyTensorException told(LazyTensorException failed) {
    synchronized (statistics) {
      if (failure == failed) {
        failure = null;
      }
    }
    return failed;
  }

  /** Runs on the device's thread what was handed over, and counted, before. */
  private void executeLater(Execution execution) {
    if (execute(execution, false) != null) {
      for (CutListener listener : execution.listeners()) {
        listener.failed();
      }
    }
  }

  private @Nullable LazyTensorException execute(Execution execution, boolean inline) {
    CutPlan plan = execution.plan();
    Slot[] slots = execution.slots();
    DeviceBuffer[] arguments = new DeviceBuffer[slots.length];
    ExecuteEvent event = new ExecuteEvent();
    event.begin();
    long start = System.nanoTime();
    boolean started = false;
    int delivered = 0;
    DeviceBuffer[] outputs = {};
    LazyTensorException failed = null;
    try {
      releaseAbandoned(execution.number());
      for (int i = 0; i < slots.length; i++) {
        arguments[i] = slots[i].resolve(execution.snapshots()[i], backend, device);
      }
      long resolved = System.nanoTime();
      started = true;
      outputs = plan.graph().execute(arguments);
      if (check != null) {
        // Nothing was donated: a step whose results are refused did not happen.
        started = false;
        check.require(execution, arguments, outputs);
        started = true;
      }
      long executed = System.nanoTime();
      donated(execution);
      for (; delivered < execution.targets().length; delivered++) {
        deliver(execution.targets()[delivered], outputs[delivered]);
      }
      finished(execution, arguments);
      long end = System.nanoTime();
      plan.ran(end - start);
      statistics.executeNanos += executed - resolved;
      statistics.transferNanos += end - executed + resolved - start;
    } catch (RuntimeException | Error e) {
      failed = failed(execution, arguments, started, delivered, e);
      for (int i = delivered; i < outputs.length; i++) {
        outputs[i].release();
      }
    }
    if (event.shouldCommit()) {
      event.step = plan.step();
      event.graph = plan.graph().number();
      event.inline = inline;
      event.commit();
    }
    return failed;
  }

  private void donated(Execution execution) {
    for (int ordinal : execution.plan().assigned()) {
      Data before = (Data) execution.snapshots()[ordinal];
      if (check == null) {
        before.clear();
      } else {
        before.release();
      }
    }
  }

  private static void deliver(Object target, DeviceBuffer output) {
    if (target instanceof Data data) {
      data.deliver(output);
    } else {
      ((HostResult) target).deliver(output);
      output.release();
    }
  }

  private static void finished(Execution execution, @Nullable DeviceBuffer[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      execution.slots()[i].finished(execution.snapshots()[i], arguments[i]);
    }
  }

  private LazyTensorException failed(
      Execution execution,
      @Nullable DeviceBuffer[] arguments,
      boolean started,
      int delivered,
      Throwable cause) {
    LazyTensorException told =
        cause instanceof NonFiniteException known ? known : deviceFailure(execution, cause);
    int[] assigned = execution.plan().assigned();
    for (int i = 0; i < assigned.length; i++) {
      Data before = (Data) execution.snapshots()[assigned[i]];
      if (started) {
        before.fail(told);
      } else {
        // Nothing was donated yet: the step did not happen, and the slot keeps its value.
        ((Data) execution.targets()[i]).adopt(before);
      }
    }
    for (int i = started ? delivered : assigned.length; i < execution.targets().length; i++) {
      if (execution.targets()[i] instanceof Data data) {
        data.fail(told);
      } else {
        ((HostResult) execution.targets()[i]).fail(told);
      }
    }
    finished(execution, arguments);
    synchronized (statistics) {
      failure = told;
    }
    return told;
  }

  private DeviceException deviceFailure(Execution execution, Throwable cause) {
    return new DeviceException(
        "step \"%s\" (graph %d) failed on %s: %s"
            .formatted(
                execution.plan().step(),
                execution.plan().graph().number(),
                name,
                cause.getMessage()),
        cause);
  }

  /** Waits until everything cut so far has run, and throws if it failed. */
  public void synchronize() {
    queue.drain();
    rethrow();
  }

  /** Copies an array to the device, for a slot that outlives a step. */
  public Data upload(HostBuffer source, String what) {
    checkOpen();
    TransferEvent event = new TransferEvent();
    event.begin();
    Data[] out = new Data[1];
    queue.exclusively(() -> out[0] = new Data(backend.upload(source, device)));
    transferred(event, what, true, source.shape().byteSize());
    return out[0];
  }

  /**
   * Copies an array to the device without waiting for the executions handed over, for a slot that
   * is only read.
   */
  public Data uploadAhead(HostBuffer source, String what) {
    checkOpen();
    TransferEvent event = new TransferEvent();
    event.begin();
    Data uploaded = new Data(backend.upload(source, device));
    transferred(event, what, true, source.shape().byteSize());
    return uploaded;
  }

  /** Copies a slot's value, as of the last cut, to the host. */
  public HostBuffer download(StoredSlot slot) {
    checkOpen();
    TransferEvent event = new TransferEvent();
    event.begin();
    HostResult result = new HostResult(slot.shape());
    queue.exclusively(() -> result.deliver(slot.data().buffer(slot.name())));
    transferred(event, slot.name(), false, slot.shape().byteSize());
    return result.await();
  }

  private static void transferred(TransferEvent event, String what, boolean up, long bytes) {
    if (event.shouldCommit()) {
      event.value = what;
      event.toDevice = up;
      event.bytes = bytes;
      event.commit();
    }
  }

  /** Replaces a slot's value and frees the old one. */
  public void replace(StoredSlot slot, Data next) {
    Data old = slot.data();
    slot.replace(next);
    if (old != next) {
      abandon(old);
    }
  }

  /**
   * Frees a value once nobody can reach its owner any more.
   *
   * @return does it at once
   */
  public Cleaner.Cleanable releaseWith(Object owner, Data data) {
    return CLEANER.register(owner, () -> abandon(data));
  }

  /** Frees a slot's value once nobody can reach its owner any more. */
  public void releaseWith(Object owner, StoredSlot slot) {
    CLEANER.register(
        owner,
        () -> {
          dropGradient(slot);
          abandon(slot.data());
        });
  }

  private void abandon(Data data) {
    synchronized (abandoned) {
      abandoned.add(new Abandoned(data, handedOver));
      anyAbandoned = true;
    }
  }

  private void releaseAbandoned(long before) {
    if (!anyAbandoned) {
      return;
    }
    synchronized (abandoned) {
      abandoned.removeIf(entry -> {
        boolean over = entry.after < before;
        if (over) {
          entry.data.release();
        }
        return over;
      });
      anyAbandoned = !abandoned.isEmpty();
    }
  }

  /** Keeps a gradient that no optimizer took for a later recording. */
  public void leaveGradient(StoredSlot parameter, Data value) {
    dropGradient(parameter);
    parameter.gradient(
        new StoredSlot(
            Slot.Role.GRADIENT, parameter.shape(), "gradient of " + parameter.name(), value));
  }

  /** Forgets the gradient an earlier cut left behind. */
  public void dropGradient(StoredSlot parameter) {
    StoredSlot left = parameter.gradient();
    if (left != null) {
      parameter.gradient(null);
      abandon(left.data());
    }
  }

  /** Returns what the device did so far. */
  public DeviceReport report() {
    queue.drain();
    MemoryUsage memory = closed ? new MemoryUsage(0, 0, 0) : backend.memoryUsage(device);
    return statistics.report(name, backend.engine(), memory.liveBytes(), memory.peakBytes());
  }

  /** Returns what is allocated on the device. */
  public MemoryUsage memoryUsage() {
    queue.exclusively(() -> releaseAbandoned(Long.MAX_VALUE));
    return backend.memoryUsage(device);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    queue.close();
    closed = true;
    handOver.lock();
    try {
      graphs.clear().forEach(Executable::close);
    } finally {
      handOver.unlock();
    }
    backend.close();
  }
}
