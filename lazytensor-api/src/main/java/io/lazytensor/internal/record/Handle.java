package io.lazytensor.internal.record;

import io.lazytensor.internal.run.Slot;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.TupleShape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a recorder sees of a tensor: the node it stands for in one recording. A value stands for one
 * node for ever; a slot's tensor stands for another one in each recording, and after each
 * assignment.
 */
public abstract class Handle {
  private static final HloInstruction NOTHING =
      new HloInstruction(
          new HloOp.Tuple(), new TupleShape(List.of()), List.of(), Metadata.NONE, null);

  final @Nullable Recorder recorder;
  final int epoch;
  final HloInstruction node;

  /** What this stands for now: itself, or the latest {@link Bound} of a slot. */
  Handle current;

  /** Creates the handle of a node that was just recorded. */
  protected Handle(Recorder recorder, HloInstruction node) {
    this.recorder = recorder;
    this.epoch = recorder.epoch;
    this.node = node;
    this.current = this;
  }

  /** Creates the handle of a slot that no recording has read. */
  protected Handle() {
    this.recorder = null;
    this.epoch = 0;
    this.node = NOTHING;
    this.current = this;
  }

  /** Returns the slot this reads and writes, or null for a value of one recording. */
  protected abstract @Nullable Slot slot();

  /** Returns the device of a slot. Values answer through their recorder. */
  protected abstract DeviceContext context();

  /** Returns the tensor of a node that was just recorded. */
  protected abstract Handle result(Recorder by, HloInstruction recorded);

  /**
   * Returns this thread's recorder for the tensor's device.
   *
   * @throws io.lazytensor.RecordingException if this is a value recorded by another thread
   */
  protected final Recorder recorder() {
    Recorder latest = current.recorder;
    if (latest != null && latest.isCurrentThread()) {
      return latest;
    }
    if (slot() == null && latest != null) {
      throw latest.ofAnotherThread(this);
    }
    return context().recorder();
  }

  /** Returns whether a recording that is still open has read or assigned this slot. */
  protected final boolean isInOpenRecording() {
    Recorder latest = current.recorder;
    return latest != null && current.epoch == latest.epoch;
  }

  /** Returns the node of a value; for a slot's tensor, that of its latest reading. */
  protected final HloInstruction latestNode() {
    return current.node;
  }
}
