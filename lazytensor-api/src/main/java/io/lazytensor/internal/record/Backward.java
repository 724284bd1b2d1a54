package io.lazytensor.internal.record;

import io.lazytensor.autograd.ReverseMode;
import io.lazytensor.internal.run.Slot;
import io.lazytensor.internal.run.StoredSlot;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gradients as calls, and the gradients {@code backward} leaves for optimizers to take. */
final class Backward {
  private static final CallKind GRADIENTS =
      CallKind.many("gradients", (builder, call) -> differentiate(builder, call.operands()));
  private static final CallKind ACCUMULATE = CallKind.many("accumulate", Backward::add);

  private final Recorder recorder;

  Backward(Recorder recorder) {
    this.recorder = recorder;
  }

  private static HloInstruction[] differentiate(HloBuilder builder, List<HloInstruction> operands) {
    List<@Nullable HloInstruction> gradients =
        ReverseMode.gradients(builder, operands.getFirst(), operands.subList(1, operands.size()));
    return gradients.toArray(HloInstruction[]::new);
  }

  private static HloInstruction[] add(HloBuilder builder, Call call) {
    List<HloInstruction> pairs = call.operands();
    HloInstruction[] sums = new HloInstruction[pairs.size() / 2];
    for (int i = 0; i < sums.length; i++) {
      sums[i] =
          builder.add(new HloOp.Binary(BinaryKind.ADD), pairs.get(2 * i), pairs.get(2 * i + 1));
    }
    return sums;
  }

  @Nullable HloInstruction[] gradients(Handle loss, List<? extends Handle> parameters) {
    HloInstruction of = recorder.node(loss);
    recorder.begin();
    recorder.operand(of);
    for (Handle parameter : parameters) {
      recorder.operand(parameter);
    }
    return recorder.recordMany(GRADIENTS, 0, null);
  }

  void accumulate(Handle loss) {
    HloInstruction of = recorder.node(loss);
    Recording recording = recorder.recording;
    List<Bound> parameters = new ArrayList<>();
    for (int i = 0; i < recording.count(); i++) {
      Slot slot = recording.slot(i);
      if (slot.role() == Slot.Role.PARAMETER && ((StoredSlot) slot).isTrained()) {
        parameters.add(new Bound(recorder, recording.node(i), i));
      }
    }
    accumulate(of, parameters);
  }

  void accumulate(Handle loss, List<? extends Handle> parameters) {
    HloInstruction of = recorder.node(loss);
    List<Bound> bounds = new ArrayList<>();
    for (Handle parameter : parameters) {
      bounds.add(recorder.bound(parameter));
    }
    accumulate(of, bounds);
  }

  private void accumulate(HloInstruction loss, List<Bound> parameters) {
    recorder.begin();
    recorder.operand(loss);
    for (Bound parameter : parameters) {
      recorder.operand(parameter.node);
    }
    @Nullable HloInstruction[] fresh = recorder.recordMany(GRADIENTS, 0, null);
    List<Bound> twice = new ArrayList<>();
    List<HloInstruction> pairs = new ArrayList<>();
    for (int i = 0; i < fresh.length; i++) {
      HloInstruction gradient = fresh[i];
      if (gradient == null) {
        continue;
      }
      HloInstruction before = pending(parameters.get(i).ordinal);
      if (before == null) {
        recorder.recording.gradient(parameters.get(i).ordinal, gradient);
      } else {
        twice.add(parameters.get(i));
        pairs.add(before);
        pairs.add(gradient);
      }
    }
    if (!twice.isEmpty()) {
      recorder.begin();
      pairs.forEach(recorder::operand);
      HloInstruction[] sums = recorder.recordMany(ACCUMULATE, 0, null);
      for (int i = 0; i < sums.length; i++) {
        recorder.recording.gradient(twice.get(i).ordinal, sums[i]);
      }
    }
  }

  /** Returns the gradient nobody took: of this recording, or left behind by an earlier cut. */
  private @Nullable HloInstruction pending(int ordinal) {
    Recording recording = recorder.recording;
    HloInstruction here = recording.gradient(ordinal);
    if (here != null || !(recording.slot(ordinal) instanceof StoredSlot parameter)) {
      return here;
    }
    StoredSlot left = parameter.gradient();
    if (left == null || recording.isConsumed(parameter)) {
      return null;
    }
    recording.consumed(parameter);
    return recorder.read(left).node;
  }

  boolean has(Handle parameter) {
    Recording recording = recorder.recording;
    int ordinal = recorder.bound(parameter).ordinal;
    return recording.gradient(ordinal) != null
        || (recording.slot(ordinal) instanceof StoredSlot stored
            && stored.gradient() != null
            && !recording.isConsumed(stored));
  }

  @Nullable HloInstruction take(Handle parameter) {
    int ordinal = recorder.bound(parameter).ordinal;
    HloInstruction gradient = pending(ordinal);
    recorder.recording.gradient(ordinal, null);
    return gradient;
  }
}
