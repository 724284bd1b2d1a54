package io.lazytensor.optim;

import io.lazytensor.PlainValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Collects the options of a parameter group in PyTorch's order. */
final class OptionWriter {
  private final SequencedMap<String, PlainValue> options = new LinkedHashMap<>();

  OptionWriter put(String name, PlainValue value) {
    options.put(name, value);
    return this;
  }

  OptionWriter real(String name, double value) {
    return put(name, PlainValue.of(value));
  }

  /** Adds a number whose default in PyTorch is the integer 0. */
  OptionWriter zeroable(String name, double value) {
    return put(name, value == 0 ? PlainValue.of(0L) : PlainValue.of(value));
  }

  OptionWriter flag(String name, boolean value) {
    return put(name, PlainValue.of(value));
  }

  OptionWriter none(String name) {
    return put(name, PlainValue.none());
  }

  OptionWriter pair(String name, PlainValue first, PlainValue second) {
    return put(name, new PlainValue.Tuple(List.of(first, second)));
  }

  SequencedMap<String, PlainValue> options() {
    return options;
  }
}
