package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.filled;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.reshape;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recurrent layers, as {@code torch.nn.RNN}, {@code LSTM} and {@code GRU}. Sequences have a fixed
 * length, and every time step becomes instructions of its own: one product of all inputs first, one
 * product of the hidden state in each step.
 */
public final class Recurrent {
  /** What is computed in a time step. */
  public enum Cell {
    /** {@code tanh(Wx + Uh)}. */
    TANH(1),
    /** {@code max(0, Wx + Uh)}. */
    RELU(1),
    /** Gates in the order input, forget, cell, output. */
    LSTM(4),
    /** Gates in the order reset, update, new. */
    GRU(3);

    private final int gates;

    Cell(int gates) {
      this.gates = gates;
    }

    /** Returns how many rows of a weight belong to one hidden unit. */
    public int gates() {
      return gates;
    }
  }

  /**
   * The structure.
   *
   * @param cell what is computed in a step
   * @param layers how many are stacked
   * @param bidirectional whether a second one runs backwards
   * @param batchFirst whether x is [batch, time, size] instead of [time, batch, size]
   * @param bias whether there are biases
   * @param initial whether the first states are given
   * @param compute type of the products
   */
  public record Structure(
      Cell cell,
      int layers,
      boolean bidirectional,
      boolean batchFirst,
      boolean bias,
      boolean initial,
      DType compute) {
    int directions() {
      return bidirectional ? 2 : 1;
    }
  }

  /** What happens to the output of a layer but the last. */
  public interface Between {
    /** Returns the input of the next layer. */
    HloInstruction apply(HloInstruction output, int layer);
  }

  private record State(HloInstruction hidden, @Nullable HloInstruction cell) {}

  private record Weights(
      HloInstruction input,
      HloInstruction hidden,
      @Nullable HloInstruction inputBias,
      @Nullable HloInstruction hiddenBias) {}

  private final HloBuilder b;
  private final Structure s;

  private Recurrent(HloBuilder b, Structure structure) {
    this.b = b;
    this.s = structure;
  }

  /**
   * Returns outputs, last hidden states and, of an LSTM, last cell states.
   *
   * @param operands x; first hidden and cell states if given; then for each layer and direction
   *     input weight, hidden weight and, with bias, input bias and hidden bias
   */
  public static List<HloInstruction> run(
      HloBuilder b, List<HloInstruction> operands, Structure structure, Between between) {
    return new Recurrent(b, structure).run(operands, between);
  }

  private List<HloInstruction> run(List<HloInstruction> operands, Between between) {
    Iterator<HloInstruction> in = operands.iterator();
    HloInstruction given = in.next();
    boolean single = rank(given) == 2;
    HloInstruction h0 = s.initial() ? states(in.next(), single) : null;
    HloInstruction c0 = s.initial() && s.cell() == Cell.LSTM ? states(in.next(), single) : null;
    HloInstruction x = timeFirst(given);
    List<HloInstruction> hidden = new ArrayList<>();
    List<HloInstruction> cells = new ArrayList<>();
    for (int layer = 0; layer < s.layers(); layer++) {
      List<HloInstruction> outputs = new ArrayList<>();
      for (int direction = 0; direction < s.directions(); direction++) {
        Weights weights = weights(in);
        requireInput(given, x, weights);
        int at = layer * s.directions() + direction;
        State first = first(x, weights, h0, c0, at);
        List<HloInstruction> steps = new ArrayList<>();
        State last = loop(x, weights, first, direction == 1, steps);
        outputs.add(Shapes.stack(b, steps, 0));
        hidden.add(last.hidden());
        if (last.cell() != null) {
          cells.add(last.cell());
        }
      }
      x = outputs.size() == 1 ? outputs.getFirst() : b.add(new HloOp.Concatenate(2), outputs);
      if (layer + 1 < s.layers()) {
        x = between.apply(x, layer);
      }
    }
    List<HloInstruction> results = new ArrayList<>();
    results.add(single ? Shapes.select(b, x, 1, 0) : s.batchFirst() ? turned(x) : x);
    results.add(finalStates(hidden, single));
    if (!cells.isEmpty()) {
      results.add(finalStates(cells, single));
    }
    return results;
  }

  private HloInstruction turned(HloInstruction x) {
    return Shapes.transpose(b, x, 0, 1);
  }

  private HloInstruction timeFirst(HloInstruction x) {
    if (rank(x) == 2) {
      return reshape(b, x, Shapes.inserted(dims(x), 1, 1));
    }
    if (rank(x) != 3) {
      throw refuse(b, name() + ": expected [time,batch,size], got " + x.shape());
    }
    return s.batchFirst() ? turned(x) : x;
  }

  private HloInstruction states(HloInstruction given, boolean single) {
    return single && rank(given) == 2
        ? reshape(b, given, Shapes.inserted(dims(given), 1, 1))
        : given;
  }

  private HloInstruction finalStates(List<HloInstruction> states, boolean single) {
    HloInstruction all = Shapes.stack(b, states, 0);
    return single ? Shapes.select(b, all, 1, 0) : all;
  }

  private Weights weights(Iterator<HloInstruction> in) {
    HloInstruction input = in.next();
    HloInstruction hidden = in.next();
    return new Weights(input, hidden, s.bias() ? in.next() : null, s.bias() ? in.next() : null);
  }

  private String name() {
    return b.metadata().opName();
  }

  private void requireInput(HloInstruction given, HloInstruction x, Weights weights) {
    int size = dims(weights.input()).get(1);
    if (dims(x).get(2) != size || dims(x).get(0) == 0) {
      throw refuse(
          b,
          name() + ": expected at least one time step of size " + size + ", got " + given.shape());
    }
  }

  private State first(
      HloInstruction x,
      Weights weights,
      @Nullable HloInstruction h0,
      @Nullable HloInstruction c0,
      int at) {
    int size = dims(weights.hidden()).get(1);
    Dims wanted = Dims.of(s.layers() * s.directions(), dims(x).get(1), size);
    if (h0 == null) {
      HloInstruction zero = filled(b, type(x), Dims.of(dims(x).get(1), size), 0);
      return new State(zero, s.cell() == Cell.LSTM ? zero : null);
    }
    if (!dims(h0).equals(wanted) || (c0 != null && !dims(c0).equals(wanted))) {
      throw refuse(
          b,
          name()
              + ": expected first states ["
              + wanted
              + "], got "
              + h0.shape()
              + (c0 == null ? "" : " and " + c0.shape()));
    }
    return new State(Shapes.select(b, h0, 0, at), c0 == null ? null : Shapes.select(b, c0, 0, at));
  }

  private State loop(
      HloInstruction x,
      Weights weights,
      State first,
      boolean backwards,
      List<HloInstruction> outputs) {
    HloInstruction bias = weights.inputBias();
    HloInstruction hiddenBias = weights.hiddenBias();
    if (bias != null && hiddenBias != null && s.cell() != Cell.GRU) {
      bias = add(b, bias, hiddenBias);
      hiddenBias = null;
    }
    HloInstruction inputs = linear(x, weights.input(), bias);
    int steps = dims(x).get(0);
    State state = first;
    for (int i = 0; i < steps; i++) {
      HloInstruction input = Shapes.select(b, inputs, 0, backwards ? steps - 1 - i : i);
      HloInstruction recurrent = linear(state.hidden(), weights.hidden(), hiddenBias);
      state =
          switch (s.cell()) {
            case TANH -> new State(unary(b, UnaryKind.TANH, add(b, input, recurrent)), null);
            case RELU -> new State(Activations.relu(b, add(b, input, recurrent)), null);
            case LSTM -> lstm(add(b, input, recurrent), state);
            case GRU -> gru(input, recurrent, state);
          };
      outputs.add(state.hidden());
    }
    if (backwards) {
      Collections.reverse(outputs);
    }
    return state;
  }

  private HloInstruction linear(
      HloInstruction x, HloInstruction weight, @Nullable HloInstruction bias) {
    HloInstruction product =
        MatrixProducts.linear(
            b,
            MatrixProducts.lowered(b, x, s.compute()),
            MatrixProducts.lowered(b, weight, s.compute()),
            null);
    // States stay in the input's type, so that a long sequence does not lose them.
    HloInstruction wide = convert(b, product, type(x));
    return bias == null ? wide : Elementwise.add(b, wide, bias);
  }

  private HloInstruction gate(HloInstruction all, int index) {
    int size = dims(all).get(1) / s.cell().gates();
    return Shapes.range(b, all, 1, index * size, (index + 1) * size, 1);
  }

  private State lstm(HloInstruction gates, State before) {
    HloInstruction in = unary(b, UnaryKind.LOGISTIC, gate(gates, 0));
    HloInstruction forget = unary(b, UnaryKind.LOGISTIC, gate(gates, 1));
    HloInstruction fresh = unary(b, UnaryKind.TANH, gate(gates, 2));
    HloInstruction out = unary(b, UnaryKind.LOGISTIC, gate(gates, 3));
    HloInstruction old = before.cell();
    if (old == null) {
      throw new AssertionError("an LSTM has a cell state");
    }
    HloInstruction cell = add(b, mul(b, forget, old), mul(b, in, fresh));
    return new State(mul(b, out, unary(b, UnaryKind.TANH, cell)), cell);
  }

  private State gru(HloInstruction input, HloInstruction recurrent, State before) {
    HloInstruction reset = unary(b, UnaryKind.LOGISTIC, add(b, gate(input, 0), gate(recurrent, 0)));
    HloInstruction update =
        unary(b, UnaryKind.LOGISTIC, add(b, gate(input, 1), gate(recurrent, 1)));
    HloInstruction fresh =
        unary(b, UnaryKind.TANH, add(b, gate(input, 2), mul(b, reset, gate(recurrent, 2))));
    HloInstruction kept = mul(b, sub(b, before.hidden(), fresh), update);
    return new State(add(b, kept, fresh), null);
  }
}
