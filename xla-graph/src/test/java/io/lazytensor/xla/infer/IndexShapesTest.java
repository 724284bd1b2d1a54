package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.Rules.bf16;
import static io.lazytensor.xla.infer.Rules.computation;
import static io.lazytensor.xla.infer.Rules.f32;
import static io.lazytensor.xla.infer.Rules.gives;
import static io.lazytensor.xla.infer.Rules.no;
import static io.lazytensor.xla.infer.Rules.s32;
import static io.lazytensor.xla.infer.Rules.tuple;

import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IndexShapesTest {
  private static final Dims NONE = Dims.of();
  private static final HloComputation SUM = HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32);

  private static HloOp slice(int start, int limit, int stride) {
    return new HloOp.Slice(Dims.of(start), Dims.of(limit), Dims.of(stride));
  }

  private static HloOp gather(
      Dims offset, Dims collapsed, Dims batch, Dims indexBatch, Dims map, int vector, Dims sizes) {
    return new HloOp.Gather(
        new GatherDimensionNumbers(offset, collapsed, batch, indexBatch, map, vector),
        sizes,
        false);
  }

  private static HloOp scatter(
      Dims window, Dims inserted, Dims batch, Dims indexBatch, Dims map, int vector) {
    return new HloOp.Scatter(
        new ScatterDimensionNumbers(window, inserted, batch, indexBatch, map, vector),
        SUM,
        false,
        false);
  }

  static List<Rules.Refusal> slices() {
    HloOp taken = new HloOp.DynamicSlice(Dims.of(2, 2));
    HloOp put = new HloOp.DynamicUpdateSlice();
    return List.of(
        no("no range -1 to 2", slice(-1, 2, 1), f32(4)),
        no("no range 3 to 2", slice(3, 2, 1), f32(4)),
        no("no range 0 to 5", slice(0, 5, 1), f32(4)),
        no("by 0", slice(0, 4, 0), f32(4)),
        no("by -1", slice(0, 4, -1), f32(4)),
        no("for each dimension", slice(0, 4, 1), f32(4, 4)),
        no("takes 3 operands", taken, f32(4, 4), s32()),
        no("integer scalars", taken, f32(4, 4), s32(), f32()),
        no("integer scalars", taken, f32(4, 4), s32(2), s32(2)),
        no("starts of one type", taken, f32(4, 4), s32(), Rules.u32()),
        no("does not fit f32[4,1]", taken, f32(4, 1), s32(), s32()),
        no("window [-1]", new HloOp.DynamicSlice(Dims.of(-1)), f32(4), s32()),
        no("window [2,2]", taken, f32(4), s32()),
        no("update of its type", put, f32(4), bf16(2), s32()),
        no("does not fit", put, f32(4), f32(5), s32()),
        no("does not fit", put, f32(4), f32(2, 2), s32()));
  }

  static List<Rules.Refusal> gathers() {
    Dims sizes = Dims.of(1, 3, 1);
    return List.of(
        no(
            "offset dimensions {1,0} must ascend",
            gather(Dims.of(1, 0), Dims.of(2), NONE, NONE, Dims.of(0), 1, sizes),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "offset dimensions {1,1} must ascend",
            gather(Dims.of(1, 1), Dims.of(2), NONE, NONE, Dims.of(0), 1, sizes),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "offset dimensions {1,3}",
            gather(Dims.of(1, 3), Dims.of(2), NONE, NONE, Dims.of(0), 1, sizes),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "do not name the 2 window dimensions",
            gather(Dims.of(1), Dims.of(2), NONE, NONE, Dims.of(0), 1, sizes),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "collapsed slice dimensions {2,0} must ascend",
            gather(Dims.of(1), Dims.of(2, 0), NONE, NONE, Dims.of(0), 1, sizes),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "must be distinct",
            gather(Dims.of(1), Dims.of(0, 9), NONE, NONE, Dims.of(0), 1, sizes),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "must be distinct",
            gather(Dims.of(1), Dims.of(0), Dims.of(0), Dims.of(0), Dims.of(1), 1, sizes),
            f32(5, 6, 7),
            s32(5, 1)),
        no(
            "dropped dimension 1 has window size 3",
            gather(Dims.of(1), Dims.of(0, 1), NONE, NONE, Dims.of(0), 1, sizes),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "index vectors of length 1 address dimensions {0,1}",
            gather(Dims.of(1), Dims.of(0, 2), NONE, NONE, Dims.of(0, 1), 1, sizes),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "address dimensions {3}",
            gather(Dims.of(1), Dims.of(0, 2), NONE, NONE, Dims.of(3), 1, sizes),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "address dimensions {0,0}",
            gather(Dims.of(1), Dims.of(0, 2), NONE, NONE, Dims.of(0, 0), 1, sizes),
            f32(5, 6, 7),
            s32(4, 2)),
        no(
            "index vector in dimension 3",
            gather(Dims.of(1), Dims.of(0, 2), NONE, NONE, Dims.of(0), 3, sizes),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "does not fit",
            gather(Dims.of(1), Dims.of(0, 2), NONE, NONE, Dims.of(0), 1, Dims.of(1, 9, 1)),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "does not fit",
            gather(Dims.of(1), Dims.of(0), NONE, NONE, Dims.of(0), 1, Dims.of(1, 3)),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "slices of sizes {0,6,1} hold nothing that could make f32[4,6]",
            gather(Dims.of(1), Dims.of(0, 2), NONE, NONE, Dims.of(0), 1, Dims.of(0, 6, 1)),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "batching dimensions {0} and {0} do not match",
            gather(Dims.of(1), Dims.of(2), Dims.of(0), Dims.of(0), Dims.of(1), 1, sizes),
            f32(5, 6, 7),
            s32(4, 1)),
        no(
            "batching dimensions {0} and {} do not match",
            gather(Dims.of(1), Dims.of(2), Dims.of(0), NONE, Dims.of(1), 1, sizes),
            f32(5, 6, 7),
            s32(5, 1)),
        no(
            "operand batching dimensions {1,0} must ascend",
            gather(NONE, NONE, Dims.of(1, 0), Dims.of(0, 1), Dims.of(2), 2, Dims.of(1, 1, 1)),
            f32(5, 5, 7),
            s32(5, 5, 1)));
  }

  static List<Rules.Refusal> scatters() {
    return List.of(
        no(
            "update window dimensions {1,0} must ascend",
            scatter(Dims.of(1, 0), Dims.of(0), NONE, NONE, Dims.of(0), 1),
            f32(5, 6, 7),
            s32(4, 1),
            f32(4, 6, 7)),
        no(
            "inserted window dimensions {2,0} must ascend",
            scatter(Dims.of(1), Dims.of(2, 0), NONE, NONE, Dims.of(0), 1),
            f32(5, 6, 7),
            s32(4, 1),
            f32(4, 6)),
        no(
            "do not fit",
            scatter(Dims.of(1), Dims.of(0), Dims.of(0), Dims.of(0), Dims.of(1), 1),
            f32(5, 6, 7),
            s32(5, 1),
            f32(5, 7)),
        no(
            "do not fit",
            scatter(Dims.of(1), Dims.of(0, 3), NONE, NONE, Dims.of(0), 1),
            f32(5, 6, 7),
            s32(4, 1),
            f32(4, 6)),
        no(
            "do not fit",
            scatter(Dims.of(1, 2), Dims.of(0), NONE, NONE, Dims.of(0), 1),
            f32(5, 6, 7),
            s32(4, 1),
            f32(4, 7, 7)),
        no(
            "do not fit",
            scatter(Dims.of(1, 2), Dims.of(0), NONE, NONE, Dims.of(0), 1),
            f32(5, 6, 7),
            s32(4, 1),
            f32(3, 6, 7)),
        no(
            "address dimensions {10}",
            scatter(Dims.of(1, 2), Dims.of(0), NONE, NONE, Dims.of(10), 1),
            f32(5, 6, 7),
            s32(4, 1),
            f32(4, 6, 7)),
        no(
            "updates of their types",
            scatter(Dims.of(1), Dims.of(0), NONE, NONE, Dims.of(0), 1),
            f32(5, 6),
            s32(4, 1),
            s32(4, 6)),
        no(
            "as many updates",
            scatter(Dims.of(1), Dims.of(0), NONE, NONE, Dims.of(0), 1),
            f32(5, 6),
            s32(4, 1)),
        no(
            "integer indices",
            scatter(Dims.of(1), Dims.of(0), NONE, NONE, Dims.of(0), 1),
            f32(5, 6),
            f32(4, 1),
            f32(4, 6)),
        no(
            "does not map pairs",
            scatter(Dims.of(1), Dims.of(0), NONE, NONE, Dims.of(0), 1),
            bf16(5, 6),
            s32(4, 1),
            bf16(4, 6)));
  }

  @ParameterizedTest
  @MethodSource({"slices", "gathers", "scatters"})
  void refuses(Rules.Refusal refusal) {
    refusal.check();
  }

  @Test
  void batchesRunAlong() {
    gives(
        f32(5, 4, 3),
        gather(Dims.of(2), Dims.of(2), Dims.of(0), Dims.of(0), Dims.of(1), 2, Dims.of(1, 3, 1)),
        f32(5, 6, 7),
        s32(5, 4, 1));
    gives(
        f32(5, 6, 7),
        scatter(Dims.of(2), Dims.of(1), Dims.of(0), Dims.of(0), Dims.of(1), 2),
        f32(5, 6, 7),
        s32(5, 4, 1),
        f32(5, 4, 2));
  }

  @Test
  void severalArraysGiveTuples() {
    HloComputation both = computation(tuple(f32(), s32()), f32(), s32(), f32(), s32());
    ScatterDimensionNumbers n =
        new ScatterDimensionNumbers(NONE, Dims.of(0), NONE, NONE, Dims.of(0), 1);
    gives(
        tuple(f32(5), s32(5)),
        new HloOp.Scatter(n, both, false, false),
        f32(5),
        s32(5),
        s32(4, 1),
        f32(4),
        s32(4));
  }
}
