package io.lazytensor.optim;

import io.lazytensor.Hyper;
import io.lazytensor.Parameter;
import io.lazytensor.PlainValue;
import io.lazytensor.State;
import io.lazytensor.internal.lower.UpdateRule;
import io.lazytensor.internal.lower.UpdateRule.StateSpec;
import io.lazytensor.internal.record.SlotGroup;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Parameters that share settings, and their state on the device. */
final class ParameterGroup {
  /** What is trained and what is frozen, as given: PyTorch counts both. */
  final List<Parameter> members;

  final List<Parameter> trained;
  final Hyper learningRate;
  final Optional<Hyper> momentum;

  /** How many steps were made, f32[]; empty if neither the rule nor PyTorch counts them. */
  final Optional<State> step;

  /** The states of each trained parameter. */
  final List<List<State>> own;

  /** All of them. */
  final SlotGroup all;

  private OptimizerBuilder<?> settings;
  private UpdateRule rule;
  private SequencedMap<String, PlainValue> loadedOptions = new LinkedHashMap<>();
  private boolean loaded;

  ParameterGroup(OptimizerBuilder<?> settings, List<Parameter> members) {
    this.settings = settings;
    this.rule = settings.rule();
    this.members = members;
    this.trained = members.stream().filter(p -> !p.isFrozen()).toList();
    Parameter first = trained.getFirst();
    this.learningRate = first.device().hyper("learning rate", settings.schedule().at(0));
    this.momentum =
        settings.momentum().map(schedule -> first.device().hyper("momentum", schedule.at(0)));
    this.step =
        rule.countsSteps()
            ? Optional.of(state(first, StateSpec.zeros("step", ArrayShape.scalar(DType.F32))))
            : Optional.empty();
    this.own =
        trained.stream()
            .map(p -> rule.states(p.shape()).stream().map(spec -> state(p, spec)).toList())
            .toList();
    this.all = new SlotGroup(own.stream().flatMap(List::stream).toList());
  }

  private static State state(Parameter of, StateSpec spec) {
    State state =
        spec.initial() == 0
            ? State.zeros(spec.shape())
            : State.of(filled(spec.shape(), spec.initial()));
    return of.device().initialize(state, of.name() + "." + spec.name());
  }

  static HostBuffer filled(ArrayShape shape, double value) {
    HostBuffer buffer = HostBuffer.allocate(shape);
    long bits = Literal.readBits(Literal.scalar(shape.dtype(), value).segment(), 0, shape.dtype());
    for (long i = 0; i < shape.elementCount(); i++) {
      Literal.writeBits(buffer.data(), i, shape.dtype(), bits);
    }
    return buffer;
  }

  UpdateRule rule() {
    return rule;
  }

  OptimizerBuilder<?> settings() {
    return settings;
  }

  /** Returns options as they were loaded: their order, and those that nobody knows here. */
  SequencedMap<String, PlainValue> loadedOptions() {
    return loadedOptions;
  }

  /** Returns whether its state is one that was saved after steps. */
  boolean hasLoaded() {
    return loaded;
  }

  /**
   * Takes other settings that need the same state.
   *
   * @param withState whether there was any in what was loaded
   */
  void change(
      OptimizerBuilder<?> other, SequencedMap<String, PlainValue> options, boolean withState) {
    loaded = withState;
    settings = other;
    rule = other.rule();
    loadedOptions = options;
  }

  double rate(long steps) {
    return settings.schedule().at(steps);
  }

  /** Sets the inputs of the step after so many. */
  void prepare(long steps) {
    learningRate.set(rate(steps));
    @Nullable Schedule momenta = settings.momentum().orElse(null);
    if (momenta != null) {
      momentum.orElseThrow().set(momenta.at(steps));
    }
  }
}
