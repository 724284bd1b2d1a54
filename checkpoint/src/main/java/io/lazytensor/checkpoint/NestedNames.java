package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Int;
import io.lazytensor.checkpoint.CheckpointValue.Text;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Trees as flat names, and back. Keys become strings, as there; empty dicts are lost.
 *
 * <p>Source: PyTorch 2.15 {@code torch/distributed/checkpoint/_traverse.py}.
 */
final class NestedNames {
  /** How many places of lists may be left out: those of empty dicts. */
  private static final int MAX_LEFT_OUT = 10_000;

  /**
   * A value of a tree that is not split further.
   *
   * @param path strings and whole numbers that lead to it
   */
  record Leaf(Tuple path, CheckpointValue value) {}

  private final SequencedMap<String, Leaf> leaves = new LinkedHashMap<>();
  private long leftOut;

  private NestedNames() {}

  // ---- to names ---------------------------------------------------------------------------------

  /** Returns the leaves of a tree of dicts and lists by their names, joined by dots. */
  static SequencedMap<String, Leaf> flatten(CheckpointDict tree) {
    NestedNames names = new NestedNames();
    names.dict(List.of(), tree);
    return names.leaves;
  }

  private void dict(List<CheckpointValue> path, CheckpointDict dict) {
    dict.entries()
        .forEach((key, value) -> visit(longer(path, CheckpointValue.of(Keys.show(key))), value));
  }

  private void visit(List<CheckpointValue> path, CheckpointValue value) {
    switch (value) {
      case CheckpointDict dict when dict.isMapping() -> dict(path, dict);
      case CheckpointList list when isSplit(list) -> {
        for (int i = 0; i < list.items().size(); i++) {
          visit(longer(path, CheckpointValue.of(i)), list.items().get(i));
        }
      }
      default -> {
        String name = String.join(".", path.stream().map(Keys::show).toList());
        if (leaves.put(name, new Leaf(new Tuple(path), value)) != null) {
          throw new CheckpointException("two values of the tree have the name \"" + name + "\"");
        }
      }
    }
  }

  private static List<CheckpointValue> longer(List<CheckpointValue> path, CheckpointValue step) {
    if (path.size() >= TreeLimits.MAX_DEPTH) {
      throw new CheckpointException(
          "the tree is nested more than " + TreeLimits.MAX_DEPTH + " levels deep");
    }
    List<CheckpointValue> longer = new ArrayList<>(path);
    longer.add(step);
    return longer;
  }

  private static boolean isSplit(CheckpointList list) {
    return list.items().stream()
        .anyMatch(item ->
            item instanceof CheckpointTensor
                || (item instanceof CheckpointDict dict && dict.isMapping())
                || (item instanceof CheckpointList inner && isSplit(inner)));
  }

  // ---- from names -------------------------------------------------------------------------------

  /** A dict or list that is being filled; an entry is a value or another node. */
  private record Node(
      boolean isList, SequencedMap<String, Object> dict, TreeMap<Long, Object> list) {
    static Node of(CheckpointValue firstKey) {
      return new Node(firstKey instanceof Int, new LinkedHashMap<>(), new TreeMap<>());
    }
  }

  /** Returns the tree of values at these paths. */
  static CheckpointDict nest(Map<Tuple, CheckpointValue> values) {
    Node root = Node.of(CheckpointValue.of(""));
    values.forEach((path, value) -> put(root, path, value));
    return new NestedNames().dict(root);
  }

  private static void put(Node root, Tuple path, CheckpointValue value) {
    List<CheckpointValue> steps = path.items();
    if (steps.isEmpty() || steps.size() > TreeLimits.MAX_DEPTH) {
      throw new CheckpointException("a value has a path of " + steps.size() + " steps");
    }
    Node node = root;
    for (int i = 0; i < steps.size() - 1; i++) {
      CheckpointValue next = steps.get(i + 1);
      Object child = node(node, steps.get(i), path, Node.of(next));
      if (!(child instanceof Node inner) || inner.isList() != next instanceof Int) {
        throw clash(path);
      }
      node = inner;
    }
    if (node(node, steps.getLast(), path, value) != value) {
      throw clash(path);
    }
  }

  private static Object node(Node node, CheckpointValue step, Tuple path, Object fresh) {
    Object before;
    if (step instanceof Text(String key) && !node.isList()) {
      before = node.dict().putIfAbsent(key, fresh);
    } else if (step instanceof Int && node.isList() && step.asLong() >= 0) {
      before = node.list().putIfAbsent(step.asLong(), fresh);
    } else {
      throw clash(path);
    }
    return before == null ? fresh : before;
  }

  private static CheckpointException clash(Tuple path) {
    return new CheckpointException(
        "the path %s meets another value's path"
            .formatted(path.items().stream().map(Keys::show).toList()));
  }

  private CheckpointValue built(Object entry) {
    return switch (entry) {
      case Node node when node.isList() -> list(node);
      case Node node -> dict(node);
      default -> (CheckpointValue) entry;
    };
  }

  private CheckpointDict dict(Node node) {
    CheckpointDict dict = new CheckpointDict(false);
    node.dict().forEach((key, entry) -> dict.put(CheckpointValue.of(key), built(entry)));
    return dict;
  }

  private CheckpointList list(Node node) {
    long last = node.list().lastKey();
    leftOut += last - node.list().size() + 1;
    if (last > Integer.MAX_VALUE || leftOut > MAX_LEFT_OUT) {
      throw new CheckpointException(
          "a list has item %d and %d others".formatted(last, node.list().size() - 1));
    }
    List<CheckpointValue> items = new ArrayList<>();
    node.list()
        .forEach((index, entry) -> {
          while (items.size() < index) {
            items.add(CheckpointValue.none());
          }
          items.add(built(entry));
        });
    return new CheckpointList(items);
  }
}
