package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.Rules.bf16;
import static io.lazytensor.xla.infer.Rules.c64;
import static io.lazytensor.xla.infer.Rules.computation;
import static io.lazytensor.xla.infer.Rules.f32;
import static io.lazytensor.xla.infer.Rules.gives;
import static io.lazytensor.xla.infer.Rules.no;
import static io.lazytensor.xla.infer.Rules.pred;
import static io.lazytensor.xla.infer.Rules.s32;
import static io.lazytensor.xla.infer.Rules.tuple;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.ShapeException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayoutShapesTest {
  private static final int MAX = Integer.MAX_VALUE;
  private static final HloComputation SUM = HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32);

  private static HloOp broadcast(Dims to, int... dimensions) {
    return new HloOp.Broadcast(to, Dims.of(dimensions));
  }

  private static HloOp pad(int low, int high, int interior) {
    return new HloOp.Pad(new PaddingConfig(Dims.of(low), Dims.of(high), Dims.of(interior)));
  }

  private static HloOp dot(Dims left, Dims right, Dims leftBatch, Dims rightBatch, DType type) {
    return new HloOp.Dot(new DotDimensionNumbers(left, right, leftBatch, rightBatch), type);
  }

  static List<Rules.Refusal> layouts() {
    return List.of(
        no("does not match sizes", broadcast(Dims.of(2, 3)), f32(3)),
        no("does not match sizes", broadcast(Dims.of(2, 3), 2), f32(3)),
        no("does not match sizes", broadcast(Dims.of(2, 3), -1), f32(3)),
        no("does not match sizes", broadcast(Dims.of(2, 3), 0), f32(3)),
        no("does not match sizes", broadcast(Dims.of(2, 3), 1), f32(1)),
        no("does not match sizes", broadcast(Dims.of(3, 3), 1, 1), f32(3, 3)),
        no("is negative", broadcast(Dims.of(-2, 3), 1), f32(3)),
        no("6 elements cannot become 5", new HloOp.Reshape(Dims.of(5)), f32(2, 3)),
        no("is negative", new HloOp.Reshape(Dims.of(-2, -3)), f32(2, 3)),
        no("no permutation", new HloOp.Transpose(Dims.of(0)), f32(2, 3)),
        no("no permutation", new HloOp.Transpose(Dims.of(1, 1)), f32(2, 3)),
        no("no permutation", new HloOp.Transpose(Dims.of(1, 2)), f32(2, 3)),
        no("no permutation", new HloOp.Transpose(Dims.of(-1, 0)), f32(2, 3)),
        no("no such dimensions", new HloOp.Reverse(Dims.of(0, 0)), f32(2, 3)),
        no("no such dimensions", new HloOp.Reverse(Dims.of(2)), f32(2, 3)),
        no("no such dimensions", new HloOp.Reverse(Dims.of(-1)), f32(2, 3)),
        no("takes arrays", new HloOp.Reverse(Dims.of(0)), tuple(f32(2))),
        no("at least one operand", new HloOp.Concatenate(0)),
        no("no dimension 1", new HloOp.Concatenate(1), f32(2)),
        no("no dimension -1", new HloOp.Concatenate(-1), f32(2)),
        no("does not fit", new HloOp.Concatenate(0), f32(2), bf16(2)),
        no("does not fit", new HloOp.Concatenate(0), f32(2), f32(2, 1)),
        no("does not fit", new HloOp.Concatenate(0), f32(2, 3), f32(2, 4)),
        no("size 4294967294", new HloOp.Concatenate(0), f32(MAX), f32(MAX)),
        no("scalar of its type", pad(0, 0, 0), f32(2), bf16()),
        no("scalar of its type", pad(0, 0, 0), f32(2), f32(1)),
        no("padding for each dimension", pad(0, 0, 0), f32(2, 2), f32()),
        no("size -1", pad(-3, 0, 0), f32(2), f32()),
        no("leaves dimension 0", pad(4, 0, -1), f32(2), f32()),
        no("of size", pad(MAX, MAX, 0), f32(2), f32()),
        no("does not have", new HloOp.Iota(f32(), 0)),
        no("does not have", new HloOp.Iota(f32(3), 1)),
        no("does not have", new HloOp.Iota(f32(3), -1)),
        no("counts in numbers", new HloOp.Iota(pred(3), 0)),
        no("takes 0 operands", new HloOp.Iota(f32(3), 0), f32()),
        no("which has none", new HloOp.GetTupleElement(1), tuple(f32())),
        no("which has none", new HloOp.GetTupleElement(-1), tuple(f32())),
        no("which has none", new HloOp.GetTupleElement(0), f32(3)));
  }

  static List<Rules.Refusal> contractions() {
    Dims none = Dims.of();
    Dims one = Dims.of(1);
    Dims zero = Dims.of(0);
    HloComputation pairs = computation(tuple(f32(), s32()), f32(), s32(), f32(), s32());
    HloComputation mixed = computation(tuple(f32(), bf16()), f32(), bf16(), f32(), bf16());
    return List.of(
        no("do not match", dot(one, none, none, none, DType.F32), f32(2, 3), f32(3)),
        no("do not match", dot(one, zero, none, none, DType.F32), f32(2, 3), f32(4)),
        no("do not match", dot(Dims.of(2), zero, none, none, DType.F32), f32(2, 3), f32(3)),
        no("do not match", dot(Dims.of(-1), zero, none, none, DType.F32), f32(2, 3), f32(3)),
        no("do not match", dot(one, one, zero, none, DType.F32), f32(2, 3), f32(2, 3)),
        no("do not match", dot(one, one, zero, zero, DType.F32), f32(2, 3), f32(4, 3)),
        no("do not match", dot(one, one, one, zero, DType.F32), f32(2, 3), f32(3, 3)),
        no(
            "do not match",
            dot(Dims.of(1, 1), Dims.of(0, 1), none, none, DType.F32),
            f32(2, 3),
            f32(3, 3)),
        no("cannot give s32", dot(one, zero, none, none, DType.S32), f32(2, 3), f32(3)),
        no("cannot give f32", dot(one, zero, none, none, DType.F32), c64(2, 3), c64(3)),
        no("cannot give c64", dot(one, zero, none, none, DType.C64), c64(2, 3), f32(3)),
        no("cannot give pred", dot(one, zero, none, none, DType.PRED), s32(2, 3), s32(3)),
        no("no such dimensions", new HloOp.Reduce(one, SUM), f32(2), f32()),
        no("no such dimensions", new HloOp.Reduce(Dims.of(0, 0), SUM), f32(2), f32()),
        no("as many initial values", new HloOp.Reduce(zero, SUM), f32(2)),
        no("as many initial values", new HloOp.Reduce(zero, SUM)),
        no("scalar of its type", new HloOp.Reduce(zero, SUM), f32(2), bf16()),
        no("does not map pairs", new HloOp.Reduce(zero, pairs), f32(2), f32()),
        no("does not map pairs", new HloOp.Reduce(zero, SUM), f32(2), s32(2), f32(), s32()),
        no(
            "does not map pairs",
            new HloOp.Reduce(zero, computation(f32(1), f32(), f32())),
            f32(2),
            f32()),
        no(
            "does not map pairs",
            new HloOp.Reduce(zero, computation(tuple(f32()), f32(), f32())),
            f32(2),
            f32()),
        no("of one type", new HloOp.Reduce(zero, mixed), f32(2), bf16(2), f32(), bf16()));
  }

  @ParameterizedTest
  @MethodSource({"layouts", "contractions"})
  void refuses(Rules.Refusal refusal) {
    refusal.check();
  }

  @Test
  void broadcastsMayReorder() {
    gives(f32(3, 5, 2), broadcast(Dims.of(3, 5, 2), 2, 0), f32(2, 3));
  }

  @Test
  void productsMayWidenTypes() {
    HloOp widening = dot(Dims.of(1), Dims.of(0), Dims.of(), Dims.of(), DType.S32);
    gives(s32(2), widening, ArrayShape.of(DType.S4, 2, 3), ArrayShape.of(DType.U8, 3));
    gives(c64(2), dot(Dims.of(1), Dims.of(0), Dims.of(), Dims.of(), DType.C64), c64(2, 3), c64(3));
  }

  @Test
  void bytesThatCannotBeCountedAreRefused() {
    assertThrows(ShapeException.class, () -> f32(MAX, MAX, MAX));
    assertThrows(ShapeException.class, () -> f32(0, MAX, MAX, MAX));
    assertThrows(ShapeException.class, () -> f32(3, -1));
  }
}
