package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.Primitives;
import io.lazytensor.internal.lower.Recurrent;
import io.lazytensor.internal.record.Call;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;

/**
 * The calls behind a time step of recurrent layers. The literal is the type of the product;
 * operands are the step's input after its weight, hidden state, cell state of an LSTM, hidden
 * weight, and hidden bias of a GRU.
 */
public final class RecurrentOps {
  private RecurrentOps() {}

  public static final CallKind TANH_CELL = plain("rnnCell", Recurrent.Cell.TANH);
  public static final CallKind RELU_CELL = plain("rnnCell", Recurrent.Cell.RELU);
  public static final CallKind LSTM_CELL =
      CallKind.many(
          "lstmCell",
          (b, c) -> {
            Operands in = new Operands(c);
            return Recurrent.lstm(b, in.next(), in.next(), in.next(), in.next(), compute(c));
          });
  public static final CallKind GRU_CELL = CallKind.many("gruCell", RecurrentOps::gru);

  /** Zeros of {@code [batch, hidden]}: the operand is {@code [time, batch, …]}. */
  public static final CallKind ZERO_STATE =
      CallKind.of(
          "zeroState",
          (b, c) -> {
            int batch = c.a().arrayShape().dim(1);
            return Primitives.filled(b, DType.F32, Dims.of(batch, (int) c.literal()), 0);
          });

  private static DType compute(Call call) {
    return DType.values()[(int) call.literal()];
  }

  private static CallKind plain(String name, Recurrent.Cell cell) {
    return CallKind.many(
        name,
        (b, c) -> {
          Operands in = new Operands(c);
          return new HloInstruction[] {
            Recurrent.plain(b, cell, in.next(), in.next(), in.next(), compute(c))
          };
        });
  }

  private static HloInstruction[] gru(HloBuilder b, Call c) {
    Operands in = new Operands(c);
    HloInstruction input = in.next();
    HloInstruction hidden = in.next();
    HloInstruction weight = in.next();
    return new HloInstruction[] {
      Recurrent.gru(b, input, hidden, weight, in.nextIf(c.operands().size() == 4), compute(c))
    };
  }
}
