package io.lazytensor.xla.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.List;

/** Short forms for tests of shape rules. */
final class Rules {
  private Rules() {}

  /** Something the rules refuse, and a part of what they say. */
  record Refusal(String part, HloOp op, List<Shape> operands) {
    void check() {
      ShapeException e =
          assertThrows(ShapeException.class, () -> ShapeInference.infer(op, operands));
      assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }

    @Override
    public String toString() {
      return op.opcode() + " " + operands + ": " + part;
    }
  }

  static Refusal no(String part, HloOp op, Shape... operands) {
    return new Refusal(part, op, List.of(operands));
  }

  static void gives(Shape expected, HloOp op, Shape... operands) {
    assertEquals(expected, ShapeInference.infer(op, List.of(operands)), op.opcode());
  }

  /** A computation of this signature; nobody runs it. */
  static HloComputation computation(Shape result, Shape... parameters) {
    HloBuilder b = new HloBuilder();
    List<HloInstruction> in = new ArrayList<>();
    for (int i = 0; i < parameters.length; i++) {
      in.add(b.add(new HloOp.Parameter(i, parameters[i])));
    }
    HloInstruction root = b.add(new ControlOp.CustomCall("f", result, "", 0, false, List.of()));
    return HloComputation.of("f", in, root);
  }

  static TupleShape tuple(Shape... elements) {
    return new TupleShape(List.of(elements));
  }

  static ArrayShape f32(int... dims) {
    return ArrayShape.of(DType.F32, dims);
  }

  static ArrayShape f64(int... dims) {
    return ArrayShape.of(DType.F64, dims);
  }

  static ArrayShape bf16(int... dims) {
    return ArrayShape.of(DType.BF16, dims);
  }

  static ArrayShape c64(int... dims) {
    return ArrayShape.of(DType.C64, dims);
  }

  static ArrayShape s32(int... dims) {
    return ArrayShape.of(DType.S32, dims);
  }

  static ArrayShape u32(int... dims) {
    return ArrayShape.of(DType.U32, dims);
  }

  static ArrayShape u64(int... dims) {
    return ArrayShape.of(DType.U64, dims);
  }

  static ArrayShape pred(int... dims) {
    return ArrayShape.of(DType.PRED, dims);
  }
}
