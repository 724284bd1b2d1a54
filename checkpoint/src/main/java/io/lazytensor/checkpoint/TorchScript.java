package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.util.Set;

/**
 * The names in a TorchScript archive: those of checkpoints, and the classes of its modules, whose
 * objects are bags of attributes here. Its code is never looked at.
 *
 * <p>Source: PyTorch 2.6 {@code torch/csrc/jit/serialization/pickler.cpp} and {@code
 * torch/jit/_pickle.py}.
 */
final class TorchScript implements PickleNames {
  private static final String SCRIPTED = "__torch__";
  private static final String TYPED = "torch.jit._pickle";
  private static final Global TYPE_TAG = new Global(TYPED, "restore_type_tag");
  private static final Set<Global> LISTS =
      Set.of(
          new Global(TYPED, "build_intlist"),
          new Global(TYPED, "build_doublelist"),
          new Global(TYPED, "build_boollist"),
          new Global(TYPED, "build_tensorlist"));

  @Override
  public Global global(String module, String name) {
    Global global = new Global(module, name);
    boolean known = isScripted(global) || global.equals(TYPE_TAG) || LISTS.contains(global);
    return known ? global : Constructors.global(module, name);
  }

  private static boolean isScripted(Global type) {
    return type.module().equals(SCRIPTED) || type.module().startsWith(SCRIPTED + ".");
  }

  @Override
  public CheckpointValue call(Global function, Tuple arguments) {
    if (LISTS.contains(function)) {
      Constructors.requireArity(function, arguments.items(), 1, 1);
      return arguments.items().getFirst().asList();
    }
    if (function.equals(TYPE_TAG)) {
      Constructors.requireArity(function, arguments.items(), 2, 2);
      return arguments.items().getFirst();
    }
    // A named tuple is a call of its class.
    return isScripted(function) ? arguments : Constructors.call(function, arguments);
  }

  @Override
  public CheckpointValue newObject(Global type, Tuple arguments) {
    if (!isScripted(type)) {
      throw new CheckpointException("the pickle makes a bare object of class " + type);
    }
    Constructors.requireArity(type, arguments.items(), 0, 0);
    return new CheckpointDict(type);
  }

  @Override
  public CheckpointValue build(CheckpointValue object, CheckpointValue state) {
    if (object instanceof CheckpointDict dict
        && isScripted(dict.type())
        && !(state instanceof CheckpointDict)) {
      throw new CheckpointException(
          "the module has an object of %s with a state that only its program understands"
              .formatted(dict.type()));
    }
    return Constructors.build(object, state);
  }

  /**
   * Returns the tensors of a module under the names of its state dict. Tensors that are plain
   * attributes are among them: only the code knows which are parameters and buffers.
   */
  static CheckpointDict stateDict(CheckpointValue module) {
    if (!(module instanceof CheckpointDict root) || !isScripted(root.type())) {
      throw new CheckpointException(
          "the TorchScript archive holds no module, but a " + module.kind());
    }
    CheckpointDict tensors = new CheckpointDict(true);
    collect("", root, tensors);
    return tensors;
  }

  private static void collect(String prefix, CheckpointDict module, CheckpointDict tensors) {
    module
        .entries()
        .forEach((key, value) -> {
          String name = prefix + key.asText();
          if (value instanceof CheckpointTensor) {
            tensors.put(CheckpointValue.of(name), value);
          } else if (value instanceof CheckpointDict inner && isScripted(inner.type())) {
            collect(name + ".", inner, tensors);
          }
        });
  }
}
