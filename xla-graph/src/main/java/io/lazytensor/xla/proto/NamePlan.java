package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Gives computations and instructions their ids and names. */
final class NamePlan {
  private final boolean named;
  private final Names computations = new Names();
  private final Names instructions = new Names();

  NamePlan(boolean named) {
    this.named = named;
  }

  void assign(List<Unit> units) {
    long next = 1;
    for (Unit unit : units) {
      unit.setFirstId((int) next);
      next += unit.computation().instructions().size() + 1;
      if (next > Integer.MAX_VALUE) {
        throw new UnsupportedException("a serialized module holds fewer than 2^31 instructions");
      }
    }
    // Names that are given go first, so that reading and writing again changes none.
    for (Unit unit : units) {
      if (named) {
        assign(unit, true);
      }
    }
    for (Unit unit : units) {
      assign(unit, false);
    }
  }

  private void assign(Unit unit, boolean given) {
    if (unit.name().isEmpty() != given) {
      String name = given ? sanitized(unit.name()) : "computation." + unit.id();
      unit.setName(computations.claim(name));
    }
    List<HloInstruction> all = unit.computation().instructions();
    for (int i = 0; i < all.size(); i++) {
      HloInstruction instruction = all.get(i);
      String name = unit.nameOf(instruction);
      if (name.isEmpty() != given) {
        unit.setNameOf(
            i,
            instructions.claim(
                given
                    ? sanitized(name)
                    : instruction.op().opcode() + "." + unit.idOf(instruction)));
      }
    }
  }

  /** Replaces characters XLA does not take in names, as it does itself. */
  private static String sanitized(String name) {
    StringBuilder out = new StringBuilder(name);
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      boolean later = (c >= '0' && c <= '9') || c == '.' || c == '-';
      if (!letter && !(later && i > 0)) {
        out.setCharAt(i, '_');
      }
    }
    return out.toString();
  }

  /** Names of which none is given twice. */
  private static final class Names {
    private final Set<String> taken = new HashSet<>();
    private final Map<String, Integer> suffixes = new HashMap<>();

    String claim(String name) {
      String unique = name;
      while (!taken.add(unique)) {
        unique = name + "." + suffixes.merge(name, 1, Integer::sum);
      }
      return unique;
    }
  }
}
