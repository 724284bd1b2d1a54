package io.lazytensor.xla.runtime;

import io.lazytensor.xla.ir.HloModule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled graphs by structure, bounded. What is used least recently is evicted first, and never in
 * silence: a program that needs more graphs than fit compiles again and again.
 */
public final class ExecutableCache {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutableCache.class);

  private final int capacity;
  private final Map<HloModule, Executable> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long evictions;

  /** Creates a cache for so many executables. */
  public ExecutableCache(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("a cache holds at least 1 executable, got " + capacity);
    }
    this.capacity = capacity;
  }

  /** Returns the executable of an equal graph, if there is one. */
  public synchronized Optional<Executable> get(HloModule module) {
    return Optional.ofNullable(entries.get(module));
  }

  /**
   * Adds an executable.
   *
   * @return what had to go, for the caller to close once nothing runs it any more
   */
  public synchronized List<Executable> put(HloModule module, Executable executable) {
    entries.put(module, executable);
    List<Executable> evicted = new ArrayList<>();
    var eldest = entries.entrySet().iterator();
    while (entries.size() > capacity) {
      Map.Entry<HloModule, Executable> entry = eldest.next();
      evicted.add(entry.getValue());
      eldest.remove();
      evictions++;
      LOG.warn(
          "evicted the graph of {} to make room: more than {} different graphs are in use, and"
              + " coming back to it compiles it again",
          entry.getKey().name(),
          capacity);
    }
    return evicted;
  }

  /** Returns how many executables there are. */
  public synchronized int size() {
    return entries.size();
  }

  /** Returns how many executables had to go so far. */
  public synchronized long evictions() {
    return evictions;
  }

  /** Removes everything, and returns it for the caller to close. */
  public synchronized List<Executable> clear() {
    List<Executable> all = List.copyOf(entries.values());
    entries.clear();
    return all;
  }
}
