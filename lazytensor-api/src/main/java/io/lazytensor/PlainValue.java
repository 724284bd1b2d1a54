package io.lazytensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * A small value that is saved beside tensors: an option of an optimizer, a position in a data set.
 * Numbers keep their kind, since Python tells {@code 0} from {@code 0.0}.
 */
public sealed interface PlainValue {
  /** An integer. */
  record Int(long value) implements PlainValue {}

  /** A floating-point number. */
  record Real(double value) implements PlainValue {}

  /** A boolean. */
  record Flag(boolean value) implements PlainValue {}

  /** A string. */
  record Text(String value) implements PlainValue {}

  /** Nothing; Python's {@code None}. */
  record None() implements PlainValue {}

  /** A list of any length. */
  record Items(List<PlainValue> items) implements PlainValue {
    /** Copies the items. */
    public Items {
      items = List.copyOf(items);
    }
  }

  /** A tuple: as many items as its meaning asks for. */
  record Tuple(List<PlainValue> items) implements PlainValue {
    /** Copies the items. */
    public Tuple {
      items = List.copyOf(items);
    }
  }

  /** Values by name, in order. */
  record Entries(SequencedMap<String, PlainValue> entries) implements PlainValue {
    /** Copies the entries. */
    public Entries {
      entries = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries));
    }
  }

  /** Returns an integer. */
  static PlainValue of(long value) {
    return new Int(value);
  }

  /** Returns a floating-point number. */
  static PlainValue of(double value) {
    return new Real(value);
  }

  /** Returns a boolean. */
  static PlainValue of(boolean value) {
    return new Flag(value);
  }

  /** Returns a string. */
  static PlainValue of(String value) {
    return new Text(value);
  }

  /** Returns nothing. */
  static PlainValue none() {
    return new None();
  }

  /** Returns a list of numbers. */
  static PlainValue of(double[] values) {
    List<PlainValue> items = new ArrayList<>(values.length);
    for (double value : values) {
      items.add(of(value));
    }
    return new Items(items);
  }

  /**
   * Returns this as an integer.
   *
   * @throws StateException if it is something else
   */
  default long asLong() {
    return this instanceof Int(long value) ? value : refused("an integer");
  }

  /**
   * Returns this as a number; an integer becomes the nearest one.
   *
   * @throws StateException if it is something else
   */
  default double asDouble() {
    return switch (this) {
      case Real(double value) -> value;
      case Int(long value) -> value;
      case Flag _, Text _, None _, Items _, Tuple _, Entries _ -> refused("a number");
    };
  }

  /**
   * Returns this as a boolean.
   *
   * @throws StateException if it is something else
   */
  default boolean asBoolean() {
    return this instanceof Flag(boolean value) ? value : refused("a boolean");
  }

  /**
   * Returns this as a string.
   *
   * @throws StateException if it is something else
   */
  default String asText() {
    return this instanceof Text(String value) ? value : refused("a string");
  }

  /**
   * Returns the items of a list or tuple.
   *
   * @throws StateException if it is something else
   */
  default List<PlainValue> asItems() {
    return switch (this) {
      case Items(List<PlainValue> items) -> items;
      case Tuple(List<PlainValue> items) -> items;
      case Int _, Real _, Flag _, Text _, None _, Entries _ -> refused("a list");
    };
  }

  /**
   * Returns the values by name.
   *
   * @throws StateException if it is something else
   */
  default SequencedMap<String, PlainValue> asEntries() {
    return this instanceof Entries(SequencedMap<String, PlainValue> entries)
        ? entries
        : refused("values by name");
  }

  private <T> T refused(String expected) {
    throw new StateException("expected " + expected + ", got " + this);
  }
}
