package io.lazytensor.internal.record;

import io.lazytensor.autograd.Supersession;
import io.lazytensor.internal.run.CutListener;
import io.lazytensor.internal.run.CutPlan;
import io.lazytensor.internal.run.Data;
import io.lazytensor.internal.run.KeySlot;
import io.lazytensor.internal.run.StoredSlot;
import io.lazytensor.observe.CompileCause;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.infer.Threefry;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.ShapeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Turns a recording into a graph and an execution.
 *
 * <p>A graph's parameters are the slots in order of their first read. Its results are the slots
 * that were assigned, in that order, each taking over the buffer of its old value; then what was
 * fetched and kept, in the order of asking; then the gradients nobody took, by their parameter.
 */
final class Cutter {
  static final CallKind CUT =
      CallKind.of(
          "markStep",
          (builder, call) -> {
            throw new AssertionError("a cut has no result");
          });

  private final DeviceContext context;
  private final KeySlot key = new KeySlot();

  Cutter(DeviceContext context) {
    this.context = context;
  }

  KeySlot key() {
    return key;
  }

  /** Makes the cut that follows a call for the first time: builds and compiles its graph. */
  Call cut(
      Recording recording,
      Root root,
      Call after,
      @Nullable Call missed,
      @Nullable Call missedAgainst) {
    Call cut =
        new Call(CUT, null, null, null, Call.NONE, 0, null, UserLine.capture(), after.depth + 1);
    Call got = missed == null ? cut : missed;
    Call old = missed == null ? after.last : missedAgainst;
    CompileCause cause =
        new CompileCause(name(root), Optional.ofNullable(old).map(Call::describe), got.describe());
    HloModule module = module(recording, root);
    cut.plan =
        context
            .runtime()
            .plan(name(root), module, assigned(recording), recording.hostReads(), cause);
    return cut;
  }

  private static String name(Root root) {
    return root.key.step().isEmpty() ? "outside of steps" : root.key.step();
  }

  void requireSame(Recording recording, Root root, Call known) {
    if (!module(recording, root).equals(plan(known).recorded())) {
      throw new AssertionError(
          "the trie and the plain recorder disagree on the graph of step " + name(root));
    }
  }

  private static CutPlan plan(Call cut) {
    if (cut.plan == null) {
      throw new AssertionError("a cut without a plan");
    }
    return cut.plan;
  }

  private static HloModule module(Recording recording, Root root) {
    int count = recording.count();
    List<HloInstruction> parameters = new ArrayList<>(count);
    List<HloInstruction> outputs = new ArrayList<>();
    List<InputOutputAlias> aliases = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      parameters.add(recording.read(i));
      if (recording.isAssigned(i)) {
        aliases.add(new InputOutputAlias(outputs.size(), i));
        outputs.add(recording.node(i));
      }
    }
    outputs.addAll(recording.resultNodes());
    for (int i = 0; i < count; i++) {
      HloInstruction gradient = recording.gradient(i);
      if (gradient != null) {
        outputs.add(gradient);
      }
    }
    HloInstruction tuple = new HloBuilder().add(new HloOp.Tuple(), Supersession.apply(outputs));
    try {
      return new HloModule(name(root), HloComputation.of("main", parameters, tuple), aliases);
    } catch (ShapeException e) {
      throw Refusals.leaked(tuple, e);
    }
  }

  private static int[] assigned(Recording recording) {
    int[] out = new int[recording.assignedCount()];
    int k = 0;
    for (int i = 0; i < recording.count(); i++) {
      if (recording.isAssigned(i)) {
        out[k++] = i;
      }
    }
    return out;
  }

  /** Runs a cut and gives slots, fetches and kept tensors the values it will compute. */
  void run(Recording recording, Root root, Call cut, CutListener[] listeners, long recordNanos) {
    CutPlan plan = plan(cut);
    AtomicLong steps = root.stepNumber(context);
    key.set(key(context.seed(), root.key.step(), steps.get()));
    List<Object> asked = recording.resultTargets();
    Object[] results = new Object[asked.size() + recording.gradientCount()];
    for (int i = 0; i < asked.size(); i++) {
      results[i] = asked.get(i);
    }
    if (recording.gradientCount() > 0) {
      gradientTargets(recording, results, asked.size());
    }
    context.runtime().run(plan, recording.slots(), results, listeners, recordNanos);
    steps.incrementAndGet();
    recording.committed(context.runtime());
    if (recording.gradientCount() > 0) {
      leaveGradients(recording, results, asked.size());
    }
  }

  private static void gradientTargets(Recording recording, Object[] results, int from) {
    for (int k = from; k < results.length; k++) {
      results[k] = new Data();
    }
  }

  private void leaveGradients(Recording recording, Object[] results, int from) {
    int k = from;
    for (int i = 0; i < recording.count(); i++) {
      if (recording.gradient(i) != null && recording.slot(i) instanceof StoredSlot parameter) {
        context.runtime().leaveGradient(parameter, (Data) results[k++]);
      }
    }
  }

  /** Returns the random key of one cut: a Threefry block keyed by the seed. */
  static long key(long seed, String step, long number) {
    CRC32 name = new CRC32();
    name.update(step.getBytes(StandardCharsets.UTF_8));
    return Threefry.block((int) seed, (int) (seed >>> 32), (int) name.getValue(), (int) number);
  }
}
