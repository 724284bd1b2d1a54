package io.lazytensor.xla.text;

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
  private final Map<HloInstruction, String> instructions = new IdentityHashMap<>();

  HloNames(HloModule module) {
    Map<String, Integer> computationNames = new HashMap<>();
    Map<String, Integer> instructionNames = new HashMap<>();
    Map<HloComputation, String> leaves = new HashMap<>();
    int serial = 0;
    for (HloComputation computation : calledFirst(module.entry())) {
      // Recorded programs make the same reducer over and over; it is written once.
      if (computation != module.entry() && isLeaf(computation)) {
        String twin = leaves.get(computation);
        if (twin != null && twin.equals(legal(computation.name()))) {
          computations.put(computation, twin);
          continue;
        }
      }
      order.add(computation);
      String name = unique(legal(computation.name()), computationNames);
      computations.put(computation, name);
      if (isLeaf(computation)) {
        leaves.putIfAbsent(computation, name);
      }
      for (HloInstruction instruction : computation.instructions()) {
        serial++;
        String own = instruction.metadata().name();
        String wanted = own.isEmpty() ? instruction.op().opcode() + "." + serial : legal(own);
        instructions.put(instruction, unique(wanted, instructionNames));
      }
    }
  }

  /** Returns the computations to write, each once, what is called first. */
  List<HloComputation> computations() {
    return order;
  }

  String of(HloComputation computation) {
    return computations.getOrDefault(computation, "?");
  }

  String of(HloInstruction instruction) {
    return instructions.getOrDefault(instruction, "?");
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
