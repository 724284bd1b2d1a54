package io.lazytensor;

import io.lazytensor.internal.ops.GradientOps;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Averages gradients over several micro-batches before the optimizer sees them.
 *
 * <p>The sums exist from construction, as zeros, so that two graphs serve all steps: one that adds,
 * and one that adds and updates.
 *
 * <pre>{@code
 * try (Step step = device.trainingStep(last ? "update" : "accumulate")) {
 *   accumulator.add(gradients(loss, model));
 *   if (last) {
 *     optimizer.step(accumulator.take());
 *   }
 *   step.markStep();
 * }
 * }</pre>
 */
public final class GradientAccumulator {
  private final List<Parameter> parameters;
  private final List<State> sums;
  private final int microBatches;

  /**
   * Creates zero sums for the trained ones of some parameters, on their device.
   *
   * @param microBatches by how many a sum is divided
   */
  public GradientAccumulator(Collection<Parameter> parameters, int microBatches) {
    if (microBatches < 1) {
      throw new IllegalArgumentException(
          "gradients are averaged over 1 micro-batch or more, got " + microBatches);
    }
    this.microBatches = microBatches;
    this.parameters = parameters.stream().filter(p -> !p.isFrozen()).toList();
    this.sums =
        this.parameters.stream()
            .map(parameter ->
                parameter
                    .device()
                    .initialize(State.zeros(parameter.shape()), parameter.name() + ".accumulated"))
            .toList();
  }

  /**
   * Records that gradients are added, divided by the number of micro-batches.
   *
   * @throws io.lazytensor.autograd.GradientException if a parameter's is missing
   */
  public void add(Gradients gradients) {
    Recorder recorder = Calls.recorder(parameters.getFirst());
    List<Tensor> given = new ArrayList<>(parameters.size());
    for (Parameter parameter : parameters) {
      given.add(gradients.of(parameter));
    }
    recorder.begin();
    for (int i = 0; i < given.size(); i++) {
      recorder.operand(sums.get(i));
      recorder.operand(given.get(i));
    }
    HloInstruction[] results =
        recorder.recordMany(
            GradientOps.ACCUMULATE, Double.doubleToRawLongBits(1.0 / microBatches), null);
    for (int i = 0; i < results.length; i++) {
      recorder.assignResult(sums.get(i), results[i]);
    }
  }

  /** Records that the sums are zero from here on, and returns what they were. */
  public Gradients take() {
    Recorder recorder = Calls.recorder(parameters.getFirst());
    recorder.begin();
    for (State sum : sums) {
      recorder.operand(sum);
    }
    HloInstruction[] results = recorder.recordMany(GradientOps.TAKE, 0, null);
    int n = sums.size();
    HloInstruction[] taken = new HloInstruction[n];
    for (int i = 0; i < n; i++) {
      taken[i] = results[i];
      recorder.assignResult(sums.get(i), results[n + i]);
    }
    return new Gradients(parameters, recorder, taken);
  }
}
