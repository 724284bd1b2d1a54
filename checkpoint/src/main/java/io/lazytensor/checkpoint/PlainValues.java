package io.lazytensor.checkpoint;

import io.lazytensor.PlainValue;
import io.lazytensor.checkpoint.CheckpointValue.Text;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Plain values of this library as trees, and the other way round. */
final class PlainValues {
  private PlainValues() {}

  static CheckpointValue tree(PlainValue value) {
    return switch (value) {
      case PlainValue.Int(long number) -> CheckpointValue.of(number);
      case PlainValue.Real(double number) -> CheckpointValue.of(number);
      case PlainValue.Flag(boolean flag) -> CheckpointValue.of(flag);
      case PlainValue.Text(String text) -> CheckpointValue.of(text);
      case PlainValue.None() -> CheckpointValue.none();
      case PlainValue.Items(List<PlainValue> items) -> new CheckpointList(trees(items));
      case PlainValue.Tuple(List<PlainValue> items) -> new CheckpointValue.Tuple(trees(items));
      case PlainValue.Entries(SequencedMap<String, PlainValue> entries) -> tree(entries);
    };
  }

  static CheckpointDict tree(SequencedMap<String, PlainValue> entries) {
    CheckpointDict.Builder dict = CheckpointDict.builder();
    entries.forEach((name, value) -> dict.put(name, tree(value)));
    return dict.build();
  }

  private static List<CheckpointValue> trees(List<PlainValue> items) {
    return items.stream().map(PlainValues::tree).toList();
  }

  /**
   * Returns a tree without data. A tensor of one element, such as PyTorch's learning rate of a
   * captured graph, is its number.
   *
   * @throws CheckpointException naming what is none of the kinds there are
   */
  static PlainValue plain(CheckpointValue tree) {
    return switch (tree) {
      case CheckpointValue.Int _ -> PlainValue.of(tree.asLong());
      case CheckpointValue.Real(double value) -> PlainValue.of(value);
      case CheckpointValue.Bool(boolean value) -> PlainValue.of(value);
      case Text(String value) -> PlainValue.of(value);
      case CheckpointValue.None() -> PlainValue.none();
      case CheckpointList list -> new PlainValue.Items(plain(list.items()));
      case CheckpointValue.Tuple(List<CheckpointValue> items) -> new PlainValue.Tuple(plain(items));
      case CheckpointDict dict -> new PlainValue.Entries(plain(dict));
      case CheckpointTensor tensor -> PlainValue.of(number(tensor));
      case CheckpointStorage _,
          CheckpointBytes _,
          CheckpointValue.Global _,
          CheckpointValue.Call _ ->
          throw new CheckpointException(
              "expected numbers, strings, lists and dicts, got a " + tree.kind());
    };
  }

  static SequencedMap<String, PlainValue> plain(CheckpointDict dict) {
    SequencedMap<String, PlainValue> out = new LinkedHashMap<>();
    dict.entries().forEach((key, value) -> out.put(key.asText(), plain(value)));
    return out;
  }

  private static List<PlainValue> plain(List<CheckpointValue> items) {
    return items.stream().map(PlainValues::plain).toList();
  }

  private static double number(CheckpointTensor tensor) {
    if (tensor.elementCount() != 1) {
      throw new CheckpointException("expected a number, got a " + tensor);
    }
    return tensor
        .dtype()
        .dtype()
        .filter(type -> !type.isComplex())
        .map(type -> Numbers.toDouble(type, Literal.readBits(tensor.contiguous(), 0, type)))
        .orElseThrow(() -> new CheckpointException("expected a real number, got a " + tensor));
  }
}
