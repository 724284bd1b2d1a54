package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Text;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;

/**
 * Bounds what the calls of a pickle copy. A pickler writes each value once and each is copied once;
 * one that is recalled for call after call would make a small file fill all memory.
 */
final class CopyBudget {
  /** Short values, which picklers do recall. */
  private static final int FREE = 64;

  private static final int SLACK = 1 << 20;

  private long copied;

  /** Counts the arguments of a call, or a state, of a pickle that was read so far. */
  void spend(CheckpointValue value, int position) {
    if (value instanceof Tuple tuple) {
      for (CheckpointValue item : tuple.items()) {
        copied += size(item);
      }
    } else {
      copied += size(value);
    }
    if (copied > (long) position + SLACK) {
      throw new CheckpointException(
          "the pickle copies the same values again and again, %d of them up to %d"
              .formatted(copied, position));
    }
  }

  private static long size(CheckpointValue value) {
    long size =
        switch (value) {
          case Text(String text) -> text.length();
          case CheckpointBytes bytes -> bytes.size();
          case CheckpointList list -> list.items().size();
          case CheckpointDict dict -> dict.entries().size();
          default -> 0;
        };
    return size <= FREE ? 0 : size;
  }
}
