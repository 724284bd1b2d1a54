package io.lazytensor.internal.run;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/**
 * Finds the instruction that made the first NaN or infinity: a graph that tells of every value
 * whether it has one, and a walk back from the first result that has.
 */
final class FiniteSearch {
  private static final int NAN = 1;
  private static final int INFINITE = 2;

  private final List<HloInstruction> watched = new ArrayList<>();
  private final HloInstruction root;
  private final HloModule module;

  FiniteSearch(HloModule searched) {
    HloComputation entry = searched.entry();
    root = entry.root();
    HloBuilder b = new HloBuilder();
    List<HloInstruction> flags = new ArrayList<>();
    for (HloInstruction x : entry.instructions()) {
      if (x.shape() instanceof ArrayShape shape && shape.dtype().isFloating()) {
        watched.add(x);
        flags.add(flag(b, b.compare(ComparisonDirection.NE, x, x)));
        HloInstruction size = b.unary(UnaryKind.ABS, x);
        HloInstruction infinity = b.filledLike(x, Double.POSITIVE_INFINITY);
        flags.add(flag(b, b.compare(ComparisonDirection.EQ, size, infinity)));
      }
    }
    HloInstruction all =
        flags.isEmpty()
            ? b.spread(b.constant(DType.PRED, 0), Dims.of(1))
            : b.add(new HloOp.Concatenate(0), flags);
    module =
        new HloModule(
            searched.name() + "_search",
            HloComputation.of(entry.name(), entry.parameters(), b.add(new HloOp.Tuple(), all)),
            List.of());
  }

  private static HloInstruction flag(HloBuilder b, HloInstruction truths) {
    int rank = truths.arrayShape().rank();
    HloOp reduce =
        new HloOp.Reduce(Dims.range(rank), HloBuilder.scalarFunction(BinaryKind.OR, DType.PRED));
    HloInstruction any = rank == 0 ? truths : b.add(reduce, truths, b.constant(DType.PRED, 0));
    return b.add(new HloOp.Reshape(Dims.of(1)), any);
  }

  /** Returns the graph whose one result is {@code pred[2 n]}. */
  HloModule module() {
    return module;
  }

  /**
   * Says where the first NaN or infinity comes from.
   *
   * @param flags what the graph computed
   * @param names the name of each parameter
   */
  String describe(byte[] flags, IntFunction<String> names) {
    Map<HloInstruction, Integer> state = new IdentityHashMap<>();
    for (int i = 0; i < watched.size(); i++) {
      state.put(watched.get(i), flags[2 * i] * NAN + flags[2 * i + 1] * INFINITE);
    }
    Predicate<HloInstruction> nan = x -> (state.getOrDefault(x, 0) & NAN) != 0;
    Predicate<HloInstruction> infinite = x -> (state.getOrDefault(x, 0) & INFINITE) != 0;
    for (HloInstruction output : root.operands()) {
      if (nan.test(output)) {
        HloInstruction first = back(output, nan);
        String text = "NaN first in " + name(first, names);
        for (HloInstruction operand : first.operands()) {
          if (infinite.test(operand)) {
            return text + ", of an infinity from " + name(back(operand, infinite), names);
          }
        }
        return text;
      }
      if (infinite.test(output)) {
        return "an infinity first in " + name(back(output, infinite), names);
      }
    }
    return "a result is not finite, but every operation's is when the step runs again";
  }

  private static HloInstruction back(HloInstruction from, Predicate<HloInstruction> bad) {
    HloInstruction at = from;
    while (true) {
      HloInstruction next = null;
      for (HloInstruction operand : at.operands()) {
        if (next == null && bad.test(operand)) {
          next = operand;
        }
      }
      if (next == null) {
        return at;
      }
      at = next;
    }
  }

  private static String name(HloInstruction x, IntFunction<String> names) {
    if (x.op() instanceof HloOp.Parameter parameter) {
      return "the step's input %s %s".formatted(names.apply(parameter.number()), x.shape());
    }
    String op = x.metadata().opName();
    return "%s (%s %s, %s)"
        .formatted(
            op.isEmpty() ? x.op().opcode() : op, x.op().opcode(), x.shape(), x.metadata().source());
  }
}
