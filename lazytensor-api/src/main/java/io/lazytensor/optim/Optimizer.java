package io.lazytensor.optim;

import io.lazytensor.Gradients;
import io.lazytensor.Hyper;
import io.lazytensor.Parameter;
import io.lazytensor.RecordingException;
import io.lazytensor.State;
import io.lazytensor.autograd.GradientException;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.internal.record.SlotGroup;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Changes parameters by their gradients. All its state exists from construction, so the first step
 * has the same graph as every other. A step is one recorded call; learning rates are inputs of the
 * graph and advance when the step is cut.
 */
public abstract sealed class Optimizer permits SGD, AdamW {
  /**
   * Parameters that share settings.
   *
   * @param parameters what is trained
   * @param schedule the learning rate
   * @param learningRate the learning rate as the graph sees it
   * @param options the settings, part of the recorded call
   * @param shared state of the group
   * @param own state of each parameter
   * @param all the state of all parameters
   */
  record Group(
      List<Parameter> parameters,
      Schedule schedule,
      Hyper learningRate,
      Object options,
      List<State> shared,
      List<List<State>> own,
      SlotGroup all) {}

  private final CallKind kind;
  private final List<Group> groups;
  private final Runnable advance = this::advance;
  private final int count;
  private long steps;
  private @Nullable Recorder latestRecorder;
  private int latestRecording;

  Optimizer(CallKind kind, List<Group> groups) {
    this.kind = kind;
    this.groups = groups;
    this.count = groups.stream().mapToInt(group -> group.parameters.size()).sum();
  }

  /** Returns all parameters, group by group. */
  public final List<Parameter> parameters() {
    return groups.stream().flatMap(group -> group.parameters.stream()).toList();
  }

  /** Returns the state by name, {@code <parameter>.<PyTorch's name>}, in order. */
  public final SequencedMap<String, State> states() {
    SequencedMap<String, State> out = new LinkedHashMap<>();
    for (Group group : groups) {
      group.shared.forEach(state -> out.put(state.name(), state));
      group.own.forEach(list -> list.forEach(state -> out.put(state.name(), state)));
    }
    return out;
  }

  /** Returns the learning rate of the first group's next step. */
  public final double learningRate() {
    return groups.getFirst().learningRate.value();
  }

  /** Returns how many steps were cut. */
  public final long steps() {
    return steps;
  }

  /**
   * Records an update by the gradients that {@code backward()} left, and uses them up.
   *
   * @throws GradientException naming the parameters without one
   */
  public final void step() {
    step(
        new Source() {
          @Override
          public boolean has(Recorder recorder, Parameter parameter) {
            return recorder.hasGradient(parameter);
          }

          @Override
          public @Nullable HloInstruction gradient(Recorder recorder, Parameter parameter) {
            return recorder.takeGradient(parameter);
          }
        });
  }

  /**
   * Records an update by these gradients.
   *
   * @throws GradientException naming the parameters without one
   */
  public final void step(Gradients gradients) {
    step(
        new Source() {
          @Override
          public boolean has(Recorder recorder, Parameter parameter) {
            return Calls.gradient(gradients, parameter) != null;
          }

          @Override
          public @Nullable HloInstruction gradient(Recorder recorder, Parameter parameter) {
            return Calls.gradient(gradients, parameter);
          }
        });
  }

  /** Where gradients come from. */
  private interface Source {
    /** Returns whether there is one, and leaves it where it is. */
    boolean has(Recorder recorder, Parameter parameter);

    @Nullable HloInstruction gradient(Recorder recorder, Parameter parameter);
  }

  private void step(Source source) {
    Recorder recorder = Calls.recorder(groups.getFirst().parameters.getFirst());
    requireFirst(recorder);
    List<String> missing = new ArrayList<>();
    for (Group group : groups) {
      for (Parameter parameter : group.parameters) {
        if (!parameter.isFrozen() && !source.has(recorder, parameter)) {
          missing.add(parameter.name());
        }
      }
    }
    // A refused step takes nothing: what backward left stays for the next one.
    requireNone(missing);
    List<@Nullable HloInstruction> gradients = new ArrayList<>(count);
    for (Group group : groups) {
      for (Parameter parameter : group.parameters) {
        gradients.add(parameter.isFrozen() ? null : source.gradient(recorder, parameter));
      }
    }
    int from = 0;
    for (Group group : groups) {
      int to = from + group.parameters.size();
      update(recorder, group, gradients.subList(from, to));
      from = to;
    }
    latestRecorder = recorder;
    latestRecording = recorder.number();
    recorder.afterCut(advance);
  }

  private static void requireNone(List<String> missing) {
    if (!missing.isEmpty()) {
      throw new GradientException(
          "optimizer.step() has no gradient for "
              + missing
              + ": they take no part in the loss. Use them, freeze() them, or leave them out of the"
              + " optimizer.");
    }
  }

  private void requireFirst(Recorder recorder) {
    if (latestRecorder == recorder && latestRecording == recorder.number()) {
      throw new RecordingException(
          "optimizer.step() is recorded a second time, and the first was not cut: weights were"
              + " never updated. Call markStep() once in each round of the loop.");
    }
  }

  /** Operands: learning rate, shared state, each parameter and its gradient, each one's state. */
  private void update(Recorder recorder, Group group, List<@Nullable HloInstruction> gradients) {
    recorder.begin();
    recorder.operand(group.learningRate);
    for (State state : group.shared) {
      recorder.operand(state);
    }
    boolean complete = true;
    for (int i = 0; i < gradients.size(); i++) {
      HloInstruction gradient = gradients.get(i);
      if (gradient != null) {
        recorder.operand(group.parameters.get(i));
        recorder.operand(gradient);
      }
      complete &= gradient != null;
    }
    if (complete) {
      recorder.operands(group.all);
    } else {
      eachState(group, gradients, recorder::operand);
    }
    assign(recorder, group, gradients, complete);
  }

  private void assign(
      Recorder recorder, Group group, List<@Nullable HloInstruction> gradients, boolean complete) {
    HloInstruction[] results = recorder.recordMany(kind, group.shared.size(), group.options);
    int at = 0;
    for (State state : group.shared) {
      recorder.assignResult(state, results[at++]);
    }
    for (int i = 0; i < gradients.size(); i++) {
      if (gradients.get(i) != null) {
        recorder.assignResult(group.parameters.get(i), results[at++]);
      }
    }
    if (complete) {
      recorder.assignResults(group.all, results, at);
    } else {
      int[] next = {at};
      eachState(group, gradients, state -> recorder.assignResult(state, results[next[0]++]));
    }
  }

  private static void eachState(
      Group group, List<@Nullable HloInstruction> gradients, Consumer<State> action) {
    for (int i = 0; i < gradients.size(); i++) {
      if (gradients.get(i) != null) {
        group.own.get(i).forEach(action);
      }
    }
  }

  private void advance() {
    steps++;
    for (Group group : groups) {
      group.learningRate.set(group.schedule.at(steps));
    }
  }

  /** Returns kind and size. */
  @Override
  public String toString() {
    return "%s of %d parameters after %d steps".formatted(getClass().getSimpleName(), count, steps);
  }
}
