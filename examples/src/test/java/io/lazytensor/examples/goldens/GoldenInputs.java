package io.lazytensor.examples.goldens;

import io.lazytensor.Device;
import io.lazytensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The inputs of a case as tensors of a device.
 *
 * @param device where they are
 * @param names in the file's order
 * @param tensors by name
 */
record GoldenInputs(Device device, List<String> names, Map<String, Tensor> tensors) {
  /** Returns the input at a place of the file. */
  Tensor get(int index) {
    return get(names.get(index));
  }

  /** Returns an input by name. */
  Tensor get(String name) {
    return Objects.requireNonNull(tensors.get(name), () -> "there is no input " + name);
  }

  /** Returns all inputs in the file's order. */
  List<Tensor> all() {
    return names.stream().map(this::get).toList();
  }
}
