package io.lazytensor.optim;

import io.lazytensor.PlainValue;
import io.lazytensor.nn.StateDict;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an optimizer has learnt and how it is set, in the terms of PyTorch's {@code state_dict()}.
 *
 * @param groups the parameter groups
 * @param state the tensors of each parameter by PyTorch's names, by the parameter's index; a
 *     parameter that was never trained has none
 * @param schedule where the learning rates are, in the terms of a PyTorch scheduler: {@code
 *     last_epoch} is how many steps were made. Empty for a state that comes without
 */
public record OptimizerState(
    List<Group> groups,
    SortedMap<Integer, StateDict> state,
    SequencedMap<String, PlainValue> schedule) {
  static final String LAST_STEP = "last_epoch";

  /**
   * A parameter group.
   *
   * @param options settings by PyTorch's names
   * @param parameters indices, which count through all groups
   */
  public record Group(SequencedMap<String, PlainValue> options, List<Integer> parameters) {
    /** Copies both. */
    public Group {
      options = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(options));
      parameters = List.copyOf(parameters);
    }
  }

  /** Copies all. */
  public OptimizerState {
    groups = List.copyOf(groups);
    state = Collections.unmodifiableSortedMap(new TreeMap<>(state));
    schedule = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(schedule));
  }

  /** Returns the same state with learning rates that go on after so many steps. */
  public OptimizerState atStep(long steps) {
    SequencedMap<String, PlainValue> moved = new LinkedHashMap<>(schedule);
    moved.put(LAST_STEP, PlainValue.of(steps));
    return new OptimizerState(groups, state, moved);
  }
}
