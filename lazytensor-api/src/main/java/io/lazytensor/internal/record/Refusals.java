package io.lazytensor.internal.record;

import io.lazytensor.RecordingException;
import io.lazytensor.autograd.Placeholder;
import io.lazytensor.internal.run.Slot;
import io.lazytensor.internal.run.StoredSlot;
import io.lazytensor.observe.GraphBudgetException;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.SourceLine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** What a recorder says when a program breaks a rule. */
final class Refusals {
  private Refusals() {}

  /** Returns {@code matmul f32[2,3] recorded at Train.java:31}. */
  private static String describe(HloInstruction node) {
    return "%s %s recorded at %s"
        .formatted(node.metadata().opName(), node.shape(), node.metadata().source());
  }

  /** A value that this recording does not know. */
  static RecordingException handle(Recorder recorder, Handle handle) {
    Recorder other = handle.recorder;
    if (other != null && other != recorder) {
      if (other.context() != recorder.context()) {
        return new RecordingException(
            "%s belongs to device %s and cannot be used with device %s (%s). Fetch it and make a"
                    .formatted(
                        describe(handle.node),
                        other.context().runtime().name(),
                        recorder.context().runtime().name(),
                        UserLine.capture())
                + " tensor of the other device from the values.");
      }
      return otherThread(other, handle);
    }
    return new RecordingException(
        "%s belongs to an earlier recording, which was cut or discarded since; used at %s. Keep a"
                .formatted(describe(handle.node), UserLine.capture())
            + " value for later steps with step.keep(...) or a State, or record it again.");
  }

  static RecordingException otherThread(Recorder recorder, Handle handle) {
    return new RecordingException(
        "%s belongs to the recording of another thread; used at %s. Parameters, states and kept"
                .formatted(describe(handle.node), UserLine.capture())
            + " tensors may be shared between threads, values of a step may not.");
  }

  static RecordingException otherDevice(Recorder recorder, Slot slot, DeviceContext other) {
    return new RecordingException(
        "%s %s belongs to device %s and cannot be used with device %s (%s)."
            .formatted(
                slot.name(),
                slot.shape(),
                other.runtime().name(),
                recorder.context().runtime().name(),
                UserLine.capture()));
  }

  static void requireNoOtherWriter(Recorder recorder, Slot slot) {
    Object writer = slot instanceof StoredSlot stored ? stored.writer() : null;
    if (writer instanceof Recorder other && other != recorder && other.isAlive()) {
      throw new RecordingException(
          "%s is assigned in a recording of another thread that is not cut; used at %s. Let one"
                  .formatted(slot.name(), UserLine.capture())
              + " thread train a model, or cut first.");
    }
  }

  static RecordingException nested(String step, Root open) {
    return new RecordingException(
        "step \"%s\" is opened at %s inside step \"%s\" (opened at %s) on the same thread. Close"
                .formatted(step, UserLine.capture(), open.key.step(), open.openedAt)
            + " that one first; steps do not nest.");
  }

  static GraphBudgetException tooManyCalls(Recorder recorder, Call call, int limit) {
    return new GraphBudgetException(
        "more than %,d calls recorded without a cut; the latest is %s. A loop without markStep()"
                .formatted(limit, call.describe())
            + " keeps its whole graph alive: call markStep() once in each round.");
  }

  /** A value of a scan's iteration, or of a custom gradient, that a graph uses outside of it. */
  static RuntimeException leaked(HloInstruction root, ShapeException cause) {
    Set<HloInstruction> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<HloInstruction> open = new ArrayDeque<>(root.operands());
    while (!open.isEmpty()) {
      HloInstruction x = open.remove();
      if (!seen.add(x)) {
        continue;
      }
      if (x.annotation() instanceof Placeholder(String region)) {
        return new RecordingException(
            "%s belongs to one iteration or call of %s and is used outside of it. Return it from"
                    .formatted(describe(x), region)
                + " the function instead of storing it elsewhere.");
      }
      open.addAll(x.operands());
    }
    return cause;
  }

  /** Adds to a shape error what only the recorder knows: names and the user's line. */
  static ShapeException shapes(Recorder recorder, Call call, ShapeException cause) {
    List<String> names = new ArrayList<>();
    Recording recording = recorder.recording;
    for (int i = 0; i < recording.count(); i++) {
      HloInstruction read = recording.node(i);
      if (uses(call, read)) {
        names.add(recording.slot(i).name() + " is " + read.shape());
      }
    }
    String operands = names.isEmpty() ? "" : " [" + String.join(", ", names) + "]";
    SourceLine line = call.source();
    ShapeException told =
        new ShapeException(
            call.kind().name() + ": " + cause.getMessage() + operands + " (" + line + ")");
    told.initCause(cause);
    return told;
  }

  private static boolean uses(Call call, HloInstruction node) {
    return (call.hasA() && call.a() == node)
        || (call.hasB() && call.b() == node)
        || (call.hasC() && call.c() == node)
        || call.operands().contains(node);
  }
}
