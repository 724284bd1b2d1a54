package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/**
 * A part of a model: a tree whose leaves are {@link Parameter}s and {@link io.lazytensor.State}s.
 * PyTorch: {@code nn.Module}.
 *
 * <p>A record is a layer by its components, whose names are the keys of PyTorch's state dict; see
 * {@link Name} for others. A component is a parameter, a state, a layer, a {@link List} of them, a
 * {@link SequencedMap} from names to them, an {@link java.util.Optional} of one, or configuration:
 * a number, boolean, string, enum, or a record without tensors. Other classes override {@link
 * #members}. What a layer holds does not change once it is used in a step.
 */
public interface Layer {
  /**
   * Returns the parts by name, in order: parameters, states, layers, and lists, maps and optionals
   * of them.
   *
   * @throws LayerException naming the component that is none of what a layer may hold
   */
  default SequencedMap<String, Object> members() {
    return Members.ofRecord(this);
  }

  /**
   * Returns every parameter and state under every name it has: a shared one has several.
   *
   * @throws LayerException if a part is none of what a layer may hold
   */
  default SequencedMap<String, Stored> namedMembers() {
    return Members.named(this);
  }

  /** Returns every parameter and state once, under its first name. */
  default SequencedMap<String, Stored> uniqueMembers() {
    return Members.unique(this);
  }

  /** Returns every parameter once, under its first name. */
  default SequencedMap<String, Parameter> namedParameters() {
    return Members.parameters(this);
  }

  /** Returns every parameter once. */
  default List<Parameter> parameters() {
    return new ArrayList<>(namedParameters().values());
  }

  /** Returns the values of parameters and states by name, read when they are asked for. */
  default StateDict stateDict() {
    return StateDict.of(this);
  }
}
