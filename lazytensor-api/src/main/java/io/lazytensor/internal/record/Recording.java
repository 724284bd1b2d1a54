package io.lazytensor.internal.record;

import io.lazytensor.internal.run.CutListener;
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
  private static final CutListener[] NO_LISTENERS = {};

  private @Nullable Slot[] slots = new Slot[32];
  private @Nullable HloInstruction[] nodes = new HloInstruction[32];
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
  private final List<CutListener> afterCut = new ArrayList<>();

  /** Returns how many slots are bound. */
  int count() {
    return count;
  }

  /** Binds a slot to the next ordinal. */
  void bind(Slot slot, HloInstruction node) {
    reserve(1);
    slots[count] = slot;
    nodes[count] = node;
    reads[count] = node;
    if (ordinals != null) {
      ordinals.put(slot, count);
    }
    count++;
  }

  /** Binds slots to the next ordinals. */
  void bind(Slot[] group, HloInstruction[] read) {
    int n = group.length;
    reserve(n);
    System.arraycopy(group, 0, slots, count, n);
    System.arraycopy(read, 0, nodes, count, n);
    System.arraycopy(read, 0, reads, count, n);
    for (int i = 0; i < n && ordinals != null; i++) {
      ordinals.put(group[i], count + i);
    }
    count += n;
  }

  private void reserve(int more) {
    if (count + more > slots.length) {
      int size = Math.max(2 * slots.length, count + more);
      slots = Arrays.copyOf(slots, size);
      nodes = Arrays.copyOf(nodes, size);
      reads = Arrays.copyOf(reads, size);
      gradients = Arrays.copyOf(gradients, size);
      assigned = Arrays.copyOf(assigned, size);
    }
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
  HloInstruction node(int ordinal) {
    return there(nodes[ordinal]);
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

  void assign(int ordinal, HloInstruction next, Recorder writer) {
    nodes[ordinal] = next;
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

  /** Tells those who wait for results that none will arrive. */
  void failResults(Throwable cause) {
    for (Object target : resultTargets) {
      if (target instanceof HostResult result) {
        result.fail(cause);
      }
    }
  }

  int hostReads() {
    return hostReads;
  }

  void afterCut(CutListener listener) {
    afterCut.add(listener);
  }

  CutListener[] listeners() {
    return afterCut.isEmpty() ? NO_LISTENERS : afterCut.toArray(NO_LISTENERS);
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
    Arrays.fill(nodes, 0, count, null);
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
