package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import io.lazytensor.internal.lower.Recurrent;
import io.lazytensor.internal.ops.LayerOps;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** What recurrent layers have in common: parameters under PyTorch's names, and the call. */
final class RecurrentWeights {
  private final Recurrent.Cell cell;
  private final RecurrentOptions options;
  private final SequencedMap<String, Object> members = new LinkedHashMap<>();
  private final List<Parameter> parameters;

  RecurrentWeights(Recurrent.Cell cell, RecurrentOptions options) {
    this.cell = cell;
    this.options = options;
    int directions = options.bidirectional() ? 2 : 1;
    for (int layer = 0; layer < options.layers(); layer++) {
      int input = layer == 0 ? options.input() : options.hidden() * directions;
      add(layer, input, "");
      if (options.bidirectional()) {
        add(layer, input, "_reverse");
      }
    }
    this.parameters = members.values().stream().map(Parameter.class::cast).toList();
  }

  private void add(int layer, int input, String suffix) {
    Initializer initializer = Initializer.fanIn(options.hidden());
    int rows = cell.gates() * options.hidden();
    String name = "_l" + layer + suffix;
    members.put("weight_ih" + name, Parameter.of(initializer, rows, input));
    members.put("weight_hh" + name, Parameter.of(initializer, rows, options.hidden()));
    if (options.bias()) {
      members.put("bias_ih" + name, Parameter.of(initializer, rows));
      members.put("bias_hh" + name, Parameter.of(initializer, rows));
    }
  }

  SequencedMap<String, Object> members() {
    return java.util.Collections.unmodifiableSequencedMap(members);
  }

  /**
   * Records the call.
   *
   * @param states first states; none for zeros
   */
  List<Tensor> forward(CallKind kind, Tensor x, List<Tensor> states) {
    Recorder recorder = Calls.recorder(x);
    double rate = recorder.training() && options.layers() > 1 ? options.dropout() : 0;
    int stream = 0;
    for (int i = 1; i < options.layers() && rate > 0; i++) {
      int next = recorder.nextStream();
      stream = i == 1 ? next : stream;
    }
    Recurrent.Structure structure =
        new Recurrent.Structure(
            cell,
            options.layers(),
            options.bidirectional(),
            options.batchFirst(),
            options.bias(),
            !states.isEmpty(),
            recorder.compute());
    return OperandList.of(x)
        .with(states)
        .with(parameters)
        .record(kind, new LayerOps.Recurrence(structure, rate, stream), rate > 0);
  }
}
