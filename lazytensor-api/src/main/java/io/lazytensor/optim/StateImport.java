package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.PlainValue;
import io.lazytensor.Resumable;
import io.lazytensor.State;
import io.lazytensor.StateException;
import io.lazytensor.internal.lower.UpdateRule;
import io.lazytensor.nn.StateDict;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A saved state that was found to fit parameter groups. Everything is read before it is used. */
final class StateImport {
  static final String POSITIONS = "positions";
  private static final String RATE = "lr";
  private static final String STEP = "step";

  /** Beyond this a double does not hold every integer. */
  private static final double MOST_STEPS = 1L << 53;

  private record NewSettings(
      OptimizerBuilder<?> settings, SequencedMap<String, PlainValue> options, boolean withState) {}

  private final List<ParameterGroup> groups;
  private final OptimizerState state;
  private final List<String> problems = new ArrayList<>();
  private final Map<State, HostBuffer> contents = new LinkedHashMap<>();
  private final List<NewSettings> settings = new ArrayList<>();
  private final Set<Integer> used = new LinkedHashSet<>();
  private final List<Resumable> resumables = new ArrayList<>();
  private final List<SequencedMap<String, PlainValue>> positions = new ArrayList<>();
  private long counted;

  /**
   * Checks that a state fits.
   *
   * @throws StateException listing everything that does not
   */
  StateImport(List<ParameterGroup> groups, OptimizerState state) {
    this.groups = groups;
    this.state = state;
    if (groups.size() != state.groups().size()) {
      problems.add(
          "it has %d parameter groups, the optimizer %d"
              .formatted(state.groups().size(), groups.size()));
    } else {
      for (int i = 0; i < groups.size(); i++) {
        check("group " + i, groups.get(i), state.groups().get(i));
      }
      Set<Integer> left = new LinkedHashSet<>(state.state().keySet());
      left.removeAll(used);
      if (!left.isEmpty()) {
        problems.add("state of parameters %s that are in no group or frozen here".formatted(left));
      }
    }
    schedulePosition();
    if (!problems.isEmpty()) {
      throw new StateException(
          "the optimizer state does not fit: "
              + String.join("; ", problems)
              + ". Nothing was loaded.");
    }
  }

  // ---- options ----------------------------------------------------------------------------------

  private void check(String where, ParameterGroup group, OptimizerState.Group saved) {
    List<Parameter> parameters = corresponding(group, saved);
    if (parameters.isEmpty()) {
      problems.add(
          "%s has %d parameters, the optimizer's %d, of which %d are trained"
              .formatted(
                  where, saved.parameters().size(), group.members.size(), group.trained.size()));
      return;
    }
    try {
      settings.add(options(group, saved));
    } catch (StateException | IllegalArgumentException e) {
      problems.add(where + ": " + e.getMessage());
    }
    states(where, group, saved, parameters);
  }

  /** PyTorch's groups have the frozen parameters too, unless the program left them out. */
  private static List<Parameter> corresponding(ParameterGroup group, OptimizerState.Group saved) {
    int count = saved.parameters().size();
    return count == group.members.size()
        ? group.members
        : count == group.trained.size() ? group.trained : List.of();
  }

  private NewSettings options(ParameterGroup group, OptimizerState.Group saved) {
    OptionReader reader = new OptionReader(saved.options());
    OptimizerBuilder<?> changed = group.settings().copy(List.of());
    boolean constant = changed.schedule() instanceof Schedules.Constant;
    double rate = reader.real(RATE, changed.schedule().base());
    if (constant) {
      changed.learningRate(rate);
    }
    changed.read(reader);
    UpdateRule before = group.rule();
    UpdateRule after = changed.rule();
    for (Parameter parameter : group.trained) {
      List<String> wanted = names(after, parameter);
      List<String> existing = names(before, parameter);
      if (!wanted.equals(existing)) {
        throw new StateException(
            "its options need the states %s, this optimizer was built for %s: build it with the"
                    .formatted(wanted, existing)
                + " options of the state, "
                + saved.options());
      }
    }
    boolean any = saved.parameters().stream().anyMatch(state.state()::containsKey);
    return new NewSettings(changed, saved.options(), any);
  }

  private static List<String> names(UpdateRule rule, Parameter parameter) {
    List<String> names = new ArrayList<>();
    if (rule.countsSteps()) {
      names.add(STEP);
    }
    rule.states(parameter.shape()).forEach(spec -> names.add(spec.name()));
    return names;
  }

  // ---- tensors ----------------------------------------------------------------------------------

  private void states(
      String where, ParameterGroup group, OptimizerState.Group saved, List<Parameter> parameters) {
    List<Double> counts = new ArrayList<>();
    boolean any = saved.parameters().stream().anyMatch(state.state()::containsKey);
    for (int i = 0; i < parameters.size(); i++) {
      int trained = group.trained.indexOf(parameters.get(i));
      int index = saved.parameters().get(i);
      StateDict values = state.state().get(index);
      String name = "parameter %d (%s)".formatted(index, parameters.get(i).name());
      if (trained < 0) {
        if (values != null && isUntouched(name, values)) {
          used.add(index);
        }
        continue;
      }
      used.add(index);
      List<State> own = group.own.get(trained);
      if (values != null) {
        parameter(name, group, trained, values, counts);
      } else if (any && !own.isEmpty()) {
        problems.add("no state of " + name + ", which is trained here, unlike that of others");
      } else {
        fresh(group, parameters.get(i), own);
      }
    }
    count(where, group, counts);
  }

  private void fresh(ParameterGroup group, Parameter parameter, List<State> own) {
    List<UpdateRule.StateSpec> specs = group.rule().states(parameter.shape());
    for (int k = 0; k < own.size(); k++) {
      contents.put(own.get(k), ParameterGroup.filled(specs.get(k).shape(), specs.get(k).initial()));
    }
  }

  private void parameter(
      String name, ParameterGroup group, int trained, StateDict values, List<Double> counts) {
    Set<String> left = new LinkedHashSet<>(values.entries().keySet());
    List<State> own = group.own.get(trained);
    List<String> ownNames = names(group.rule(), group.trained.get(trained));
    ownNames.remove(STEP);
    for (int k = 0; k < own.size(); k++) {
      State each = own.get(k);
      String stateName = ownNames.get(k);
      if (left.remove(stateName)) {
        read(name + "." + stateName, values, stateName, each.shape(), each);
      } else {
        problems.add("%s has no %s".formatted(name, stateName));
      }
    }
    if (left.remove(STEP)) {
      step(name, values).ifPresent(counts::add);
    } else if (group.rule().countsSteps() && group.settings().storesSteps()) {
      problems.add("%s has no %s".formatted(name, STEP));
    } else if (group.rule().countsSteps()) {
      // A momentum buffer exists from the first step on.
      counts.add(1.0);
    }
    if (!left.isEmpty()) {
      problems.add("%s has the unexpected states %s".formatted(name, left));
    }
  }

  /** PyTorch's Adagrad has state of parameters it never steps. */
  private boolean isUntouched(String name, StateDict values) {
    return values.entries().containsKey(STEP) && step(name, values).orElse(1) == 0;
  }

  private OptionalDouble step(String name, StateDict values) {
    HostBuffer value = read(name + ".step", values, STEP, ArrayShape.scalar(DType.F32), null);
    if (value == null) {
      return OptionalDouble.empty();
    }
    double count = value.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
    if (!(count >= 0 && count <= MOST_STEPS) || count != Math.rint(count)) {
      problems.add("%s.step is %s, which is no number of steps".formatted(name, count));
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(count);
  }

  private @Nullable HostBuffer read(
      String what, StateDict values, String name, ArrayShape wanted, @Nullable State target) {
    StateDict.Entry entry = values.entries().get(name);
    if (entry == null || !entry.shape().dims().equals(wanted.dims())) {
      problems.add(
          "%s is %s, expected %s".formatted(what, entry == null ? null : entry.shape(), wanted));
      return null;
    }
    try {
      HostBuffer value = values.toHost(name, wanted.dtype());
      if (target != null) {
        contents.put(target, value);
      }
      return value;
    } catch (LazyTensorException e) {
      problems.add(what + " cannot be read: " + e.getMessage());
      return null;
    }
  }

  /** One count serves a whole group here. */
  private void count(String where, ParameterGroup group, List<Double> counts) {
    double count = counts.isEmpty() ? 0 : counts.getFirst();
    if (!counts.stream().allMatch(other -> other == count)) {
      problems.add(
          "the parameters of %s were stepped %s to %s times; this library steps all parameters of a"
                  .formatted(where, Collections.min(counts), Collections.max(counts))
              + " group together");
    }
    if (group.settings().storesSteps()) {
      counted = Math.max(counted, (long) count);
    }
    group.step.ifPresent(step -> contents.put(step, ParameterGroup.filled(step.shape(), count)));
  }

  // ---- schedules --------------------------------------------------------------------------------

  private void schedulePosition() {
    for (ParameterGroup group : groups) {
      if (group.settings().schedule() instanceof Resumable resumable) {
        resumables.add(resumable);
      }
    }
    if (!state.schedule().isEmpty()) {
      positions(state.schedule().getOrDefault(POSITIONS, new PlainValue.Items(List.of())));
    }
    PlainValue last = state.schedule().get(OptimizerState.LAST_STEP);
    if (last == null) {
      return;
    }
    if (last instanceof PlainValue.Int(long value) && value >= 0) {
      counted = value;
    } else {
      problems.add(OptimizerState.LAST_STEP + " is " + last + ", expected a number of steps");
    }
  }

  private void positions(PlainValue saved) {
    try {
      saved.asItems().forEach(item -> positions.add(item.asEntries()));
    } catch (StateException e) {
      problems.add(POSITIONS + ": " + e.getMessage());
    }
    if (positions.size() != resumables.size()) {
      problems.add(
          "it has the positions of %d schedules, the optimizer has %d that need one"
              .formatted(positions.size(), resumables.size()));
    }
  }

  /**
   * Loads the state.
   *
   * @return how many steps were made
   */
  long apply() {
    for (int i = 0; i < positions.size(); i++) {
      resumables.get(i).resume(positions.get(i));
    }
    contents.forEach(State::load);
    for (int i = 0; i < groups.size(); i++) {
      NewSettings changed = settings.get(i);
      groups.get(i).change(changed.settings(), changed.options(), changed.withState());
    }
    return counted;
  }
}
