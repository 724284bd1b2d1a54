package io.lazytensor.internal.lower;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an optimizer changes parameters: its settings, as a value. Equal rules record equal graphs,
 * so that a rule is part of the recorded call.
 */
public interface UpdateRule {
  /**
   * One state of one parameter.
   *
   * @param name PyTorch's name
   * @param shape element type and dimension sizes
   * @param initial what it is filled with before the first step
   */
  record StateSpec(String name, ArrayShape shape, double initial) {
    /** Returns a state of zeros. */
    public static StateSpec zeros(String name, ArrayShape shape) {
      return new StateSpec(name, shape, 0);
    }
  }

  /**
   * What a step of a group takes beside parameters, gradients and their states.
   *
   * @param learningRate f32[]
   * @param momentum f32[], in place of the rule's momentum or first beta; null if that is fixed
   * @param step f32[], the number of this step, 1 for the first; null if the rule does not count
   */
  record Inputs(
      HloInstruction learningRate,
      @Nullable HloInstruction momentum,
      @Nullable HloInstruction step) {
    HloInstruction counted() {
      if (step == null) {
        throw new IllegalArgumentException("this rule needs the number of the step");
      }
      return step;
    }
  }

  /**
   * New values of one parameter.
   *
   * @param parameter the parameter
   * @param states its states, in their order
   */
  record Result(HloInstruction parameter, List<HloInstruction> states) {}

  /** A step of one group. */
  interface GroupUpdate {
    /** Records the update of one parameter. */
    Result update(HloInstruction parameter, HloInstruction gradient, List<HloInstruction> states);
  }

  /** Returns whether the rule depends on, or PyTorch stores, how many steps were made. */
  boolean countsSteps();

  /** Returns the states of a parameter, in PyTorch's order. */
  List<StateSpec> states(ArrayShape parameter);

  /** Starts a step of a group. */
  GroupUpdate start(HloBuilder b, Inputs inputs);
}
