package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import io.lazytensor.internal.lower.Recurrent;
import io.lazytensor.internal.ops.RecurrentOps;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.xla.ir.ShapeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What recurrent layers have in common: parameters under PyTorch's names, and a loop over the time
 * steps, which are one product before it and one call each.
 */
final class RecurrentWeights {
  /** The parameters of one layer in one direction. */
  private record Direction(
      Parameter input, Parameter hidden, Optional<Parameter> inputBias, Optional<Parameter> bias) {}

  private final String name;
  private final Recurrent.Cell cell;
  private final RecurrentOptions options;
  private final SequencedMap<String, Object> members = new LinkedHashMap<>();
  private final List<Direction> directions = new ArrayList<>();

  RecurrentWeights(String name, Recurrent.Cell cell, RecurrentOptions options) {
    this.name = name;
    this.cell = cell;
    this.options = options;
    for (int layer = 0; layer < options.layers(); layer++) {
      int input = layer == 0 ? options.input() : options.hidden() * perLayer();
      add(layer, input, "");
      if (options.bidirectional()) {
        add(layer, input, "_reverse");
      }
    }
  }

  private int perLayer() {
    return options.bidirectional() ? 2 : 1;
  }

  private void add(int layer, int input, String suffix) {
    int rows = cell.gates() * options.hidden();
    String key = "_l" + layer + suffix;
    Parameter fromInput = parameter("weight_ih" + key, rows, input);
    Parameter fromHidden = parameter("weight_hh" + key, rows, options.hidden());
    if (!options.bias()) {
      directions.add(new Direction(fromInput, fromHidden, Optional.empty(), Optional.empty()));
      return;
    }
    Optional<Parameter> inputBias = Optional.of(parameter("bias_ih" + key, rows));
    Optional<Parameter> bias = Optional.of(parameter("bias_hh" + key, rows));
    directions.add(new Direction(fromInput, fromHidden, inputBias, bias));
  }

  private Parameter parameter(String key, int... dims) {
    Parameter made = Parameter.of(Initializer.fanIn(options.hidden()), dims);
    members.put(key, made);
    return made;
  }

  SequencedMap<String, Object> members() {
    return java.util.Collections.unmodifiableSequencedMap(members);
  }

  /**
   * Returns outputs, last hidden states and, of an LSTM, last cell states.
   *
   * @param given first hidden and cell states, all layers in one; none for zeros
   */
  List<Tensor> forward(Tensor given, List<Tensor> states) {
    boolean single = given.rank() == 2;
    Tensor x = timeFirst(given, single);
    List<Tensor> first = states.stream().map(s -> checked(s, x, single)).toList();
    List<List<Tensor>> last = new ArrayList<>();
    Tensor y = x;
    for (int layer = 0; layer < options.layers(); layer++) {
      y = layer == 0 ? y : F.dropout(y, options.dropout());
      List<Tensor> outputs = new ArrayList<>();
      for (int i = 0; i < perLayer(); i++) {
        int at = layer * perLayer() + i;
        Scan scan = loop(directions.get(at), y, carries(y, first, at), i == 1);
        outputs.add(scan.outputs().getFirst());
        last.add(scan.carries());
      }
      y = outputs.size() == 1 ? outputs.getFirst() : F.concat(outputs, 2);
    }
    List<Tensor> results = new ArrayList<>();
    results.add(single ? y.squeeze(1) : options.batchFirst() ? y.transpose(0, 1) : y);
    for (int i = 0; i < last.getFirst().size(); i++) {
      int which = i;
      Tensor all = F.stack(last.stream().map(carries -> carries.get(which)).toList(), 0);
      results.add(single ? all.squeeze(1) : all);
    }
    return results;
  }

  private Tensor timeFirst(Tensor x, boolean single) {
    boolean fits = (single || x.rank() == 3) && x.size(-1) == options.input();
    int time = !fits ? 0 : x.size(!single && options.batchFirst() ? 1 : 0);
    if (time == 0) {
      String layout = options.batchFirst() ? "[batch,time," : "[time,batch,";
      throw new ShapeException(
          "%s: expected %s%d] with at least one time step, got %s"
              .formatted(name, layout, options.input(), x.shape()));
    }
    if (single) {
      return x.unsqueeze(1);
    }
    return options.batchFirst() ? x.transpose(0, 1) : x;
  }

  private Tensor checked(Tensor state, Tensor x, boolean single) {
    Tensor batched = single && state.rank() == 2 ? state.unsqueeze(1) : state;
    List<Integer> expected = List.of(directions.size(), x.size(1), options.hidden());
    if (!Sizes.of(batched).equals(expected)) {
      throw new ShapeException(
          "%s: expected first states %s, got %s".formatted(name, expected, state.shape()));
    }
    return batched;
  }

  private List<Tensor> carries(Tensor x, List<Tensor> first, int at) {
    if (!first.isEmpty()) {
      return first.stream().map(state -> state.select(0, at)).toList();
    }
    Tensor zero = Calls.call(RecurrentOps.ZERO_STATE, x, options.hidden(), null);
    return cell == Recurrent.Cell.LSTM ? List.of(zero, zero) : List.of(zero);
  }

  private Scan loop(Direction direction, Tensor x, List<Tensor> carries, boolean reverse) {
    boolean inside = cell == Recurrent.Cell.GRU;
    Tensor inputs =
        direction.inputBias().isEmpty()
            ? F.linear(x, direction.input())
            : F.linear(x, direction.input(), bias(direction, inside));
    long compute = Calls.recorder(x).compute().ordinal();
    return F.scan(
        carries,
        List.of(inputs),
        (before, slices) -> {
          List<Tensor> operands = new ArrayList<>(slices);
          operands.addAll(before);
          operands.add(direction.hidden());
          if (inside) {
            direction.bias().ifPresent(operands::add);
          }
          List<Tensor> next = Calls.manyResults(kind(), operands, compute, null);
          return new Scan(next, List.of(next.getFirst()));
        },
        reverse);
  }

  /** Returns what is added to the inputs; a GRU's hidden bias is behind its reset gate. */
  private static Tensor bias(Direction direction, boolean inside) {
    Parameter input = direction.inputBias().orElseThrow();
    return inside ? input : input.add(direction.bias().orElseThrow());
  }

  private CallKind kind() {
    return switch (cell) {
      case TANH -> RecurrentOps.TANH_CELL;
      case RELU -> RecurrentOps.RELU_CELL;
      case LSTM -> RecurrentOps.LSTM_CELL;
      case GRU -> RecurrentOps.GRU_CELL;
    };
  }
}
