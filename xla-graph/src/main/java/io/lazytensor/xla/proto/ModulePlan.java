package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is written of a module, in which order, under which ids and names.
 *
 * <p>Computations are told apart by their bytes, with numbers of their own for ids: that takes time
 * in proportion to their size, where a comparison of graphs that call each other need not.
 */
final class ModulePlan {
  private final boolean named;
  private final List<HloComputation> postOrder;
  private final Map<HloComputation, Integer> kinds = new IdentityHashMap<>();
  private final Map<Integer, Unit> unitOfKind = new HashMap<>();
  private final List<Unit> units = new ArrayList<>();

  private ModulePlan(HloModule module, boolean named) {
    this.named = named;
    this.postOrder = postOrder(module.entry());
    Map<ByteBuffer, Integer> known = new HashMap<>();
    for (HloComputation computation : postOrder) {
      int next = known.size();
      kinds.put(
          computation,
          computation == module.entry()
              ? next
              : known.computeIfAbsent(localBytes(computation), _ -> next));
    }
  }

  /** Plans what XLA can load. */
  static ModulePlan named(HloModule module) {
    ModulePlan plan = new ModulePlan(module, true);
    Set<HloComputation> shared = plan.calledOtherThanByFusion();
    for (HloComputation computation : plan.postOrder) {
      if (computation == module.entry() || shared.contains(computation)) {
        plan.addOnce(computation);
      }
    }
    new NamePlan(true).assign(plan.units);
    return plan;
  }

  /** Plans each kind of computation once, without names. */
  static ModulePlan canonical(HloModule module) {
    ModulePlan plan = new ModulePlan(module, false);
    plan.postOrder.forEach(plan::addOnce);
    new NamePlan(false).assign(plan.units);
    return plan;
  }

  /** Returns the computations in the order they are written; the entry is the last. */
  List<Unit> units() {
    return units;
  }

  Unit entry() {
    return units.getLast();
  }

  private void addOnce(HloComputation computation) {
    int kind = kind(computation);
    if (!unitOfKind.containsKey(kind)) {
      unitOfKind.put(kind, add(computation));
    }
  }

  private Unit add(HloComputation computation) {
    Map<HloInstruction, List<Unit>> called = new IdentityHashMap<>();
    for (HloInstruction instruction : computation.instructions()) {
      List<HloComputation> targets = instruction.op().called();
      if (!targets.isEmpty()) {
        boolean own = named && instruction.op() instanceof ControlOp.Fusion;
        List<Unit> found = new ArrayList<>();
        for (HloComputation target : targets) {
          found.add(own ? add(target) : planned(target));
        }
        called.put(instruction, found);
      }
    }
    Unit unit =
        new Unit(
            computation,
            named,
            caller -> called.getOrDefault(caller, List.of()).stream().mapToInt(Unit::id).toArray());
    units.add(unit);
    return unit;
  }

  private Unit planned(HloComputation computation) {
    Unit unit = unitOfKind.get(kind(computation));
    if (unit == null) {
      throw new IllegalStateException(computation + " is called and not planned");
    }
    return unit;
  }

  private int kind(HloComputation computation) {
    Integer kind = kinds.get(computation);
    if (kind == null) {
      throw new IllegalStateException(computation + " is not part of the module");
    }
    return kind;
  }

  private ByteBuffer localBytes(HloComputation computation) {
    Unit unit =
        new Unit(
            computation,
            named,
            caller -> caller.op().called().stream().mapToInt(this::kind).toArray());
    WireWriter out = new WireWriter();
    unit.write(out, 1);
    return ByteBuffer.wrap(out.toByteArray());
  }

  private Set<HloComputation> calledOtherThanByFusion() {
    Set<HloComputation> out = Collections.newSetFromMap(new IdentityHashMap<>());
    for (HloComputation caller : postOrder) {
      for (HloInstruction instruction : caller.instructions()) {
        if (!(instruction.op() instanceof ControlOp.Fusion)) {
          out.addAll(instruction.op().called());
        }
      }
    }
    return out;
  }

  /** Returns everything a computation calls, callees first, and itself as the last. */
  private static List<HloComputation> postOrder(HloComputation entry) {
    List<HloComputation> order = new ArrayList<>();
    Set<HloComputation> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<HloComputation> path = new ArrayDeque<>();
    ArrayDeque<Iterator<HloComputation>> rest = new ArrayDeque<>();
    seen.add(entry);
    path.push(entry);
    rest.push(callees(entry));
    while (!path.isEmpty()) {
      if (!rest.getFirst().hasNext()) {
        rest.pop();
        order.add(path.pop());
        continue;
      }
      HloComputation next = rest.getFirst().next();
      if (seen.add(next)) {
        path.push(next);
        rest.push(callees(next));
      }
    }
    return order;
  }

  private static Iterator<HloComputation> callees(HloComputation caller) {
    return caller.instructions().stream().flatMap(i -> i.op().called().stream()).iterator();
  }
}
