package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.PlainValue;
import io.lazytensor.Resumable;
import io.lazytensor.State;
import io.lazytensor.nn.StateDict;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Parameter groups in the terms of PyTorch's {@code state_dict()}. */
final class StateExport {
  private final List<ParameterGroup> groups;
  private final long steps;

  StateExport(List<ParameterGroup> groups, long steps) {
    this.groups = groups;
    this.steps = steps;
  }

  OptimizerState state() {
    List<OptimizerState.Group> out = new ArrayList<>();
    SortedMap<Integer, StateDict> state = new TreeMap<>();
    int index = 0;
    for (ParameterGroup group : groups) {
      List<Integer> indices = new ArrayList<>();
      HostBuffer step = group.step.map(State::toHost).orElse(null);
      boolean stepped = step == null ? steps > 0 : count(step) > 0;
      boolean exists = stepped || group.settings().hasStateAtOnce();
      for (Parameter member : group.members) {
        int trained = group.trained.indexOf(member);
        if (trained >= 0 && exists) {
          StateDict entries =
              entries(group.settings().storesSteps() ? step : null, group.own.get(trained));
          if (!entries.entries().isEmpty()) {
            state.put(index, entries);
          }
        }
        indices.add(index++);
      }
      out.add(new OptimizerState.Group(options(group), indices));
    }
    return new OptimizerState(out, state, schedule());
  }

  private static double count(HostBuffer step) {
    return step.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
  }

  /** PyTorch counts each parameter's steps by itself, in memory of its own. */
  private static StateDict entries(@Nullable HostBuffer step, List<State> own) {
    SequencedMap<String, StateDict.Entry> entries = new LinkedHashMap<>();
    if (step != null) {
      entries.put("step", new StateDict.Entry(step.shape(), () -> step));
    }
    for (State state : own) {
      entries.put(
          ParameterGroup.stateName(state), new StateDict.Entry(state.shape(), state::toHost));
    }
    return new StateDict(entries);
  }

  private SequencedMap<String, PlainValue> options(ParameterGroup group) {
    OptionWriter writer = new OptionWriter().real("lr", group.rate(steps));
    OptionalDouble momentum =
        group
            .settings()
            .momentum()
            .map(schedule -> OptionalDouble.of(schedule.at(steps)))
            .orElse(OptionalDouble.empty());
    group.settings().write(writer, new OptimizerBuilder.Current(momentum));
    Schedule schedule = group.settings().schedule();
    if (!(schedule instanceof Schedules.Constant)) {
      writer.real("initial_lr", schedule.base());
    }
    SequencedMap<String, PlainValue> out = writer.options();
    group.unknownOptions().forEach(out::putIfAbsent);
    return out;
  }

  private SequencedMap<String, PlainValue> schedule() {
    SequencedMap<String, PlainValue> out = new LinkedHashMap<>();
    double[] bases = groups.stream().mapToDouble(g -> g.settings().schedule().base()).toArray();
    double[] rates = groups.stream().mapToDouble(g -> g.rate(steps)).toArray();
    out.put("base_lrs", PlainValue.of(bases));
    out.put(OptimizerState.LAST_STEP, PlainValue.of(steps));
    out.put("_step_count", PlainValue.of(steps + 1));
    out.put("_last_lr", PlainValue.of(rates));
    List<PlainValue> positions = new ArrayList<>();
    for (ParameterGroup group : groups) {
      if (group.settings().schedule() instanceof Resumable resumable) {
        positions.add(new PlainValue.Entries(resumable.position()));
      }
    }
    if (!positions.isEmpty()) {
      out.put(StateImport.POSITIONS, new PlainValue.Items(positions));
    }
    return out;
  }
}
