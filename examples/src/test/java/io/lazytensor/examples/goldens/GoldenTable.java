package io.lazytensor.examples.goldens;

import io.lazytensor.Tensor;
import io.lazytensor.ValuesAndIndices;
import io.lazytensor.nn.Layer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** What is called in Java for each case of a golden file. */
final class GoldenTable {
  /** A function of three tensors. */
  interface Ternary {
    Tensor apply(Tensor x, Tensor y, Tensor z);
  }

  /** A function of a layer and the inputs that are none of its members. */
  interface LayerCall<L extends Layer> {
    List<Tensor> apply(L layer, GoldenInputs in);
  }

  /** A call that is ready for one run: its layer, and the function that uses it. */
  record Prepared(Layer layer, Function<GoldenInputs, List<Tensor>> function) {}

  /** A model of no parts. */
  private record Nothing() implements Layer {
    @Override
    public SequencedMap<String, Object> members() {
      return new LinkedHashMap<>();
    }
  }

  private final Map<String, Supplier<Prepared>> calls = new TreeMap<>();

  /** Adds a function of one tensor. */
  void one(String name, UnaryOperator<Tensor> function) {
    many(name, in -> List.of(function.apply(in.get(0))));
  }

  /** Adds a function of two tensors. */
  void two(String name, BinaryOperator<Tensor> function) {
    many(name, in -> List.of(function.apply(in.get(0), in.get(1))));
  }

  /** Adds a function of three tensors. */
  void three(String name, Ternary function) {
    many(name, in -> List.of(function.apply(in.get(0), in.get(1), in.get(2))));
  }

  /** Adds a function of one tensor that returns values and indices. */
  void pair(String name, Function<Tensor, ValuesAndIndices> function) {
    many(
        name,
        in -> {
          ValuesAndIndices both = function.apply(in.get(0));
          return List.of(both.values(), both.indices());
        });
  }

  /** Adds a function of any inputs with any number of results. */
  void many(String name, Function<GoldenInputs, List<Tensor>> function) {
    add(name, () -> new Prepared(new Nothing(), function));
  }

  /**
   * Adds a layer. Inputs under the names of its parameters and states are loaded into it, the
   * others are the function's.
   */
  <L extends Layer> void layer(String name, Supplier<L> layer, LayerCall<L> call) {
    add(
        name,
        () -> {
          L made = layer.get();
          return new Prepared(made, in -> call.apply(made, in));
        });
  }

  private void add(String name, Supplier<Prepared> call) {
    if (calls.put(name, call) != null) {
      throw new IllegalArgumentException(name + " is in the table twice");
    }
  }

  /** Returns whether a case is a function without a layer. */
  boolean isFunction(String name) {
    Supplier<Prepared> call = calls.get(name);
    return call != null && call.get().layer() instanceof Nothing;
  }

  Map<String, Supplier<Prepared>> calls() {
    return calls;
  }
}
