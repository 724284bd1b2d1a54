package io.lazytensor.checkpoint;

import io.lazytensor.PlainValue;
import io.lazytensor.checkpoint.CheckpointValue.Int;
import io.lazytensor.nn.StateDict;
import io.lazytensor.optim.OptimizerState;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * States of optimizers as PyTorch's {@code state_dict()}, and the other way round: {@code {'state':
 * {index: {name: tensor}}, 'param_groups': [{option: value, 'params': [index]}]}}.
 */
final class OptimizerStates {
  private static final String STATE = "state";
  private static final String GROUPS = "param_groups";
  private static final String PARAMETERS = "params";

  private OptimizerStates() {}

  // ---- to a tree --------------------------------------------------------------------------------

  static CheckpointDict tree(OptimizerState state) {
    CheckpointDict.Builder all = CheckpointDict.builder();
    state
        .state()
        .forEach(
            (index, values) -> all.put(CheckpointValue.of(index), StateDicts.plainTree(values)));
    List<CheckpointDict> groups = state.groups().stream().map(OptimizerStates::group).toList();
    return CheckpointDict.builder()
        .put(STATE, all.build())
        .put(GROUPS, new CheckpointList(groups))
        .build();
  }

  private static CheckpointDict group(OptimizerState.Group group) {
    CheckpointDict.Builder out = CheckpointDict.builder();
    group.options().forEach((name, value) -> out.put(name, PlainValues.tree(value)));
    List<CheckpointValue> indices = new ArrayList<>();
    group.parameters().forEach(index -> indices.add(CheckpointValue.of(index)));
    return out.put(PARAMETERS, new CheckpointList(indices)).build();
  }

  // ---- from a tree ------------------------------------------------------------------------------

  static OptimizerState state(CheckpointValue tree, Optional<CheckpointValue> schedule) {
    CheckpointDict dict = tree.asDict();
    SortedMap<Integer, StateDict> states = new TreeMap<>();
    dict.get(STATE)
        .asDict()
        .entries()
        .forEach((key, values) -> {
          StateDict entries = tensors(index(key), values.asDict());
          if (!entries.entries().isEmpty()) {
            states.put(index(key), entries);
          }
        });
    List<OptimizerState.Group> groups = new ArrayList<>();
    for (CheckpointValue group : dict.get(GROUPS).asList().items()) {
      groups.add(group(group.asDict()));
    }
    SequencedMap<String, PlainValue> position = new LinkedHashMap<>();
    schedule.ifPresent(saved -> position.putAll(PlainValues.plain(saved.asDict())));
    return new OptimizerState(groups, states, position);
  }

  private static int index(CheckpointValue key) {
    if (key instanceof Int && key.asLong() >= 0 && key.asLong() <= Integer.MAX_VALUE) {
      return (int) key.asLong();
    }
    throw new CheckpointException(
        "an optimizer's parameters have indices from 0 on, got " + Keys.show(key));
  }

  private static OptimizerState.Group group(CheckpointDict dict) {
    SequencedMap<String, PlainValue> options = new LinkedHashMap<>();
    dict.entries()
        .forEach((key, value) -> {
          if (!key.asText().equals(PARAMETERS)) {
            options.put(key.asText(), PlainValues.plain(value));
          }
        });
    List<Integer> indices = new ArrayList<>();
    dict.get(PARAMETERS).asList().items().forEach(item -> indices.add(index(item)));
    return new OptimizerState.Group(options, indices);
  }

  /** PyTorch of long ago has numbers in place of tensors, and None for a buffer yet to come. */
  private static StateDict tensors(int index, CheckpointDict values) {
    SequencedMap<String, StateDict.Entry> entries = new LinkedHashMap<>();
    values
        .entries()
        .forEach((key, value) -> {
          String name = key.asText();
          switch (value) {
            case CheckpointTensor tensor ->
                entries.put(name, StateDicts.entry(index + "." + name, tensor));
            case Int _, CheckpointValue.Real _ -> entries.put(name, number(value.asDouble()));
            case CheckpointValue.None _ -> {}
            default ->
                throw new CheckpointException(
                    "the optimizer's state %d.%s is a %s, expected a tensor or a number"
                        .formatted(index, name, value.kind()));
          }
        });
    return new StateDict(entries);
  }

  private static StateDict.Entry number(double value) {
    ArrayShape shape = ArrayShape.scalar(DType.F32);
    HostBuffer buffer = new HostBuffer(shape, Literal.scalar(DType.F32, value).segment());
    return new StateDict.Entry(shape, () -> buffer);
  }
}
