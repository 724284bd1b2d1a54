package io.lazytensor.checkpoint;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiConsumer;

/** Walks a tree in the order of the file, and tells where each leaf is. */
final class TreeLeaves {
  private static final int MAX_DEPTH = 400;
  private static final int SHOWN = 16;

  private final BiConsumer<List<String>, CheckpointValue> visitor;
  private final List<String> path = new ArrayList<>();

  TreeLeaves(BiConsumer<List<String>, CheckpointValue> visitor) {
    this.visitor = visitor;
  }

  void walk(CheckpointValue value) {
    if (path.size() > MAX_DEPTH) {
      throw new CheckpointException("the tree is nested more than " + MAX_DEPTH + " levels deep");
    }
    switch (value) {
      case CheckpointDict dict when !dict.entries().isEmpty() ->
          dict.entries().forEach((key, item) -> step(Keys.show(key), item));
      case CheckpointList list when !list.items().isEmpty() -> items(list.items());
      case CheckpointValue.Tuple tuple when !tuple.items().isEmpty() -> items(tuple.items());
      case CheckpointValue.Call call when holdsTensors(call) -> items(call.arguments().items());
      default -> visitor.accept(List.copyOf(path), value);
    }
  }

  private static boolean holdsTensors(CheckpointValue value) {
    return switch (value) {
      case CheckpointTensor _ -> true;
      case CheckpointValue.Call call -> holdsTensors(call.arguments());
      case CheckpointValue.Tuple tuple -> tuple.items().stream().anyMatch(TreeLeaves::holdsTensors);
      default -> false;
    };
  }

  private void items(List<CheckpointValue> items) {
    for (int i = 0; i < items.size(); i++) {
      step(Integer.toString(i), items.get(i));
    }
  }

  private void step(String name, CheckpointValue value) {
    path.add(name);
    walk(value);
    path.removeLast();
  }

  /** Returns a value as Python shows it, strings without quotes. */
  static String repr(CheckpointValue value) {
    return switch (value) {
      case CheckpointBytes bytes -> HexFormat.of().formatHex(bytes.toArray());
      case CheckpointDict dict -> dict.entries().isEmpty() ? "{}" : dict.toString();
      case CheckpointList list -> list.items().isEmpty() ? "[]" : shown(list.items(), "[", "]");
      case CheckpointValue.Tuple tuple -> shown(tuple.items(), "(", ")");
      case CheckpointValue.Call call -> ofCall(call.arguments().items());
      case CheckpointTensor _, CheckpointStorage _ -> value.toString();
      default -> Keys.show(value);
    };
  }

  /** Shows what a set or size is made of, rather than that it is made of one list. */
  private static String ofCall(List<CheckpointValue> arguments) {
    boolean one = arguments.size() == 1;
    return one && arguments.getFirst() instanceof CheckpointList list
        ? shown(list.items(), "{", "}")
        : one && arguments.getFirst() instanceof CheckpointValue.Tuple tuple
            ? shown(tuple.items(), "(", ")")
            : shown(arguments, "(", ")");
  }

  private static String shown(List<CheckpointValue> items, String open, String close) {
    List<String> first =
        items.stream()
            .limit(SHOWN)
            .map(item -> isContainer(item) ? item.toString() : repr(item))
            .toList();
    String rest = items.size() > SHOWN ? ", … " + items.size() + " items" : "";
    return open + String.join(", ", first) + rest + close;
  }

  /** Containers in a shown one are counted only: a shared tree would be endless. */
  private static boolean isContainer(CheckpointValue value) {
    return switch (value) {
      case CheckpointDict _, CheckpointList _, CheckpointValue.Tuple _, CheckpointValue.Call _ ->
          true;
      default -> false;
    };
  }
}
