package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.autograd.GradientException;
import io.lazytensor.internal.ops.LayerOps;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.OpenRegions;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.ShapeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Functions of functions: what is recorded inside of them is a region. Part of {@link F}. */
abstract sealed class RegionFunctions extends LayerFunctions permits F {
  RegionFunctions() {}

  /**
   * Rounds {@code f32} to {@code bf16} at random, so that the mean stays: for weights that are
   * stored in {@code bf16} and change by less than its precision. The same seed rounds the same way
   * on every backend.
   */
  public static Tensor stochasticRound(Tensor x) {
    return Calls.random(LayerOps.STOCHASTIC_ROUND, x, 0);
  }

  // ---- gradients --------------------------------------------------------------------------------

  /**
   * Returns the gradient of a scalar with respect to any tensor it was computed from. It can be
   * differentiated again: {@code gradient(loss, x).square().sum()} is a penalty like any other.
   * PyTorch: {@code autograd.grad(loss, x, create_graph=True)}.
   *
   * @throws GradientException if loss is no floating-point scalar, or does not depend on x
   */
  public static Tensor gradient(Tensor loss, Tensor x) {
    Recorder recorder = Calls.recorder(loss);
    HloInstruction node = recorder.gradients(loss, List.of(x))[0];
    if (node == null) {
      throw new GradientException(
          "%s does not depend on %s, so that there is no gradient".formatted(loss, x));
    }
    return Calls.tensor(loss, recorder, node);
  }

  /**
   * Returns a function's output with a gradient of one's own instead of that of its operations.
   * Values the gradient needs are those its function holds on to. PyTorch: {@code
   * autograd.Function}.
   *
   * <pre>{@code
   * Tensor y = customGradient(x, v -> new Differentiable(v.round(), g -> List.of(g)));
   * }</pre>
   *
   * @param function gets x, which is all the output's gradient reaches
   * @throws ShapeException if a gradient has not its input's shape and type
   */
  public static Tensor customGradient(Tensor x, Function<Tensor, Differentiable> function) {
    return customGradient(List.of(x), inputs -> function.apply(inputs.getFirst()));
  }

  /** Returns a function's output of several inputs with a gradient of one's own for each. */
  public static Tensor customGradient(
      List<? extends Tensor> inputs, Function<List<Tensor>, Differentiable> function) {
    List<Tensor> given = requireSome("customGradient", inputs);
    Recorder recorder = Calls.recorder(given.getFirst());
    OpenRegions regions = recorder.regions();
    Differentiable made = function.apply(given);
    int depth = regions.depth();
    boolean complete = false;
    try {
      Tensor output = made.output();
      Tensor arriving = Calls.tensor(output, recorder, regions.beginGradient(output));
      List<Tensor> gradients = made.gradient().apply(arriving);
      if (gradients.size() != given.size()) {
        throw new ShapeException(
            "customGradient of %d inputs: its gradient function returned %d gradients, not one for"
                    .formatted(given.size(), gradients.size())
                + " each input");
      }
      HloInstruction node = regions.endGradient(output, given, gradients);
      complete = true;
      return Calls.tensor(output, recorder, node);
    } finally {
      if (!complete) {
        regions.abandon(depth);
      }
    }
  }

  // ---- checkpoints ------------------------------------------------------------------------------

  /**
   * Returns a function's output and keeps none of the values in between for the gradient, which
   * computes them again: less memory for more work. Random numbers are the same both times, states
   * are assigned once. PyTorch: {@code torch.utils.checkpoint}.
   *
   * <pre>{@code
   * Tensor y = checkpoint(block::forward, x);
   * }</pre>
   */
  public static Tensor checkpoint(UnaryOperator<Tensor> function, Tensor x) {
    return checkpoint(in -> List.of(function.apply(in.getFirst())), List.of(x)).getFirst();
  }

  /** Returns a function's output of two tensors, computed again for the gradient. */
  public static Tensor checkpoint(BinaryOperator<Tensor> function, Tensor x, Tensor y) {
    return checkpoint(in -> List.of(function.apply(in.get(0), in.get(1))), List.of(x, y))
        .getFirst();
  }

  /** Returns a function's outputs, computed again for the gradient. */
  public static List<Tensor> checkpoint(
      Function<List<Tensor>, List<Tensor>> function, List<? extends Tensor> inputs) {
    List<Tensor> given = requireSome("checkpoint", inputs);
    Tensor beside = given.getFirst();
    Recorder recorder = Calls.recorder(beside);
    OpenRegions regions = recorder.regions();
    int depth = regions.depth();
    regions.beginCheckpoint();
    try {
      List<Tensor> outputs = requireSome("checkpoint's function", function.apply(given));
      return tensors(beside, recorder, Arrays.asList(regions.endCheckpoint(outputs)));
    } finally {
      regions.abandon(depth);
    }
  }

  // ---- scans ------------------------------------------------------------------------------------

  /**
   * Applies a function to the slices of a tensor along its first dimension, one after the other,
   * and hands a value on from each to the next. The graph has the function once, in a loop.
   *
   * @param initial what the first iteration gets
   * @param xs {@code [length, …]}
   * @param iteration gets what was handed on and a slice; returns what it hands on
   * @return what the last iteration handed on
   */
  public static Tensor scan(Tensor initial, Tensor xs, BinaryOperator<Tensor> iteration) {
    return scan(
            List.of(initial),
            List.of(xs),
            (carry, x) ->
                new Scan(List.of(iteration.apply(carry.getFirst(), x.getFirst())), List.of()))
        .carries()
        .getFirst();
  }

  /**
   * Applies a function to the slices of tensors along their first dimension, one after the other.
   * Numbers, gradients and random streams are those of the same iterations written out.
   *
   * <p>Inside, parameters and tensors from outside may be used; nothing may be assigned, fetched or
   * cut. JAX: {@code lax.scan}.
   *
   * @param initial what the first iteration gets; shapes and types stay the same
   * @param xs {@code [length, …]} each
   * @param iteration gets what was handed on and a slice of each tensor; returns what it hands on
   *     and its outputs
   * @return what the last iteration handed on, and the outputs of all, {@code [length, …]}
   * @throws ShapeException if what is handed on changes its shape or type
   * @throws io.lazytensor.RecordingException if the iteration does what it may not
   */
  public static Scan scan(
      List<? extends Tensor> initial, List<? extends Tensor> xs, Scan.Iteration iteration) {
    return scan(initial, xs, iteration, false);
  }

  /**
   * As {@link #scan(List, List, Scan.Iteration)}, from the last slice to the first if asked for;
   * outputs are stacked where their slices are.
   */
  public static Scan scan(
      List<? extends Tensor> initial,
      List<? extends Tensor> xs,
      Scan.Iteration iteration,
      boolean reverse) {
    List<Tensor> arrays = requireSome("scan", xs);
    if (arrays.getFirst().rank() == 0 || arrays.getFirst().size(0) == 0) {
      throw new ShapeException(
          "scan goes along the first dimension of its tensors, which must not be empty; got "
              + arrays.getFirst().shape());
    }
    int length = arrays.getFirst().size(0);
    return loop(initial, arrays, length, reverse, iteration);
  }

  private static Scan loop(
      List<? extends Tensor> initial,
      List<Tensor> arrays,
      int length,
      boolean reverse,
      Scan.Iteration iteration) {
    Tensor beside = initial.isEmpty() ? arrays.getFirst() : initial.getFirst();
    Recorder recorder = Calls.recorder(beside);
    OpenRegions regions = recorder.regions();
    int depth = regions.depth();
    try {
      List<Tensor> in =
          tensors(beside, recorder, regions.beginScan(initial, arrays, length, reverse));
      int carries = initial.size();
      Scan made = iteration.apply(in.subList(0, carries), in.subList(carries, in.size()));
      if (made.carries().size() != carries) {
        throw new ShapeException(
            "scan: the iteration gets %d values from the one before and hands on %d"
                .formatted(carries, made.carries().size()));
      }
      List<Tensor> out =
          tensors(beside, recorder, Arrays.asList(regions.endScan(made.carries(), made.outputs())));
      return new Scan(out.subList(0, carries), out.subList(carries, out.size()));
    } finally {
      regions.abandon(depth);
    }
  }

  /**
   * Applies layers of equal structure one after the other, in a loop that has one of them: {@code
   * scan(layers, x, EncoderLayer::forward)}. Their parameters are stacked in the graph, and each
   * gets its own gradient. Numbers and random streams are those of the layers written out.
   *
   * @param function gets a layer and what the one before returned
   * @throws LayerException if the layers differ in class, configuration, names or shapes
   */
  public static <L extends Layer> Tensor scan(
      List<L> layers, Tensor x, BiFunction<L, Tensor, Tensor> function) {
    StackedLayers<L> stacked = StackedLayers.of(layers);
    if (layers.size() == 1 || stacked.isEmpty()) {
      Tensor out = x;
      for (L layer : layers) {
        out = function.apply(layer, out);
      }
      return out;
    }
    Recorder recorder = Calls.recorder(x);
    return loop(
            List.of(x),
            stacked.stacks(),
            layers.size(),
            false,
            (carry, slices) ->
                stacked.as(
                    recorder.regions(),
                    slices,
                    first -> new Scan(List.of(function.apply(first, carry.getFirst())), List.of())))
        .carries()
        .getFirst();
  }

  private static List<Tensor> tensors(
      Tensor beside, Recorder recorder, List<HloInstruction> nodes) {
    List<Tensor> out = new ArrayList<>(nodes.size());
    for (@Nullable HloInstruction node : nodes) {
      out.add(Calls.tensor(beside, recorder, node));
    }
    return out;
  }

  private static List<Tensor> requireSome(String what, List<? extends Tensor> tensors) {
    if (tensors.isEmpty()) {
      throw new ShapeException(what + " takes or returns at least one tensor, got none");
    }
    return List.copyOf(tensors);
  }
}
