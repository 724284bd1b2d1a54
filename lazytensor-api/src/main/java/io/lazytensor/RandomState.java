package io.lazytensor;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where a device's random numbers are. They depend on the seed, a step's name, how often it was
 * cut, and the order of calls in it; on nothing else.
 *
 * @param seed where they start
 * @param steps how many cuts there were, by step name; recordings outside of steps are under ""
 */
public record RandomState(Seed seed, SortedMap<String, Long> steps) {
  /** Copies the counts. */
  public RandomState {
    steps = Collections.unmodifiableSortedMap(new TreeMap<>(steps));
    steps.forEach((name, count) -> {
      if (count < 0) {
        throw new StateException("step \"" + name + "\" cannot have " + count + " cuts");
      }
    });
  }
}
