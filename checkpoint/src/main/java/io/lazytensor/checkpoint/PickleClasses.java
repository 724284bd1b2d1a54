package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Call;
import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.util.Set;

/**
 * What one kind of pickle may contain besides {@link Constructors}. An object becomes a call of its
 * class with one dict, its attributes; a function stays a call with its arguments.
 *
 * @param objects classes whose objects may occur, as dict keys too
 * @param functions what may be called
 */
record PickleClasses(Set<Global> objects, Set<Global> functions) {
  /** The attribute that stands for a state that is no dict. */
  static final String STATE = "__state__";

  /** Returns the named object, if it may occur. */
  Global global(String module, String name) {
    Global global = new Global(module, name);
    return objects.contains(global) || functions.contains(global)
        ? global
        : Constructors.global(module, name);
  }

  boolean isObject(CheckpointValue value) {
    return value instanceof Call call && objects.contains(call.function());
  }

  /** Returns a new object without attributes. */
  static Call object(Global type) {
    return new Call(type, Tuple.of(new CheckpointDict(false)));
  }

  /** Returns the attributes of an object. */
  static CheckpointDict attributes(Call object) {
    return object.arguments().items().getFirst().asDict();
  }

  /** Sets the attributes of an object. */
  static void build(Call object, CheckpointValue state) {
    CheckpointDict attributes = attributes(object);
    switch (state) {
      case CheckpointDict values -> values.entries().forEach(attributes::put);
      case Tuple _ -> attributes.put(CheckpointValue.of(STATE), state);
      default ->
          throw new CheckpointException(
              "the pickle sets attributes of a %s from a %s"
                  .formatted(object.kind(), state.kind()));
    }
  }
}
