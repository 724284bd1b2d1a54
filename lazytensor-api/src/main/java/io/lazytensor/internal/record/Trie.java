package io.lazytensor.internal.record;

import io.lazytensor.xla.ir.DType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The recordings one thread remembers, bounded: branches not taken for longest go first. */
final class Trie {
  private record Branch(Call parent, Call child) {}

  private final Map<Root.Key, Root> roots = new HashMap<>();
  private final int limit;
  private Root latest;
  private long now;
  private int positions;

  Trie(int limit, Root.Key first) {
    this.limit = limit;
    this.latest = new Root(first);
    roots.put(first, latest);
  }

  Root root(String step, boolean training, DType compute) {
    Root.Key key = latest.key;
    if (key.training() == training && key.compute() == compute && key.step().equals(step)) {
      return latest;
    }
    latest = roots.computeIfAbsent(new Root.Key(step, training, compute), Root::new);
    return latest;
  }

  /** Returns how many calls are remembered. */
  int positions() {
    return positions;
  }

  /** Adds a call that was just lowered. */
  void link(Call parent, Call child) {
    parent.link(child, now);
    positions++;
  }

  void prefer(Call parent, Call child) {
    parent.prefer(child, now);
  }

  /** Ends a recording; only now may branches be forgotten. */
  void recorded() {
    now++;
    if (positions > limit) {
      evict();
    }
  }

  private void evict() {
    List<Branch> branches = new ArrayList<>();
    for (Root root : roots.values()) {
      root.previousCut = null;
      collect(root.start, branches);
    }
    branches.sort(Comparator.comparingLong(branch -> branch.child.leftAt));
    for (Branch branch : branches) {
      if (positions <= limit / 2) {
        break;
      }
      if (branch.parent.others != null && branch.parent.others.remove(branch.child)) {
        positions -= size(branch.child);
      }
    }
    if (positions > limit / 2) {
      roots.values().forEach(Root::clear);
      positions = 0;
    }
  }

  private static void collect(Call start, List<Branch> branches) {
    ArrayDeque<Call> open = new ArrayDeque<>();
    open.add(start);
    while (!open.isEmpty()) {
      Call call = open.remove();
      call.successor = null;
      if (call.last != null) {
        open.add(call.last);
      }
      if (call.others != null) {
        for (Call child : call.others) {
          branches.add(new Branch(call, child));
          open.add(child);
        }
      }
    }
  }

  // A branch may lie within one that is gone already: its calls are counted once.
  private static int size(Call start) {
    int size = 0;
    ArrayDeque<Call> open = new ArrayDeque<>();
    open.add(start);
    while (!open.isEmpty()) {
      Call call = open.remove();
      size++;
      if (call.last != null) {
        open.add(call.last);
        call.last = null;
      }
      if (call.others != null) {
        open.addAll(call.others);
        call.others = null;
      }
    }
    return size;
  }
}
