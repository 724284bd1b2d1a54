package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;

/** The names a kind of pickle may contain, and what becomes of them here. */
interface PickleNames {
  /** Returns the named object; refuses by name what is not on the list. */
  Global global(String module, String name);

  /** Returns what a call makes. */
  CheckpointValue call(Global function, Tuple arguments);

  /** Returns a new object of a class, which {@link #build} fills. */
  CheckpointValue newObject(Global type, Tuple arguments);

  /** Gives an object its state; returns it, or what takes its place. */
  CheckpointValue build(CheckpointValue object, CheckpointValue state);

  /** Refuses what cannot be a key of a dict. */
  default void requireKey(CheckpointValue key) {
    Keys.require(key);
  }
}
