package io.lazytensor.checkpoint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Refuses trees that no program could walk: with cycles, too deep, or so shared that walking them
 * takes for ever.
 */
final class TreeLimits {
  static final int MAX_DEPTH = 200;
  private static final long MAX_NODES = 4_000_000;

  private record Level(CheckpointValue value, Iterator<CheckpointValue> rest, long[] nodes) {}

  private final Map<CheckpointValue, Long> weights = new IdentityHashMap<>();
  private final Set<CheckpointValue> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<Level> path = new ArrayDeque<>();

  private TreeLimits() {}

  static void check(CheckpointValue root) {
    new TreeLimits().walk(root);
  }

  private void walk(CheckpointValue root) {
    enter(root);
    while (!path.isEmpty()) {
      Level level = path.peek();
      if (level.rest().hasNext()) {
        CheckpointValue next = level.rest().next();
        Long known = weights.get(next);
        if (known != null) {
          level.nodes()[0] += known;
        } else {
          enter(next);
        }
      } else {
        leave(path.pop());
      }
    }
  }

  private void enter(CheckpointValue value) {
    List<CheckpointValue> children = children(value);
    if (children.isEmpty()) {
      if (!path.isEmpty()) {
        path.peek().nodes()[0]++;
      }
      return;
    }
    if (!open.add(value)) {
      throw new CheckpointException("a " + value.kind() + " in the checkpoint contains itself");
    }
    if (path.size() >= MAX_DEPTH) {
      throw new CheckpointException(
          "the checkpoint is nested more than " + MAX_DEPTH + " levels deep");
    }
    path.push(new Level(value, children.iterator(), new long[] {1}));
  }

  private void leave(Level level) {
    long nodes = level.nodes()[0];
    if (nodes > MAX_NODES) {
      throw new CheckpointException(
          "the checkpoint has more than " + MAX_NODES + " values, shared ones counted each time");
    }
    open.remove(level.value());
    weights.put(level.value(), nodes);
    if (!path.isEmpty()) {
      path.peek().nodes()[0] += nodes;
    }
  }

  private static List<CheckpointValue> children(CheckpointValue value) {
    return switch (value) {
      case CheckpointValue.Tuple tuple -> tuple.items();
      case CheckpointList list -> list.items();
      case CheckpointValue.Call call -> List.of(call.arguments());
      case CheckpointDict dict -> {
        List<CheckpointValue> children = new ArrayList<>(dict.entries().values());
        children.addAll(dict.attributes().keySet());
        children.addAll(dict.attributes().values());
        yield children;
      }
      case CheckpointTensor tensor -> tensor.quantizer().map(List::of).orElse(List.of());
      case CheckpointStorage _,
          CheckpointBytes _,
          CheckpointValue.Text _,
          CheckpointValue.Int _,
          CheckpointValue.Real _,
          CheckpointValue.Bool _,
          CheckpointValue.None _,
          CheckpointValue.Global _ ->
          List.of();
    };
  }
}
