package io.lazytensor.checkpoint;

/** What may be a key of a dict. */
final class Keys {
  private static final int MAX_NODES = 64;

  private Keys() {}

  /** Refuses what Python cannot hash, and keys so large that hashing them would take long. */
  static void require(CheckpointValue key) {
    if (nodes(key, 0) > MAX_NODES) {
      throw new CheckpointException(
          "a dict key has more than " + MAX_NODES + " values; keys are short");
    }
  }

  private static int nodes(CheckpointValue key, int before) {
    int count = before + 1;
    if (key instanceof CheckpointValue.Tuple tuple) {
      for (CheckpointValue item : tuple.items()) {
        if (count > MAX_NODES) {
          return count;
        }
        count = nodes(item, count);
      }
      return count;
    }
    return switch (key) {
      case CheckpointValue.Text _,
          CheckpointValue.Int _,
          CheckpointValue.Real _,
          CheckpointValue.Bool _,
          CheckpointValue.None _,
          CheckpointValue.Global _,
          CheckpointBytes _ ->
          count;
      default -> throw new CheckpointException("a " + key.kind() + " cannot be a dict key");
    };
  }

  /** Returns a key as a step of a path: strings and numbers as they are. */
  static String show(CheckpointValue key) {
    return switch (key) {
      case CheckpointValue.Text(String text) -> text;
      case CheckpointValue.Int(var number) -> number.toString();
      case CheckpointValue.Tuple tuple ->
          tuple.items().stream().map(Keys::show).toList().toString();
      case CheckpointValue.Real(double number) -> PythonText.of(number);
      case CheckpointValue.Bool(boolean flag) -> flag ? "True" : "False";
      case CheckpointValue.None _ -> "None";
      default -> key.toString();
    };
  }
}
