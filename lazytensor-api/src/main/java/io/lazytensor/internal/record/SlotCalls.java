package io.lazytensor.internal.record;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.List;

/** The calls by which a recording reads slots, writes them and asks for results. */
final class SlotCalls {
  /** The literal is the ordinal and, in the low 8 bits, what else a slot's role decides. */
  static final CallKind READ =
      CallKind.of(
          "read",
          (builder, call) ->
              builder.add(
                  new HloOp.Parameter(
                      (int) (call.literal() >>> 8), call.attribute(ArrayShape.class))));

  /** The literal is the first ordinal. */
  static final CallKind READ_ALL = CallKind.many("read", SlotCalls::readAll);

  static final CallKind ASSIGN = CallKind.of("assign", Assignments::lower);
  static final CallKind FETCH = CallKind.of("fetch", (builder, call) -> call.a());
  static final CallKind KEEP = CallKind.of("keep", (builder, call) -> call.a());

  /** The literal is the type of matrix products from here on, or -1. */
  static final CallKind PRECISION = CallKind.many("precision", (builder, call) -> Call.NONE);

  private SlotCalls() {}

  private static HloInstruction[] readAll(HloBuilder builder, Call call) {
    List<ArrayShape> shapes = call.attribute(SlotGroup.Shapes.class).shapes();
    HloInstruction[] out = new HloInstruction[shapes.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = builder.add(new HloOp.Parameter((int) call.literal() + i, shapes.get(i)));
    }
    return out;
  }
}
