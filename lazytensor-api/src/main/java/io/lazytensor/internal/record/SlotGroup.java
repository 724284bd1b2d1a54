package io.lazytensor.internal.record;

import io.lazytensor.internal.run.Slot;
import io.lazytensor.internal.run.StoredSlot;
import io.lazytensor.xla.ir.ArrayShape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Slots that are always read and assigned together: an optimizer's state. One call reads them all,
 * where each by itself would cost a call.
 */
public final class SlotGroup {
  /** What a read of the group depends on. */
  record Shapes(List<ArrayShape> shapes) {}

  final List<? extends Handle> handles;
  final StoredSlot[] slots;
  final Shapes shapes;
  private @Nullable Recorder reader;
  private int reading;
  private int base;
  private @Nullable Recorder individualReader;
  private int individualReading;

  /** Groups slots of one device that belong to no other group. */
  public SlotGroup(List<? extends Handle> handles) {
    this.handles = handles;
    this.slots = new StoredSlot[handles.size()];
    for (int i = 0; i < slots.length; i++) {
      if (!(handles.get(i).slot() instanceof StoredSlot stored)) {
        throw new AssertionError("only stored slots form groups");
      }
      slots[i] = stored;
      stored.group(this, i);
    }
    this.shapes = new Shapes(handles.stream().map(h -> slot(h).shape()).toList());
  }

  private static Slot slot(Handle handle) {
    Slot slot = handle.slot();
    if (slot == null) {
      throw new AssertionError("a value has no slot");
    }
    return slot;
  }

  /** Returns the ordinal of the first slot in the open recording, or -1 if it did not read them. */
  int base(Recorder recorder) {
    return reader == recorder && reading == recorder.epoch ? base : -1;
  }

  void readAt(Recorder recorder, int ordinal) {
    reader = recorder;
    reading = recorder.epoch;
    base = ordinal;
  }

  /** Remembers that the open recording read one of the slots by itself. */
  void readIndividually(Recorder recorder) {
    individualReader = recorder;
    individualReading = recorder.epoch;
  }

  boolean isReadIndividually(Recorder recorder) {
    return individualReader == recorder && individualReading == recorder.epoch;
  }
}
