package io.lazytensor.optim;

import io.lazytensor.PlainValue;
import io.lazytensor.StateException;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/** Takes the options of a parameter group of PyTorch's that are known here. */
final class OptionReader {
  private final SequencedMap<String, PlainValue> options;

  OptionReader(SequencedMap<String, PlainValue> options) {
    this.options = options;
  }

  /** Returns a number, or another one if the file is older than the option. */
  double real(String name, double otherwise) {
    PlainValue value = options.get(name);
    return value == null ? otherwise : named(name, value::asDouble);
  }

  /** Returns a number from 0 on, or another one if the file is older than the option. */
  double fromZero(String name, double otherwise) {
    return OptimizerBuilder.requireFromZero(name, real(name, otherwise));
  }

  /** Returns a boolean, or another one if the file is older than the option. */
  boolean flag(String name, boolean otherwise) {
    PlainValue value = options.get(name);
    return value == null ? otherwise : named(name, value::asBoolean);
  }

  /** Returns a pair of numbers of which None is empty; or another pair. */
  List<OptionalDouble> pair(String name, OptionalDouble first, OptionalDouble second) {
    PlainValue value = options.get(name);
    if (value == null) {
      return List.of(first, second);
    }
    List<OptionalDouble> items =
        named(
            name,
            () ->
                value.asItems().stream()
                    .map(item ->
                        item instanceof PlainValue.None
                            ? OptionalDouble.empty()
                            : OptionalDouble.of(item.asDouble()))
                    .toList());
    if (items.size() != 2) {
      throw new StateException(name + ": expected 2 numbers, got " + items.size());
    }
    return items;
  }

  private interface Conversion<T> {
    T get();
  }

  private static <T> T named(String name, Conversion<T> conversion) {
    try {
      return conversion.get();
    } catch (StateException e) {
      throw new StateException(name + ": " + e.getMessage());
    }
  }
}
