package io.lazytensor.internal.record;

import io.lazytensor.internal.run.DeviceRuntime;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What all recordings for one device share. Each thread has a recorder of its own. */
public final class DeviceContext {
  private final DeviceRuntime runtime;
  private final RecordMode mode;
  private final RecordLimits limits;
  private final AtomicInteger recorders = new AtomicInteger();
  private final Map<String, AtomicLong> stepNumbers = new ConcurrentHashMap<>();
  private final ThreadLocal<Recorder> ofThread = ThreadLocal.withInitial(this::newRecorder);
  private volatile long seed;
  // Read without a lock: whoever finds another thread's recorder here asks the thread-local.
  private @Nullable Recorder latest;

  /** Creates the context of an open device. */
  public DeviceContext(DeviceRuntime runtime, RecordMode mode, RecordLimits limits) {
    this.runtime = runtime;
    this.mode = mode;
    this.limits = limits;
  }

  private Recorder newRecorder() {
    recorders.incrementAndGet();
    return new Recorder(this, Thread.currentThread());
  }

  /** Returns the device's executions and memory. */
  public DeviceRuntime runtime() {
    return runtime;
  }

  RecordMode mode() {
    return mode;
  }

  RecordLimits limits() {
    return limits;
  }

  /** Returns this thread's recorder. */
  public Recorder recorder() {
    Recorder known = latest;
    if (known != null && known.isCurrentThread()) {
      return known;
    }
    Recorder mine = ofThread.get();
    latest = mine;
    return mine;
  }

  /** Returns whether more than one thread has recorded for this device. */
  boolean isShared() {
    return recorders.get() > 1;
  }

  /** Sets where the random numbers of all steps start. */
  public void seed(long next) {
    seed = next;
  }

  /** Returns where the random numbers of all steps start. */
  public long seed() {
    return seed;
  }

  /** Returns how many cuts there were under each step name. */
  public SortedMap<String, Long> stepNumbers() {
    SortedMap<String, Long> out = new TreeMap<>();
    stepNumbers.forEach((name, count) -> out.put(name, count.get()));
    return out;
  }

  /** Sets how many cuts there were under each step name; others had none. */
  public void stepNumbers(Map<String, Long> numbers) {
    numbers.keySet().forEach(this::stepNumber);
    // Recorders hold on to the counters.
    stepNumbers.forEach((name, count) -> count.set(numbers.getOrDefault(name, 0L)));
  }

  /** Returns the counter of cuts under a step name; random numbers depend on it. */
  public AtomicLong stepNumber(String step) {
    return stepNumbers.computeIfAbsent(step, name -> new AtomicLong());
  }
}
