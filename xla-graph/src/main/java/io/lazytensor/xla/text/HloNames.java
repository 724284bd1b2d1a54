package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The names a module's computations and instructions have in text: their own where they have one,
 * legal and unique in the module.
 *
 * <p>Source of what is legal: XLA {@code NameUniquer} in {@code xla/service/name_uniquer.cc}.
 */
final class HloNames {
  private final List<HloComputation> order = new ArrayList<>();
  private final Map<HloComputation, String> computations = new IdentityHashMap<>();
  // An instruction may be part of two computations, and has a name in each.
  private final Map<HloComputation, Map<HloInstruction, String>> instructions =
      new IdentityHashMap<>();

  HloNames(HloModule module) {
    Map<HloComputation, HloComputation> leaves = new HashMap<>();
    Map<HloComputation, HloComputation> twins = new IdentityHashMap<>();
    List<HloComputation> all = calledFirst(module.entry());
    Set<HloComputation> fused = fused(all);
    for (HloComputation computation : all) {
      // Recorded programs make the same reducer over and over; it is written once.
      if (computation != module.entry() && isLeaf(computation) && !fused.contains(computation)) {
        HloComputation twin = leaves.putIfAbsent(computation, computation);
        if (twin != null && twin.name().equals(computation.name())) {
          twins.put(computation, twin);
          continue;
        }
      }
      order.add(computation);
    }
    nameComputations();
    nameInstructions();
    twins.forEach((computation, twin) -> computations.put(computation, of(twin)));
  }

  private void nameComputations() {
    Map<String, Integer> taken = new HashMap<>();
    for (HloComputation computation : order) {
      computations.put(computation, unique(legal(computation.name()), taken));
    }
  }

  /** Names instructions; names they were read with go first, so that others do not take them. */
  private void nameInstructions() {
    Map<String, Integer> taken = new HashMap<>();
    for (HloComputation computation : order) {
      Map<HloInstruction, String> names = new IdentityHashMap<>();
      instructions.put(computation, names);
      for (HloInstruction instruction : computation.instructions()) {
        String own = instruction.metadata().name();
        if (!own.isEmpty()) {
          names.put(instruction, unique(legal(own), taken));
        }
      }
    }
    int serial = 0;
    for (HloComputation computation : order) {
      Map<HloInstruction, String> names = instructionsOf(computation);
      for (HloInstruction instruction : computation.instructions()) {
        serial++;
        if (instruction.metadata().name().isEmpty()) {
          names.put(instruction, unique(instruction.op().opcode() + "." + serial, taken));
        }
      }
    }
  }

  // XLA wants a computation of its own for each fusion.
  private static Set<HloComputation> fused(List<HloComputation> all) {
    Set<HloComputation> out = Collections.newSetFromMap(new IdentityHashMap<>());
    for (HloComputation computation : all) {
      for (HloInstruction instruction : computation.instructions()) {
        if (instruction.op() instanceof ControlOp.Fusion fusion) {
          out.add(fusion.computation());
        }
      }
    }
    return out;
  }

  /** Returns the computations to write, each once, what is called first. */
  List<HloComputation> computations() {
    return order;
  }

  String of(HloComputation computation) {
    return computations.getOrDefault(computation, "?");
  }

  /** Returns the names of a computation's instructions. */
  Map<HloInstruction, String> instructionsOf(HloComputation computation) {
    return instructions.getOrDefault(computation, Map.of());
  }

  private static boolean isLeaf(HloComputation computation) {
    return computation.instructions().stream().allMatch(i -> i.op().called().isEmpty());
  }

  /** Returns the name, or the first of name.1, name.2, … that is free. */
  private static String unique(String base, Map<String, Integer> taken) {
    String name = base;
    int i = taken.getOrDefault(base, 0);
    while (taken.containsKey(name)) {
      name = base + "." + ++i;
    }
    taken.put(base, i);
    taken.putIfAbsent(name, 0);
    return name;
  }

  static String legal(String name) {
    String safe = name.replaceAll("[^A-Za-z0-9_.-]", "_");
    if (safe.isEmpty() || !(Character.isLetter(safe.charAt(0)) || safe.charAt(0) == '_')) {
      safe = "_" + safe;
    }
    if (safe.startsWith("__") && !safe.startsWith("__xla_")) {
      safe = "a" + safe;
    }
    return isTypeName(safe) ? safe + "_" : safe;
  }

  private static boolean isTypeName(String name) {
    for (DType type : DType.values()) {
      if (type.hloName().equals(name)) {
        return true;
      }
    }
    return ShapeReader.OTHER_TYPES.contains(name) || name.equals("token");
  }

  private static List<HloComputation> calledFirst(HloComputation entry) {
    List<HloComputation> order = new ArrayList<>();
    Set<HloComputation> opened = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<HloComputation> done = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<HloComputation> stack = new ArrayDeque<>();
    stack.push(entry);
    while (!stack.isEmpty()) {
      HloComputation top = stack.peek();
      if (opened.add(top)) {
        List<HloInstruction> instructions = top.instructions();
        for (int i = instructions.size() - 1; i >= 0; i--) {
          List<HloComputation> called = instructions.get(i).op().called();
          for (int k = called.size() - 1; k >= 0; k--) {
            if (!opened.contains(called.get(k))) {
              stack.push(called.get(k));
            }
          }
        }
      } else {
        stack.pop();
        if (done.add(top)) {
          order.add(top);
        }
      }
    }
    return order;
  }
}
