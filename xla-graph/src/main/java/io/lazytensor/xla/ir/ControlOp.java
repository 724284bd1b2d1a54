package io.lazytensor.xla.ir;

import java.util.List;

/** Operations that decide what is computed, how often and in which order. */
public sealed interface ControlOp extends HloOp {
  /**
   * Repeats a computation while a condition holds: one operand, the initial value.
   *
   * @param condition value to pred
   * @param body value to value
   */
  record While(HloComputation condition, HloComputation body) implements ControlOp {
    @Override
    public List<HloComputation> called() {
      return List.of(body, condition);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.WHILE;
    }
  }

  /**
   * Runs one of several computations: operands (pred or s32 index, argument of each branch). True
   * runs the first of two; an index out of range the last.
   *
   * @param branches argument to result, all of one shape
   */
  record Conditional(List<HloComputation> branches) implements ControlOp {
    /** Copies the list. */
    public Conditional {
      branches = List.copyOf(branches);
    }

    @Override
    public List<HloComputation> called() {
      return branches;
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.CONDITIONAL;
    }
  }

  /**
   * Runs a computation on each slice of arrays along one dimension, and hands values on from slice
   * to slice: operands (array…, initial carry…). The result is the tuple (array of results…, last
   * carry…); if the computation gives no tuple but one value, it is what becomes of that value.
   *
   * @param dimension along which; slices lose it
   * @param reverse whether it starts at the end
   * @param carries how many carries there are
   * @param associative whether the computation is associative: true, false, or unknown
   * @param computation (slice…, carry…) to (result…, carry…)
   */
  record Scan(
      int dimension, boolean reverse, int carries, Tristate associative, HloComputation computation)
      implements ControlOp {
    @Override
    public List<HloComputation> called() {
      return List.of(computation);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.SCAN;
    }
  }

  /** A promise that may be missing, in the order of XLA's {@code TriState}. */
  enum Tristate {
    /** Nothing is promised. */
    UNKNOWN,
    /** It does not hold. */
    FALSE,
    /** It holds. */
    TRUE
  }

  /**
   * Applies a computation of scalars to each element of arrays of one shape.
   *
   * @param computation element… to element
   */
  record Map(HloComputation computation) implements ControlOp {
    @Override
    public List<HloComputation> called() {
      return List.of(computation);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.MAP;
    }
  }

  /**
   * Calls a computation that a compiler wants to run as one kernel.
   *
   * @param kind XLA's name of the kind, such as {@code kLoop}
   * @param computation what is called
   */
  record Fusion(String kind, HloComputation computation) implements ControlOp {
    @Override
    public List<HloComputation> called() {
      return List.of(computation);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.FUSION;
    }
  }

  /** The operand itself; compilers move nothing across. */
  record OptimizationBarrier() implements ControlOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.OPTIMIZATION_BARRIER;
    }
  }

  /** A token after all operand tokens. */
  record AfterAll() implements ControlOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.AFTER_ALL;
    }
  }

  /** The first operand, once the second, a token, is there. */
  record AddDependency() implements ControlOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.ADD_DEPENDENCY;
    }
  }

  /**
   * Calls something the graph does not describe.
   *
   * @param target its name
   * @param shape the result
   * @param backendConfig what it is called with, one character a byte
   * @param apiVersion XLA's {@code CustomCallApiVersion}, 0 if unspecified
   * @param sideEffect whether it has to run even if nobody uses the result
   * @param computations what it may call
   * @param layouts the order of dimensions, minor to major, that it fixes for each array of its
   *     operands and then of its result; empty if it fixes none. Arrays here are row-major all the
   *     same: a compiler brings them into these orders for the call
   */
  record CustomCall(
      String target,
      Shape shape,
      String backendConfig,
      int apiVersion,
      boolean sideEffect,
      List<HloComputation> computations,
      List<Dims> layouts)
      implements ControlOp {
    /** Copies the lists. */
    public CustomCall {
      computations = List.copyOf(computations);
      layouts = List.copyOf(layouts);
    }

    /** Makes a call that fixes no layouts. */
    public CustomCall(
        String target,
        Shape shape,
        String backendConfig,
        int apiVersion,
        boolean sideEffect,
        List<HloComputation> computations) {
      this(target, shape, backendConfig, apiVersion, sideEffect, computations, List.of());
    }

    @Override
    public List<HloComputation> called() {
      return computations;
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.CUSTOM_CALL;
    }
  }
}
