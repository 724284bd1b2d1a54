package io.lazytensor;

import java.util.SequencedMap;

/**
 * Something whose position is saved with a training run and put back when the run goes on: a data
 * loader, a schedule that learns from metrics, a loss scale.
 */
public interface Resumable {
  /**
   * Returns where this is. A data loader counts what was trained, not what it has read ahead.
   *
   * @return a few plain values by name
   */
  SequencedMap<String, PlainValue> position();

  /**
   * Goes to a position that {@link #position} returned, maybe in another process.
   *
   * @throws StateException if the position does not fit; this is then where it was
   */
  void resume(SequencedMap<String, PlainValue> position);
}
