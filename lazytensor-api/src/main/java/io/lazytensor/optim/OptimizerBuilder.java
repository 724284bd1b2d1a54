package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.internal.lower.UpdateRule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
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
    permits DescentBuilder, MomentBuilder, Adagrad.Builder, RMSprop.Builder, Adafactor.Builder {
  /**
   * What a schedule has changed since construction.
   *
   * @param scheduled the momentum, or first beta, of the next step
   */
  record Current(OptionalDouble scheduled) {
    double momentum(double fixed) {
      return scheduled.orElse(fixed);
    }
  }

  private List<Parameter> parameters;
  private final List<B> others = new ArrayList<>();
  private Schedule schedule;
  private @Nullable Schedule momentum;
  double weightDecay;
  boolean maximize;

  OptimizerBuilder(Collection<Parameter> parameters, double learningRate) {
    this.parameters = new ArrayList<>(parameters);
    this.schedule = Schedules.constant(learningRate);
  }

  abstract B self();

  /** Returns a builder without parameters and with these own settings. */
  abstract B copySettings();

  /** Returns the rule these settings make. */
  abstract UpdateRule rule();

  /** Writes the options beside the learning rate, as PyTorch does. */
  abstract void write(OptionWriter options, Current current);

  /** Takes the options beside the learning rate. */
  abstract void read(OptionReader options);

  /** Returns whether PyTorch has state from construction on, not from the first step on. */
  boolean hasStateAtOnce() {
    return false;
  }

  /** Returns whether PyTorch's state has the number of steps. */
  boolean storesSteps() {
    return true;
  }

  B copy(Collection<Parameter> forParameters) {
    B copy = copySettings();
    OptimizerBuilder<B> general = copy;
    general.parameters = new ArrayList<>(forParameters);
    general.schedule = schedule;
    general.momentum = momentum;
    general.weightDecay = weightDecay;
    general.maximize = maximize;
    return copy;
  }

  Schedule schedule() {
    return schedule;
  }

  Optional<Schedule> momentum() {
    return Optional.ofNullable(momentum);
  }

  B scheduledMomentum(@Nullable Schedule shares) {
    momentum = shares;
    return self();
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
    weightDecay = requireFromZero("a weight decay", decay);
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

  static double requireFromZero(String what, double value) {
    if (!(value >= 0)) {
      throw new IllegalArgumentException(what + " is a number from 0 on, got " + value);
    }
    return value;
  }

  static double requireShare(String what, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          what + " is a number from 0 on and less than 1, got " + value);
    }
    return value;
  }

  List<ParameterGroup> groups() {
    Set<Parameter> grouped = Collections.newSetFromMap(new IdentityHashMap<>());
    for (OptimizerBuilder<B> other : others) {
      for (Parameter parameter : other.parameters) {
        if (!grouped.add(parameter)) {
          throw new IllegalArgumentException(parameter + " is in two groups");
        }
      }
    }
    List<ParameterGroup> out = new ArrayList<>();
    addGroup(this, parameters.stream().filter(p -> !grouped.contains(p)).toList(), out);
    for (OptimizerBuilder<B> other : others) {
      addGroup(other, other.parameters, out);
    }
    if (out.isEmpty()) {
      throw new IllegalArgumentException(
          "an optimizer needs at least one parameter that is not frozen");
    }
    return List.copyOf(out);
  }

  private static void addGroup(
      OptimizerBuilder<?> builder, List<Parameter> members, List<ParameterGroup> out) {
    Set<Parameter> known = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Parameter> distinct = members.stream().filter(known::add).toList();
    if (!distinct.stream().allMatch(Parameter::isFrozen)) {
      out.add(new ParameterGroup(builder, distinct));
    }
  }
}
