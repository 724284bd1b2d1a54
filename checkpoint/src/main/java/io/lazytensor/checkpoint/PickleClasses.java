package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Call;
import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.util.Set;

/**
 * The names in a pickle that has objects of some classes besides what checkpoints have. An object
 * is a bag of attributes here, and a function stays a call with its arguments.
 */
final class PickleClasses implements PickleNames {
  /** The attribute that stands for a state that is no dict. */
  static final String STATE = "__state__";

  private final Set<Global> classes;
  private final Set<Global> functions;
  private long objectCount;

  /**
   * Creates the names for reading one pickle.
   *
   * @param classes whose objects may occur, as dict keys too
   * @param functions what may be called
   */
  PickleClasses(Set<Global> classes, Set<Global> functions) {
    this.classes = classes;
    this.functions = functions;
  }

  /** Returns how many objects of the classes were made. */
  long objectCount() {
    return objectCount;
  }

  @Override
  public Global global(String module, String name) {
    Global global = new Global(module, name);
    return classes.contains(global) || functions.contains(global)
        ? global
        : Constructors.global(module, name);
  }

  @Override
  public CheckpointValue call(Global function, Tuple arguments) {
    return functions.contains(function)
        ? new Call(function, arguments)
        : Constructors.call(function, arguments);
  }

  @Override
  public CheckpointValue newObject(Global type, Tuple arguments) {
    if (!classes.contains(type)) {
      return Constructors.LIST.newObject(type, arguments);
    }
    Constructors.requireArity(type, arguments.items(), 0, 0);
    objectCount++;
    return new CheckpointDict(type);
  }

  @Override
  public CheckpointValue build(CheckpointValue object, CheckpointValue state) {
    if (!(object instanceof CheckpointDict dict) || !classes.contains(dict.type())) {
      return Constructors.build(object, state);
    }
    switch (state) {
      case CheckpointDict values -> values.entries().forEach(dict::put);
      case Tuple _ -> dict.put(CheckpointValue.of(STATE), state);
      default ->
          throw new CheckpointException(
              "the pickle sets attributes of a %s from a %s"
                  .formatted(object.kind(), state.kind()));
    }
    return dict;
  }

  @Override
  public void requireKey(CheckpointValue key) {
    if (!(key instanceof CheckpointDict dict) || !classes.contains(dict.type())) {
      Keys.require(key);
    }
  }
}
