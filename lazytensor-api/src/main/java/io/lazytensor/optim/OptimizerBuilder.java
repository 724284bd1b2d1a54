package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.State;
import io.lazytensor.internal.record.SlotGroup;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Settings of an optimizer's parameters. PyTorch's {@code param_groups} are {@link #group}: a copy
 * of the settings made so far, changed for some of the parameters.
 *
 * @param <B> the builder's own type
 */
public abstract sealed class OptimizerBuilder<B extends OptimizerBuilder<B>>
    permits SGD.Builder, AdamW.Builder {
  private final List<Parameter> parameters;
  private final List<B> others = new ArrayList<>();
  @Nullable Schedule schedule;
  double weightDecay;
  boolean maximize;

  OptimizerBuilder(Collection<Parameter> parameters) {
    this.parameters = new ArrayList<>(parameters);
  }

  abstract B self();

  /** Returns a builder with these settings for these parameters. */
  abstract B copy(Collection<Parameter> forParameters);

  abstract Object options();

  abstract List<String> sharedNames();

  abstract List<String> ownNames();

  void take(OptimizerBuilder<?> from) {
    schedule = from.schedule;
    weightDecay = from.weightDecay;
    maximize = from.maximize;
  }

  /** Sets a learning rate that stays. */
  public B learningRate(double rate) {
    return learningRate(Schedules.constant(rate));
  }

  /** Sets a learning rate that depends on the step. */
  public B learningRate(Schedule rates) {
    schedule = rates;
    return self();
  }

  /** Sets the weight decay. */
  public B weightDecay(double decay) {
    if (!(decay >= 0)) {
      throw new IllegalArgumentException("a weight decay is a number from 0 on, got " + decay);
    }
    weightDecay = decay;
    return self();
  }

  /** Sets whether the objective is maximized instead of minimized. */
  public B maximize(boolean value) {
    maximize = value;
    return self();
  }

  /** Gives some parameters settings of their own, starting from those made so far. */
  public B group(Collection<Parameter> some, Consumer<? super B> settings) {
    B builder = copy(some);
    settings.accept(builder);
    others.add(builder);
    return self();
  }

  List<Optimizer.Group> groups() {
    Set<Parameter> grouped = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Optimizer.Group> out = new ArrayList<>();
    List<Optimizer.Group> rest = new ArrayList<>();
    for (OptimizerBuilder<B> other : others) {
      List<Parameter> own = other.parameters;
      for (Parameter parameter : own) {
        if (!grouped.add(parameter)) {
          throw new IllegalArgumentException(parameter + " is in two groups");
        }
      }
      addGroup(other, own, rest);
    }
    addGroup(this, parameters.stream().filter(p -> !grouped.contains(p)).toList(), out);
    out.addAll(rest);
    if (out.isEmpty()) {
      throw new IllegalArgumentException(
          "an optimizer needs at least one parameter that is not frozen");
    }
    return List.copyOf(out);
  }

  private static void addGroup(
      OptimizerBuilder<?> builder, List<Parameter> members, List<Optimizer.Group> out) {
    Schedule schedule = builder.schedule;
    if (schedule == null) {
      throw new IllegalArgumentException("set a learning rate: builder.learningRate(1e-3)");
    }
    Set<Parameter> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Parameter> trained =
        members.stream().filter(p -> !p.isFrozen() && distinct.add(p)).toList();
    if (trained.isEmpty()) {
      return;
    }
    Parameter first = trained.getFirst();
    List<State> shared =
        builder.sharedNames().stream()
            .map(name -> state(first, name, ArrayShape.scalar(DType.F32)))
            .toList();
    List<List<State>> own =
        trained.stream()
            .map(parameter ->
                builder.ownNames().stream()
                    .map(name -> state(parameter, name, parameter.shape()))
                    .toList())
            .toList();
    out.add(
        new Optimizer.Group(
            trained,
            schedule,
            first.device().hyper("learning rate", schedule.at(0)),
            builder.options(),
            shared,
            own,
            new SlotGroup(own.stream().flatMap(List::stream).toList())));
  }

  private static State state(Parameter of, String name, ArrayShape shape) {
    return of.device().initialize(State.zeros(shape), of.name() + "." + name);
  }
}
