package io.lazytensor.xla.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShapeInferenceTest {
  private static final HloOp ADD = new HloOp.Binary(BinaryKind.ADD);

  private static ArrayShape f32(int... dims) {
    return ArrayShape.of(DType.F32, dims);
  }

  private static ArrayShape s32(int... dims) {
    return ArrayShape.of(DType.S32, dims);
  }

  private static void gives(Shape expected, HloOp op, Shape... operands) {
    assertEquals(expected, ShapeInference.infer(op, List.of(operands)));
  }

  private static void refuses(HloOp op, String part, Shape... operands) {
    ShapeException e =
        assertThrows(ShapeException.class, () -> ShapeInference.infer(op, List.of(operands)));
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  @Test
  void elementwiseOperandsAreOfOneShape() {
    gives(f32(2, 3), ADD, f32(2, 3), f32(2, 3));
    refuses(ADD, "f32[2,3] and f32[3,2]", f32(2, 3), f32(3, 2));
    refuses(ADD, "f32[2] and s32[2]", f32(2), s32(2));
    refuses(ADD, "takes 2 operands, got 1", f32(2));
  }

  @Test
  void operationsRefuseTypesTheyHaveNoMeaningFor() {
    refuses(new HloOp.Unary(UnaryKind.TANH), "no meaning for s32[2]", s32(2));
    refuses(new HloOp.Binary(BinaryKind.AND), "no meaning for f32[]", f32(), f32());
    refuses(
        new HloOp.Binary(BinaryKind.SUBTRACT),
        "no meaning",
        ArrayShape.scalar(DType.PRED),
        ArrayShape.scalar(DType.PRED));
  }

  @Test
  void bitcastsMoveBytesIntoTheLastDimension() {
    gives(ArrayShape.of(DType.U16, 3, 2), new HloOp.BitcastConvert(DType.U16), f32(3));
    gives(f32(3), new HloOp.BitcastConvert(DType.F32), ArrayShape.of(DType.U16, 3, 2));
    refuses(
        new HloOp.BitcastConvert(DType.F32), "last dimension of 2", ArrayShape.of(DType.U16, 3));
  }

  @Test
  void broadcastsMatchSizes() {
    gives(f32(4, 3), new HloOp.Broadcast(Dims.of(4, 3), Dims.of(1)), f32(3));
    refuses(new HloOp.Broadcast(Dims.of(4, 3), Dims.of(0)), "does not match sizes", f32(3));
  }

  @Test
  void reshapesKeepTheElementCount() {
    gives(f32(6), new HloOp.Reshape(Dims.of(6)), f32(2, 3));
    refuses(new HloOp.Reshape(Dims.of(5)), "6 elements cannot become 5", f32(2, 3));
  }

  @Test
  void transposesNeedAPermutation() {
    gives(f32(3, 2), new HloOp.Transpose(Dims.of(1, 0)), f32(2, 3));
    refuses(new HloOp.Transpose(Dims.of(0, 0)), "no permutation", f32(2, 3));
  }

  @Test
  void slicesCountStrides() {
    gives(f32(2), new HloOp.Slice(Dims.of(1), Dims.of(5), Dims.of(3)), f32(6));
    refuses(new HloOp.Slice(Dims.of(1), Dims.of(7), Dims.of(1)), "no range 1 to 7", f32(6));
  }

  @Test
  void paddingMayCrop() {
    PaddingConfig padding = new PaddingConfig(Dims.of(-1), Dims.of(2), Dims.of(1));
    gives(f32(6), new HloOp.Pad(padding), f32(3), f32());
    refuses(new HloOp.Pad(padding), "scalar of its type", f32(3), s32());
  }

  @Test
  void concatenationAddsSizes() {
    gives(f32(2, 5), new HloOp.Concatenate(1), f32(2, 3), f32(2, 2));
    refuses(new HloOp.Concatenate(1), "operand 1 is f32[3,2]", f32(2, 3), f32(3, 2));
  }

  @Test
  void productsPutBatchFirstThenLeftThenRight() {
    DotDimensionNumbers n = new DotDimensionNumbers(Dims.of(2), Dims.of(1), Dims.of(0), Dims.of(0));
    gives(f32(7, 2, 5), new HloOp.Dot(n, DType.F32), f32(7, 2, 3), f32(7, 3, 5));
    refuses(new HloOp.Dot(n, DType.F32), "do not match", f32(7, 2, 3), f32(7, 4, 5));
  }

  @Test
  void reductionsWithSeveralArraysGiveTuples() {
    HloOp.Reduce sum =
        new HloOp.Reduce(Dims.of(0), HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32));
    gives(f32(3), sum, f32(2, 3), f32());
    refuses(sum, "does not map pairs", s32(2, 3), s32());
    refuses(sum, "arrays of one size", f32(2, 3), f32(1));
  }

  @Test
  void gatherReadsRows() {
    GatherDimensionNumbers rows =
        new GatherDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of(), Dims.of(0), 1);
    HloOp gather = new HloOp.Gather(rows, Dims.of(1, 4), false);
    gives(f32(6, 4), gather, f32(10, 4), s32(6, 1));
    gives(f32(6, 4), gather, f32(10, 4), s32(6));
    refuses(gather, "integer indices", f32(10, 4), f32(6));
    refuses(gather, "does not fit", f32(10, 3), s32(6));
  }

  @Test
  void scatterWritesRows() {
    ScatterDimensionNumbers rows =
        new ScatterDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of(), Dims.of(0), 1);
    HloOp scatter =
        new HloOp.Scatter(rows, HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32), false, false);
    gives(f32(10, 4), scatter, f32(10, 4), s32(6), f32(6, 4));
    refuses(scatter, "do not fit", f32(10, 4), s32(6), f32(5, 4));
  }

  @Test
  void tuplesComeApart() {
    TupleShape pair = new TupleShape(List.of(f32(2), s32()));
    gives(s32(), new HloOp.GetTupleElement(1), pair);
    refuses(new HloOp.GetTupleElement(2), "which has none", pair);
    refuses(ADD, "takes arrays", pair, pair);
  }

  @Test
  void callsCheckArguments() {
    HloOp call = new HloOp.Call(Threefry.computation(Dims.of(2)));
    ArrayShape words = ArrayShape.of(DType.U32, 2);
    gives(new TupleShape(List.of(words, words)), call, words, words, words, words);
    refuses(call, "argument 3 is f32[2]", words, words, words, f32(2));
  }
}
