package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Global;
import java.util.Map;

/**
 * Names under which pickles of protocol 2 hold today's: those of Python 2, and of old PyTorch.
 *
 * <p>Source: CPython {@code Lib/_compat_pickle.py}.
 */
final class Python2 {
  private static final String OLD_BUILTINS = "__builtin__";
  private static final String BUILTINS = "builtins";

  private static final Map<String, String> OLD_NAMES =
      Map.of("range", "xrange", "int", "long", "str", "unicode");
  private static final Map<String, String> NEW_NAMES =
      Map.of("xrange", "range", "long", "int", "unicode", "str");

  private Python2() {}

  /** Returns today's name. */
  static Global modern(String module, String name) {
    if (module.equals(OLD_BUILTINS)) {
      return new Global(BUILTINS, NEW_NAMES.getOrDefault(name, name));
    }
    boolean typed =
        TorchDType.ofStorageClass(name).isPresent() || TorchDType.ofTensorClass(name).isPresent();
    if (module.equals("torch.cuda") && typed) {
      return new Global("torch", name);
    }
    // Python 3.13 alone says where its classes of paths really are.
    return new Global(module.equals("pathlib._local") ? "pathlib" : module, name);
  }

  /** Returns the name CPython writes in protocol 2. */
  static Global old(Global modern) {
    return modern.module().equals(BUILTINS)
        ? new Global(OLD_BUILTINS, OLD_NAMES.getOrDefault(modern.name(), modern.name()))
        : modern;
  }
}
