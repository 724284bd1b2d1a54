package io.lazytensor;

import io.lazytensor.autograd.GradientException;
import io.lazytensor.internal.ops.GradientOps;
import io.lazytensor.internal.ops.ScalingOps;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.GradientSet;
import io.lazytensor.internal.record.Handle;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.ShapeException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of a scalar with respect to parameters. They are values of one recording: an
 * optimizer takes them, or they are gone.
 */
public final class Gradients extends GradientSet {
  private final List<Parameter> parameters;
  private final Recorder recorder;
  private final int recording;
  private final HloInstruction[] nodes;
  // Where the next parameter is asked for, if the asking goes in order.
  private int guess;

  Gradients(List<Parameter> parameters, Recorder recorder, HloInstruction[] nodes) {
    this.parameters = parameters;
    this.recorder = recorder;
    this.recording = recorder.number();
    this.nodes = nodes;
  }

  /**
   * Computes the gradients of a scalar with respect to the trained ones of these parameters.
   *
   * @throws GradientException if loss is no floating-point scalar, or a parameter does not take
   *     part in it
   */
  public static Gradients of(Tensor loss, Collection<Parameter> parameters) {
    List<Parameter> trained = new ArrayList<>(parameters.size());
    for (Parameter parameter : parameters) {
      if (!parameter.isFrozen()) {
        trained.add(parameter);
      }
    }
    Recorder recorder = Calls.recorder(loss);
    @Nullable HloInstruction[] nodes = recorder.gradients(loss, trained);
    return new Gradients(trained, recorder, complete(loss, trained, nodes));
  }

  @SuppressWarnings("NullAway") // an array without nulls has the same class as one with
  private static HloInstruction[] complete(
      Tensor loss, List<Parameter> parameters, @Nullable HloInstruction[] nodes) {
    for (HloInstruction node : nodes) {
      if (node == null) {
        throw unused(loss, parameters, nodes);
      }
    }
    return nodes;
  }

  private static GradientException unused(
      Tensor loss, List<Parameter> parameters, @Nullable HloInstruction[] nodes) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < nodes.length; i++) {
      if (nodes[i] == null) {
        names.add(parameters.get(i).name());
      }
    }
    return new GradientException(
        "%d of %d parameters take no part in %s and have no gradient: %s. Use them, freeze() them,"
                .formatted(names.size(), nodes.length, loss, names)
            + " or ask for the gradients of the others only.");
  }

  /** Returns the parameters, in order. */
  public List<Parameter> parameters() {
    return List.copyOf(parameters);
  }

  /**
   * Returns the gradient of one parameter.
   *
   * @throws GradientException if it is none of {@link #parameters()}
   */
  public Tensor of(Parameter parameter) {
    HloInstruction node = node(parameter);
    if (node == null) {
      throw new GradientException(parameter + " is none of these gradients' parameters");
    }
    return new Value(recorder, node);
  }

  @Override
  protected @Nullable HloInstruction node(Handle parameter) {
    requireCurrent();
    for (int i = 0; i < nodes.length; i++) {
      int index = guess + i < nodes.length ? guess + i : guess + i - nodes.length;
      if (parameters.get(index) == parameter) {
        guess = index + 1 < nodes.length ? index + 1 : 0;
        return nodes[index];
      }
    }
    return null;
  }

  /** Returns how many gradients there are. */
  public int size() {
    return nodes.length;
  }

  /** Starts a call of all gradients. */
  private void begin() {
    requireCurrent();
    recorder.begin();
    for (HloInstruction node : nodes) {
      recorder.operand(node);
    }
  }

  private void requireCurrent() {
    if (recorder.number() != recording || !recorder.isCurrentThread()) {
      throw new RecordingException(
          "these gradients belong to an earlier recording or another thread. Compute and use"
              + " gradients within one step; backward() leaves them for a later one.");
    }
  }

  /** Returns the Euclidean norm of all gradients together, {@code f32[]}. */
  public Tensor norm() {
    begin();
    return new Value(recorder, recorder.recordMany(GradientOps.NORM, 0, null)[0]);
  }

  /**
   * Returns the gradients scaled down so that their norm is at most a bound. PyTorch: {@code
   * clip_grad_norm_}, with its 1e-6.
   */
  public Gradients clipNorm(double bound) {
    return transformed(GradientOps.CLIP_NORM, bound);
  }

  /**
   * Returns the gradients with every element limited to {@code [-bound, bound]}. PyTorch: {@code
   * clip_grad_value_}.
   */
  public Gradients clipValue(double bound) {
    if (!(bound >= 0)) {
      throw new IllegalArgumentException("a bound is a number from 0 on, got " + bound);
    }
    return transformed(GradientOps.CLIP_VALUE, bound);
  }

  /** Returns whether every element of every gradient is finite, {@code pred[]}. */
  public Tensor allFinite() {
    begin();
    return new Value(recorder, recorder.recordMany(ScalingOps.ALL_FINITE, 0, null)[0]);
  }

  /**
   * Returns the gradients times a scalar.
   *
   * @param factor a tensor without dimensions
   */
  public Gradients scale(Tensor factor) {
    if (factor.shape().rank() != 0) {
      throw new ShapeException("gradients are scaled by a scalar, got " + factor.shape());
    }
    begin();
    recorder.operand(factor);
    HloInstruction[] results = recorder.recordMany(ScalingOps.SCALE_BY, 0, null);
    return new Gradients(parameters, recorder, results);
  }

  /** Returns the gradients times a number. */
  public Gradients scale(double factor) {
    return transformed(GradientOps.SCALE, factor);
  }

  private Gradients transformed(io.lazytensor.internal.record.CallKind kind, double number) {
    begin();
    HloInstruction[] results = recorder.recordMany(kind, Double.doubleToRawLongBits(number), null);
    return new Gradients(parameters, recorder, results);
  }
}
