package io.lazytensor.checkpoint;

import java.util.ArrayList;
import java.util.List;

/**
 * Which checkpoints stay.
 *
 * @param last how many of the newest
 * @param every those whose step is a multiple of it, for ever; 0 for none
 */
record Retention(int last, long every) {
  /**
   * Returns what goes after a save, oldest first. Steps behind the saved one are of a run that was
   * taken back: they neither go nor count, so the saved one, which is good, always stays.
   *
   * @param steps all that are complete, ascending
   */
  List<Long> surplus(List<Long> steps, long saved) {
    List<Long> candidates = new ArrayList<>(steps.stream().filter(step -> step <= saved).toList());
    int surplus = Math.max(0, candidates.size() - last);
    return candidates.subList(0, surplus).stream()
        .filter(step -> every == 0 || step % every != 0)
        .toList();
  }
}
