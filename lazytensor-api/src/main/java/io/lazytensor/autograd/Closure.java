package io.lazytensor.autograd;

import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A scan's iteration with the values from outside it uses. Constants of the program are no such
 * values: they are written into the loop.
 */
public record Closure(ScanBody body) {
  /**
   * Takes everything for inside that depends on the iteration.
   *
   * @param outside values known to be outside, which are not looked behind
   */
  static Closure byDependence(ScanBody body, List<HloInstruction> outside) {
    Dependence varying = Dependence.on(body.placeholders()).notBeyond(outside);
    Dependence input = Dependence.on(outside).or(Closure::isInput);
    return of(body, varying::holds, input);
  }

  private static boolean isInput(HloInstruction x) {
    return x.op() instanceof HloOp.Parameter;
  }

  /**
   * Finds what an iteration uses from outside.
   *
   * @param inside whether an instruction belongs to the iteration
   */
  public static Closure of(ScanBody body, Predicate<HloInstruction> inside) {
    return of(body, inside, new Dependence(Closure::isInput));
  }

  private static Closure of(ScanBody body, Predicate<HloInstruction> inside, Dependence input) {
    Map<HloInstruction, Boolean> seen = new IdentityHashMap<>();
    body.placeholders().forEach(x -> seen.put(x, true));
    List<HloInstruction> constants = new ArrayList<>();
    ArrayDeque<HloInstruction> open = new ArrayDeque<>(body.roots());
    while (!open.isEmpty()) {
      HloInstruction x = open.remove();
      if (seen.put(x, true) != null) {
        continue;
      }
      if (inside.test(x)) {
        open.addAll(x.operands());
      } else if (input.holds(x)) {
        constants.add(x);
      }
    }
    return new Closure(body.withConstants(constants));
  }
}
