package io.lazytensor.optim;

import io.lazytensor.Gradients;
import io.lazytensor.Parameter;
import io.lazytensor.RecordingException;
import io.lazytensor.State;
import io.lazytensor.StateException;
import io.lazytensor.Tensor;
import io.lazytensor.autograd.GradientException;
import io.lazytensor.internal.ops.OptimizerOps;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.internal.run.CutListener;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Changes parameters by their gradients. All its state exists from construction, so the first step
 * has the same graph as every other. A step is one recorded call for each group; learning rates are
 * inputs of the graph and advance when the step is cut.
 */
public abstract sealed class Optimizer
    permits SGD, Adam, AdamW, Adagrad, RMSprop, Adafactor, LAMB, LARS {
  private final List<ParameterGroup> groups;
  private final AtomicLong steps = new AtomicLong();
  private final CutListener count =
      new CutListener() {
        @Override
        public void committed() {
          steps.incrementAndGet();
        }

        @Override
        public void failed() {
          steps.decrementAndGet();
        }
      };
  private @Nullable Recorder latestRecorder;
  private int latestRecording;

  Optimizer(List<ParameterGroup> groups) {
    this.groups = groups;
  }

  /** Returns the parameters that are trained, group by group. */
  public final List<Parameter> parameters() {
    return groups.stream().flatMap(group -> group.trained.stream()).toList();
  }

  /** Returns the state by name, {@code <parameter>.<PyTorch's name>}, in order. */
  public final SequencedMap<String, State> states() {
    SequencedMap<String, State> out = new LinkedHashMap<>();
    for (ParameterGroup group : groups) {
      group.step.ifPresent(state -> out.put(state.name(), state));
      group.own.forEach(list -> list.forEach(state -> out.put(state.name(), state)));
    }
    return out;
  }

  /** Returns the learning rate of the first group's next step. */
  public final double learningRate() {
    return learningRates().getFirst();
  }

  /** Returns the learning rate of each group's next step. PyTorch: {@code get_last_lr}. */
  public final List<Double> learningRates() {
    return groups.stream().map(group -> group.rate(steps())).toList();
  }

  /** Returns how many steps were cut and, as far as is known, did not fail. */
  public final long steps() {
    return steps.get();
  }

  // ---- saving -----------------------------------------------------------------------------------

  /**
   * Returns all there is to save, as of the last cut. Tensors are read when they are asked for,
   * {@code step} at once.
   */
  public final OptimizerState state() {
    return new StateExport(groups, steps()).state();
  }

  /**
   * Goes on from a saved state, of this library or of PyTorch, between steps.
   *
   * <p>As in PyTorch, groups and parameters correspond by position, and the options of the state
   * are taken: numbers such as betas, which are part of the graph here, so that other ones than the
   * program's make the next step another graph. Two rules differ. A learning rate that follows a
   * {@link Schedule} stays the program's, at the step of the state; one that is constant is taken
   * from the state. And options that need other states than this optimizer has, such as amsgrad,
   * are refused.
   *
   * @throws StateException listing everything that does not fit; nothing is changed then
   * @throws RecordingException if a step is recorded and not cut
   */
  public final void load(OptimizerState state) {
    prepare(state).run();
  }

  /**
   * Checks that a state fits, and returns what loads it.
   *
   * @throws StateException listing everything that does not fit
   */
  public final Runnable prepare(OptimizerState state) {
    if (latestRecorder != null && latestRecording == latestRecorder.number()) {
      throw new RecordingException(
          "an optimizer's state is loaded while a step of it is recorded and not cut. Load between"
              + " steps: after markStep(), or after step.discard().");
    }
    StateImport plan = new StateImport(groups, state);
    return () -> steps.set(plan.apply());
  }

  // ---- steps ------------------------------------------------------------------------------------

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
        },
        null);
  }

  /**
   * Records an update by these gradients.
   *
   * @throws GradientException naming the parameters without one
   */
  public final void step(Gradients gradients) {
    step(gradients, null);
  }

  /** Records an update that leaves everything as it is where a {@code pred[]} holds. */
  final void step(Gradients gradients, @Nullable Tensor skip) {
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
        },
        skip);
  }

  /** Where gradients come from. */
  private interface Source {
    /** Returns whether there is one, and leaves it where it is. */
    boolean has(Recorder recorder, Parameter parameter);

    @Nullable HloInstruction gradient(Recorder recorder, Parameter parameter);
  }

  private void step(Source source, @Nullable Tensor skip) {
    Recorder recorder = Calls.recorder(groups.getFirst().trained.getFirst());
    requireFirst(recorder);
    List<String> missing = new ArrayList<>();
    for (ParameterGroup group : groups) {
      for (Parameter parameter : group.trained) {
        if (!parameter.isFrozen() && !source.has(recorder, parameter)) {
          missing.add(parameter.name());
        }
      }
    }
    // A refused step takes nothing: what backward left stays for the next one.
    requireNone(missing);
    for (ParameterGroup group : groups) {
      group.prepare(steps());
    }
    List<List<@Nullable HloInstruction>> gradients = new ArrayList<>(groups.size());
    for (ParameterGroup group : groups) {
      List<@Nullable HloInstruction> own = new ArrayList<>(group.trained.size());
      for (Parameter parameter : group.trained) {
        own.add(parameter.isFrozen() ? null : source.gradient(recorder, parameter));
      }
      gradients.add(own);
    }
    for (int i = 0; i < groups.size(); i++) {
      update(recorder, groups.get(i), gradients.get(i), skip);
    }
    latestRecorder = recorder;
    latestRecording = recorder.number();
    recorder.afterCut(count);
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

  /** Operands are in the order of {@link OptimizerOps#STEP}. */
  private static void update(
      Recorder recorder,
      ParameterGroup group,
      List<@Nullable HloInstruction> gradients,
      @Nullable Tensor skip) {
    recorder.begin();
    recorder.operand(group.learningRate);
    group.momentum.ifPresent(recorder::operand);
    if (skip != null) {
      recorder.operand(skip);
    }
    group.step.ifPresent(recorder::operand);
    int count = 0;
    for (int i = 0; i < gradients.size(); i++) {
      HloInstruction gradient = gradients.get(i);
      if (gradient != null) {
        recorder.operand(group.trained.get(i));
        recorder.operand(gradient);
        count++;
      }
    }
    boolean complete = count == gradients.size();
    if (complete) {
      recorder.operands(group.all);
    } else {
      eachState(group, gradients, recorder::operand);
    }
    long literal = OptimizerOps.literal(count, group.momentum.isPresent(), skip != null);
    HloInstruction[] results = recorder.recordMany(OptimizerOps.STEP, literal, group.rule());
    assign(recorder, group, gradients, complete, results);
  }

  private static void assign(
      Recorder recorder,
      ParameterGroup group,
      List<@Nullable HloInstruction> gradients,
      boolean complete,
      HloInstruction[] results) {
    int at = 0;
    if (group.step.isPresent()) {
      recorder.assignResult(group.step.get(), results[at++]);
    }
    for (int i = 0; i < gradients.size(); i++) {
      if (gradients.get(i) != null) {
        recorder.assignResult(group.trained.get(i), results[at++]);
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
      ParameterGroup group, List<@Nullable HloInstruction> gradients, Consumer<State> action) {
    for (int i = 0; i < gradients.size(); i++) {
      if (gradients.get(i) != null) {
        group.own.get(i).forEach(action);
      }
    }
  }

  /** Returns kind and size. */
  @Override
  public String toString() {
    return "%s of %d parameters after %d steps"
        .formatted(getClass().getSimpleName(), parameters().size(), steps());
  }
}
