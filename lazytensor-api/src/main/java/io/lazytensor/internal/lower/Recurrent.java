package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;
import org.jspecify.annotations.Nullable;

/**
 * One time step of recurrent layers, as {@code torch.nn.RNN}, {@code LSTM} and {@code GRU}. States
 * stay in their type, so that a long sequence does not lose them in 16 bits.
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

  private Recurrent() {}

  /** Returns the next hidden state of a plain cell. */
  public static HloInstruction plain(
      HloBuilder b,
      Cell cell,
      HloInstruction input,
      HloInstruction hidden,
      HloInstruction weight,
      DType compute) {
    HloInstruction sum = gates(b, input, hidden, weight, compute);
    return cell == Cell.RELU ? Activations.relu(b, sum) : unary(b, UnaryKind.TANH, sum);
  }

  /**
   * Returns the next hidden and cell state.
   *
   * @param input {@code [batch, 4 hidden]}: the step's input times its weight, and biases
   * @param weight {@code [4 hidden, hidden]}
   * @param compute type of the product
   */
  public static HloInstruction[] lstm(
      HloBuilder b,
      HloInstruction input,
      HloInstruction hidden,
      HloInstruction cell,
      HloInstruction weight,
      DType compute) {
    HloInstruction gates = gates(b, input, hidden, weight, compute);
    HloInstruction in = unary(b, UnaryKind.LOGISTIC, gate(b, gates, 0, 4));
    HloInstruction forget = unary(b, UnaryKind.LOGISTIC, gate(b, gates, 1, 4));
    HloInstruction fresh = unary(b, UnaryKind.TANH, gate(b, gates, 2, 4));
    HloInstruction out = unary(b, UnaryKind.LOGISTIC, gate(b, gates, 3, 4));
    HloInstruction next = add(b, mul(b, forget, cell), mul(b, in, fresh));
    return new HloInstruction[] {mul(b, out, unary(b, UnaryKind.TANH, next)), next};
  }

  /**
   * Returns the next hidden state.
   *
   * @param bias {@code [3 hidden]}, of the hidden state: the reset gate is between it and the
   *     input; none if null
   */
  public static HloInstruction gru(
      HloBuilder b,
      HloInstruction input,
      HloInstruction hidden,
      HloInstruction weight,
      @Nullable HloInstruction bias,
      DType compute) {
    HloInstruction x = convert(b, input, type(hidden));
    HloInstruction h = product(b, hidden, weight, compute);
    h = bias == null ? h : Elementwise.add(b, h, bias);
    HloInstruction reset = unary(b, UnaryKind.LOGISTIC, add(b, gate(b, x, 0, 3), gate(b, h, 0, 3)));
    HloInstruction update =
        unary(b, UnaryKind.LOGISTIC, add(b, gate(b, x, 1, 3), gate(b, h, 1, 3)));
    HloInstruction inner = add(b, gate(b, x, 2, 3), mul(b, reset, gate(b, h, 2, 3)));
    HloInstruction fresh = unary(b, UnaryKind.TANH, inner);
    return add(b, mul(b, sub(b, hidden, fresh), update), fresh);
  }

  private static HloInstruction gates(
      HloBuilder b,
      HloInstruction input,
      HloInstruction hidden,
      HloInstruction weight,
      DType compute) {
    return add(b, convert(b, input, type(hidden)), product(b, hidden, weight, compute));
  }

  private static HloInstruction product(
      HloBuilder b, HloInstruction hidden, HloInstruction weight, DType compute) {
    HloInstruction product =
        MatrixProducts.linear(
            b,
            MatrixProducts.lowered(b, hidden, compute),
            MatrixProducts.lowered(b, weight, compute),
            null);
    return convert(b, product, type(hidden));
  }

  private static HloInstruction gate(HloBuilder b, HloInstruction all, int index, int gates) {
    int size = dims(all).get(1) / gates;
    return Shapes.range(b, all, 1, index * size, (index + 1) * size, 1);
  }
}
