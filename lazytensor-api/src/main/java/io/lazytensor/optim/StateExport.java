package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.PlainValue;
import io.lazytensor.Resumable;
import io.lazytensor.State;
import io.lazytensor.internal.lower.UpdateRule;
import io.lazytensor.nn.StateDict;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
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
      boolean stepped = step == null ? steps > 0 || group.hasLoaded() : count(step) > 0;
      HostBuffer stored = group.settings().storesSteps() ? step : null;
      boolean exists = stepped || group.settings().hasStateAtOnce();
      for (Parameter member : group.members) {
        int trained = group.trained.indexOf(member);
        StateDict entries =
            trained < 0 ? untouched(group, member) : entries(group, stored, trained);
        if (exists && !entries.entries().isEmpty()) {
          state.put(index, entries);
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

  /** A frozen parameter has no state, unless PyTorch makes it before it knows of gradients. */
  private static StateDict untouched(ParameterGroup group, Parameter member) {
    SequencedMap<String, StateDict.Entry> entries = new LinkedHashMap<>();
    if (group.settings().hasStateAtOnce()) {
      ArrayShape scalar = ArrayShape.scalar(DType.F32);
      entries.put("step", new StateDict.Entry(scalar, () -> HostBuffer.allocate(scalar)));
      for (UpdateRule.StateSpec spec : group.rule().states(member.shape())) {
        entries.put(
            spec.name(),
            new StateDict.Entry(
                spec.shape(), () -> ParameterGroup.filled(spec.shape(), spec.initial())));
      }
    }
    return new StateDict(entries);
  }

  /** PyTorch counts each parameter's steps by itself, in memory of its own. */
  private static StateDict entries(ParameterGroup group, @Nullable HostBuffer step, int trained) {
    SequencedMap<String, StateDict.Entry> entries = new LinkedHashMap<>();
    if (step != null) {
      entries.put("step", new StateDict.Entry(step.shape(), () -> step));
    }
    List<State> own = group.own.get(trained);
    List<UpdateRule.StateSpec> specs = group.rule().states(group.trained.get(trained).shape());
    for (int i = 0; i < own.size(); i++) {
      State state = own.get(i);
      entries.put(specs.get(i).name(), new StateDict.Entry(state.shape(), state::toHost));
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
    SequencedMap<String, PlainValue> own = writer.options();
    SequencedMap<String, PlainValue> out = new LinkedHashMap<>();
    group.loadedOptions().forEach((name, value) -> out.put(name, own.getOrDefault(name, value)));
    out.putAll(own);
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
