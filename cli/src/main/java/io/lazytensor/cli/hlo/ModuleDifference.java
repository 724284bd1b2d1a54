package io.lazytensor.cli.hlo;

import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds where two modules differ first: the entry before what it calls, instructions in order.
 * Names and source lines do not count.
 */
final class ModuleDifference {
  private final ArrayDeque<Pair> open = new ArrayDeque<>();
  private final Set<Pair> seen = new HashSet<>();

  private ModuleDifference() {}

  /** Two computations that have to agree, compared by identity. */
  private static final class Pair {
    private final HloComputation a;
    private final HloComputation b;

    Pair(HloComputation a, HloComputation b) {
      this.a = a;
      this.b = b;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Pair that && a == that.a && b == that.b;
    }

    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(a) + System.identityHashCode(b);
    }
  }

  /** Returns the first difference in words; empty if the modules are equal. */
  static Optional<String> first(HloModule a, HloModule b) {
    Optional<String> difference = new ModuleDifference().computations(a, b);
    if (difference.isPresent()) {
      return difference;
    }
    if (!a.aliases().equals(b.aliases())) {
      return Optional.of("aliases: %s against %s".formatted(a.aliases(), b.aliases()));
    }
    if (a.replicas() != b.replicas() || a.partitions() != b.partitions()) {
      return Optional.of(
          "%d replicas of %d partitions against %d of %d"
              .formatted(a.replicas(), a.partitions(), b.replicas(), b.partitions()));
    }
    return Optional.empty();
  }

  private Optional<String> computations(HloModule a, HloModule b) {
    open.add(new Pair(a.entry(), b.entry()));
    while (!open.isEmpty()) {
      Pair pair = open.remove();
      if (!seen.add(pair)) {
        continue;
      }
      Optional<String> difference = compare(pair.a, pair.b);
      if (difference.isPresent()) {
        String where =
            pair.a.name().equals(pair.b.name())
                ? pair.a.name()
                : pair.a.name() + " against " + pair.b.name();
        return Optional.of("computation " + where + ", " + difference.get());
      }
    }
    return Optional.empty();
  }

  private Optional<String> compare(HloComputation a, HloComputation b) {
    Map<HloInstruction, Integer> inA = new IdentityHashMap<>();
    Map<HloInstruction, Integer> inB = new IdentityHashMap<>();
    int shared = Math.min(a.instructions().size(), b.instructions().size());
    for (int i = 0; i < shared; i++) {
      HloInstruction x = a.instructions().get(i);
      HloInstruction y = b.instructions().get(i);
      Optional<String> difference = compare(x, y, inA, inB);
      if (difference.isPresent()) {
        return Optional.of("instruction %d%s: %s".formatted(i, names(x, y), difference.get()));
      }
      inA.put(x, i);
      inB.put(y, i);
    }
    if (a.instructions().size() != b.instructions().size()) {
      HloInstruction next = (a.instructions().size() > shared ? a : b).instructions().get(shared);
      return Optional.of(
          "%d instructions against %d; the first one more is %s %s"
              .formatted(
                  a.instructions().size(),
                  b.instructions().size(),
                  next.op().opcode(),
                  next.shape()));
    }
    Integer rootA = inA.get(a.root());
    Integer rootB = inB.get(b.root());
    return rootA != null && rootA.equals(rootB)
        ? Optional.empty()
        : Optional.of("root: instruction %s against instruction %s".formatted(rootA, rootB));
  }

  private Optional<String> compare(
      HloInstruction x,
      HloInstruction y,
      Map<HloInstruction, Integer> inA,
      Map<HloInstruction, Integer> inB) {
    if (x.op().code() != y.op().code()) {
      return Optional.of(
          "%s %s against %s %s".formatted(x.op().opcode(), x.shape(), y.op().opcode(), y.shape()));
    }
    if (!x.shape().equals(y.shape())) {
      return Optional.of(
          "%s has the shape %s against %s".formatted(x.op().opcode(), x.shape(), y.shape()));
    }
    List<Integer> operandsOfX = x.operands().stream().map(inA::get).toList();
    List<Integer> operandsOfY = y.operands().stream().map(inB::get).toList();
    if (!operandsOfX.equals(operandsOfY)) {
      return Optional.of(
          "%s takes the instructions %s against %s"
              .formatted(x.op().opcode(), operandsOfX, operandsOfY));
    }
    if (x.op().equals(y.op())) {
      return Optional.empty();
    }
    return attributes(x.op(), y.op());
  }

  /** Called computations are compared on their own; the rest of an operation here. */
  private Optional<String> attributes(HloOp x, HloOp y) {
    if (x instanceof HloOp.Constant(Literal a) && y instanceof HloOp.Constant(Literal b)) {
      return Optional.of(elements(a, b));
    }
    List<HloComputation> calledByX = x.called();
    List<HloComputation> calledByY = y.called();
    List<Pair> pairs = new ArrayList<>();
    boolean sameCalls = calledByX.size() == calledByY.size();
    for (int i = 0; sameCalls && i < calledByX.size(); i++) {
      sameCalls = calledByX.get(i).equals(calledByY.get(i));
      pairs.add(new Pair(calledByX.get(i), calledByY.get(i)));
    }
    if (sameCalls || calledByX.size() != calledByY.size()) {
      return Optional.of("%s against %s".formatted(x, y));
    }
    open.addAll(pairs);
    return Optional.empty();
  }

  private static String elements(Literal a, Literal b) {
    byte[] x = a.segment().toArray(ValueLayout.JAVA_BYTE);
    byte[] y = b.segment().toArray(ValueLayout.JAVA_BYTE);
    int element = Arrays.mismatch(x, y) / a.shape().dtype().byteSize();
    return "constant %s differs first in element %d: %s against %s"
        .formatted(a.shape(), element, element(a, element), element(b, element));
  }

  private static String element(Literal literal, int index) {
    return switch (literal.shape().dtype()) {
      case C64, C128 -> "(%s, %s)".formatted(literal.realPart(index), literal.imaginaryPart(index));
      case S64 -> Long.toString(literal.bits(index));
      case U64 -> Long.toUnsignedString(literal.bits(index));
      default -> "%s (bits %x)".formatted(literal.toDouble(index), literal.bits(index));
    };
  }

  private static String names(HloInstruction x, HloInstruction y) {
    String a = x.metadata().name();
    String b = y.metadata().name();
    if (a.isEmpty() && b.isEmpty()) {
      return "";
    }
    return a.equals(b) ? " (" + a + ")" : " (" + a + " against " + b + ")";
  }
}
