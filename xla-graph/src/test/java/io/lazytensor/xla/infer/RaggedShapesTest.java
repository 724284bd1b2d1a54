package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.Rules.c64;
import static io.lazytensor.xla.infer.Rules.f32;
import static io.lazytensor.xla.infer.Rules.gives;
import static io.lazytensor.xla.infer.Rules.no;
import static io.lazytensor.xla.infer.Rules.pred;
import static io.lazytensor.xla.infer.Rules.s32;
import static io.lazytensor.xla.infer.Rules.tuple;
import static io.lazytensor.xla.infer.Rules.u32;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Shapes of StableHLO's {@code ops_chlo.mlir}, and more of the kind. */
class RaggedShapesTest {
  private static final Dims NONE = Dims.of();

  /** Rows in groups: [b,a,m,k], [g,b,k,n] to [b,a,m,n]. */
  private static final HloOp ROWS = op(Dims.of(3), Dims.of(2), Dims.of(0), Dims.of(1), 2, 0);

  /** Sums in groups: [b,m,j,k], [b,j,k,n] to [g,b,m,n]. */
  private static final HloOp SUMS = op(Dims.of(2, 3), Dims.of(1, 2), Dims.of(0), Dims.of(0), 3);

  /** Batches in groups: [a,b,m,k], [a,b,k,n] to [a,b,m,n]. */
  private static final HloOp BATCH = op(Dims.of(3), Dims.of(2), Dims.of(0, 1), Dims.of(0, 1), 1);

  /** One matrix for each group: [m,k], [g,k,n] to [m,n]. */
  private static final HloOp PLAIN = op(Dims.of(1), Dims.of(1), NONE, NONE, 0, 0);

  private static HloOp op(
      Dims left, Dims right, Dims leftBatch, Dims rightBatch, int ragged, int... group) {
    return op(left, right, leftBatch, rightBatch, Dims.of(ragged), Dims.of(group), DType.F32);
  }

  private static HloOp op(
      Dims left,
      Dims right,
      Dims leftBatch,
      Dims rightBatch,
      Dims ragged,
      Dims group,
      DType result) {
    return new HloOp.RaggedDot(
        new RaggedDotDimensionNumbers(
            new DotDimensionNumbers(left, right, leftBatch, rightBatch), ragged, group),
        result);
  }

  private static HloOp plain(Dims ragged, Dims group, DType result) {
    return op(Dims.of(1), Dims.of(1), NONE, NONE, ragged, group, result);
  }

  @Test
  void rowsBelongToGroups() {
    gives(f32(11, 7), PLAIN, f32(11, 5), f32(3, 5, 7), u32(3));
    gives(f32(19, 17, 11, 7), ROWS, f32(19, 17, 11, 5), f32(3, 19, 5, 7), s32(19, 17, 3));
    gives(f32(19, 17, 11, 7), ROWS, f32(19, 17, 11, 5), f32(3, 19, 5, 7), s32(3));
    gives(f32(0, 7), PLAIN, f32(0, 5), f32(0, 5, 7), u32(0));
  }

  @Test
  void sumsBelongToGroups() {
    gives(f32(3, 19, 11, 7), SUMS, f32(19, 11, 17, 5), f32(19, 17, 5, 7), s32(19, 17, 3));
    gives(f32(3, 19, 11, 7), SUMS, f32(19, 11, 17, 5), f32(19, 17, 5, 7), s32(3));
    gives(f32(0, 19, 11, 7), SUMS, f32(19, 11, 17, 5), f32(19, 17, 5, 7), s32(0));
  }

  @Test
  void batchesBelongToGroups() {
    gives(f32(17, 19, 11, 7), BATCH, f32(17, 19, 11, 5), f32(17, 19, 5, 7), s32(17, 3));
    gives(f32(17, 19, 11, 7), BATCH, f32(17, 19, 11, 5), f32(17, 19, 5, 7), s32(3));
  }

  @Test
  void operandsAreWidened() {
    HloOp wide = plain(Dims.of(0), Dims.of(0), DType.F64);
    gives(
        ArrayShape.of(DType.F64, 11, 7),
        wide,
        ArrayShape.of(DType.BF16, 11, 5),
        f32(3, 5, 7),
        s32(3));
  }

  static List<Rules.Refusal> refusals() {
    ArrayShape left = f32(11, 5);
    ArrayShape right = f32(3, 5, 7);
    return List.of(
        no("takes 3 operands", PLAIN, left, right),
        no("takes arrays", PLAIN, left, right, tuple(s32(3))),
        no("do not match", PLAIN, left, f32(3, 2, 7), s32(3)),
        no("cannot give f32", PLAIN, c64(11, 5), c64(3, 5, 7), s32(3)),
        no("[groups] or [groups], got s32[3,2]", PLAIN, left, right, s32(3, 2)),
        no("got s32[]", PLAIN, left, right, s32()),
        no("takes integer sizes", PLAIN, left, right, f32(3)),
        no("takes integer sizes", PLAIN, left, right, pred(3)),
        no("ragged dimensions {}", plain(NONE, Dims.of(0), DType.F32), left, right, s32(3)),
        no("{0,1}", plain(Dims.of(0, 1), Dims.of(0), DType.F32), left, right, s32(3)),
        no("{2}", plain(Dims.of(2), Dims.of(0), DType.F32), left, right, s32(3)),
        no("{-1}", plain(Dims.of(-1), Dims.of(0), DType.F32), left, right, s32(3)),
        no("in 2 groups", PLAIN, left, right, s32(2)),
        no("group dimensions {}", plain(Dims.of(0), NONE, DType.F32), left, right, s32(3)),
        no("{1}; one", plain(Dims.of(0), Dims.of(1), DType.F32), left, f32(3, 5, 3), s32(5)),
        no("{3}; one", plain(Dims.of(0), Dims.of(3), DType.F32), left, right, s32(3)),
        no("{0,2}", plain(Dims.of(0), Dims.of(0, 2), DType.F32), left, f32(3, 5, 3), s32(3)),
        no("none are expected", plain(Dims.of(1), Dims.of(0), DType.F32), left, right, s32(3)),
        no(
            "[19,17,groups] or [groups], got s32[19,11,3]",
            ROWS,
            f32(19, 17, 11, 5),
            f32(3, 19, 5, 7),
            s32(19, 11, 3)),
        no("[19,17,groups]", ROWS, f32(19, 17, 11, 5), f32(3, 19, 5, 7), s32(19, 3)),
        no("[19,17,groups]", SUMS, f32(19, 11, 17, 5), f32(19, 17, 5, 7), s32(19, 11, 3)),
        no("[17,groups]", BATCH, f32(17, 19, 11, 5), f32(17, 19, 5, 7), s32(19, 3)));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refuses(Rules.Refusal refusal) {
    refusal.check();
  }
}
