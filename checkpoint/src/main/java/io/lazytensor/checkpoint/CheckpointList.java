package io.lazytensor.checkpoint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A Python {@code list}. Lists are equal if they are the same object. */
public final class CheckpointList implements CheckpointValue {
  private final List<CheckpointValue> items;

  /** Creates a list of these items. */
  public CheckpointList(List<? extends CheckpointValue> items) {
    this.items = new ArrayList<>(items);
  }

  /** Creates a list of these items. */
  public static CheckpointList of(CheckpointValue... items) {
    return new CheckpointList(List.of(items));
  }

  /** Returns the items. */
  public List<CheckpointValue> items() {
    return Collections.unmodifiableList(items);
  }

  /** Adds an item while a file is read. */
  void add(CheckpointValue item) {
    items.add(item);
  }

  @Override
  public String toString() {
    return "list of " + items.size();
  }
}
