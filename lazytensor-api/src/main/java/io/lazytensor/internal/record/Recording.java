package io.lazytensor.internal.record;

import io.lazytensor.internal.run.DeviceRuntime;
import io.lazytensor.internal.run.HostResult;
import io.lazytensor.internal.run.Slot;
import io.lazytensor.internal.run.StoredSlot;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is recorded between two cuts, beside the graph: which slots it reads, by ordinal of their
 * first use, what it assigns to them, and which results it is asked for.
 */
final class Recording {
  private static final Runnable[] NO_ACTIONS = {};

  private @Nullable Slot[] slots = new Slot[32];
  private @Nullable Bound[] bounds = new Bound[32];
  private @Nullable HloInstruction[] reads = new HloInstruction[32];
  private @Nullable HloInstruction[] gradients = new HloInstruction[32];
  private boolean[] assigned = new boolean[32];
  private @Nullable Map<Slot, Integer> ordinals;
  private int count;
  private int assignedCount;
  private int gradientCount;
  private int hostReads;
  private final List<HloInstruction> resultNodes = new ArrayList<>();
  private final List<Object> resultTargets = new ArrayList<>();
  private final List<StoredSlot> consumedGradients = new ArrayList<>();
  private final List<Runnable> afterCut = new ArrayList<>();

  /** Returns how many slots are bound. */
  int count() {
    return count;
  }

  /** Binds a slot to the next ordinal. */
  void bind(Slot slot, Bound bound) {
    if (count == slots.length) {
      int size = 2 * count;
      slots = Arrays.copyOf(slots, size);
      bounds = Arrays.copyOf(bounds, size);
      reads = Arrays.copyOf(reads, size);
      gradients = Arrays.copyOf(gradients, size);
      assigned = Arrays.copyOf(assigned, size);
    }
    slots[count] = slot;
    bounds[count] = bound;
    reads[count] = bound.node;
    if (ordinals != null) {
      ordinals.put(slot, count);
    }
    count++;
  }

  /** Returns the ordinal of a slot, or -1. Asked only where threads share slots. */
  int indexOf(Slot slot) {
    Map<Slot, Integer> known = ordinals;
    if (known == null) {
      known = new IdentityHashMap<>();
      for (int i = 0; i < count; i++) {
        known.put(slot(i), i);
      }
      ordinals = known;
    }
    return known.getOrDefault(slot, -1);
  }

  Slot slot(int ordinal) {
    return there(slots[ordinal]);
  }

  /** Returns what a slot stands for now. */
  Bound bound(int ordinal) {
    return there(bounds[ordinal]);
  }

  /** Returns the node of a slot's first read: the graph's parameter. */
  HloInstruction read(int ordinal) {
    return there(reads[ordinal]);
  }

  private static <T> T there(@Nullable T value) {
    if (value == null) {
      throw new AssertionError("no slot is bound to this ordinal");
    }
    return value;
  }

  void assign(Bound next, Recorder writer) {
    int ordinal = next.ordinal;
    bounds[ordinal] = next;
    if (!assigned[ordinal]) {
      assigned[ordinal] = true;
      assignedCount++;
      if (slots[ordinal] instanceof StoredSlot stored) {
        stored.writer(writer);
      }
    }
  }

  boolean isAssigned(int ordinal) {
    return assigned[ordinal];
  }

  int assignedCount() {
    return assignedCount;
  }

  /** Returns the gradient of a parameter that no optimizer has taken yet. */
  @Nullable HloInstruction gradient(int ordinal) {
    return gradients[ordinal];
  }

  void gradient(int ordinal, @Nullable HloInstruction node) {
    gradientCount += (node == null ? 0 : 1) - (gradients[ordinal] == null ? 0 : 1);
    gradients[ordinal] = node;
  }

  int gradientCount() {
    return gradientCount;
  }

  /** Remembers that the gradient an earlier cut left behind is used up by this recording. */
  void consumed(StoredSlot owner) {
    consumedGradients.add(owner);
  }

  boolean isConsumed(StoredSlot owner) {
    return consumedGradients.contains(owner);
  }

  void ask(HloInstruction node, Object target) {
    resultNodes.add(node);
    resultTargets.add(target);
    if (target instanceof HostResult) {
      hostReads++;
    }
  }

  List<HloInstruction> resultNodes() {
    return resultNodes;
  }

  List<Object> resultTargets() {
    return resultTargets;
  }

  int hostReads() {
    return hostReads;
  }

  void afterCut(Runnable action) {
    afterCut.add(action);
  }

  Runnable[] actions() {
    return afterCut.isEmpty() ? NO_ACTIONS : afterCut.toArray(NO_ACTIONS);
  }

  /** Returns whether a cut has anything to compute. */
  boolean hasOutputs() {
    return assignedCount > 0 || gradientCount > 0 || !resultNodes.isEmpty();
  }

  /** Returns the bound slots in order, for an execution. */
  Slot[] slots() {
    Slot[] out = new Slot[count];
    System.arraycopy(slots, 0, out, 0, count);
    return out;
  }

  void committed(DeviceRuntime runtime) {
    for (int i = 0; i < consumedGradients.size(); i++) {
      runtime.dropGradient(consumedGradients.get(i));
    }
  }

  void clear() {
    for (int i = 0; i < count && assignedCount > 0; i++) {
      if (assigned[i]) {
        assigned[i] = false;
        if (slots[i] instanceof StoredSlot stored) {
          stored.writer(null);
        }
      }
    }
    Arrays.fill(slots, 0, count, null);
    Arrays.fill(bounds, 0, count, null);
    Arrays.fill(reads, 0, count, null);
    if (gradientCount > 0) {
      Arrays.fill(gradients, 0, count, null);
    }
    if (ordinals != null) {
      ordinals.clear();
    }
    count = 0;
    assignedCount = 0;
    gradientCount = 0;
    hostReads = 0;
    resultNodes.clear();
    resultTargets.clear();
    consumedGradients.clear();
    afterCut.clear();
  }
}
