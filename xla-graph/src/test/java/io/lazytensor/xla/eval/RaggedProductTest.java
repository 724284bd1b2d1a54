package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.Eval.dims;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import org.junit.jupiter.api.Test;

/** Products over groups worked out by hand. */
class RaggedProductTest {
  private static final Dims NONE = Dims.of();

  private final HloBuilder b = new HloBuilder();

  private HloInstruction floats(int[] dims, double... values) {
    return Eval.constant(b, DType.F32, dims, values);
  }

  private HloInstruction product(
      DotDimensionNumbers dot,
      int ragged,
      Dims group,
      HloInstruction x,
      HloInstruction y,
      HloInstruction sizes) {
    RaggedDotDimensionNumbers n = new RaggedDotDimensionNumbers(dot, Dims.of(ragged), group);
    return b.add(new HloOp.RaggedDot(n, x.arrayShape().dtype()), x, y, sizes);
  }

  /** Four rows (1,1), (2,1), (3,1), (4,1); group g's column is (10^g, g). */
  private double[] rows(DType type, double... sizes) {
    DotDimensionNumbers dot = new DotDimensionNumbers(Dims.of(1), Dims.of(1), NONE, NONE);
    HloInstruction x = floats(dims(4, 2), 1, 1, 2, 1, 3, 1, 4, 1);
    HloInstruction y = floats(dims(3, 2, 1), 1, 0, 10, 1, 100, 2);
    HloInstruction groups = Eval.constant(b, type, dims(3), sizes);
    return Eval.values(product(dot, 0, Dims.of(0), x, y, groups));
  }

  @Test
  void eachRowMeetsItsGroupsMatrix() {
    assertArrayEquals(new double[] {1, 21, 31, 402}, rows(DType.S64, 1, 2, 1));
    assertArrayEquals(new double[] {1, 2, 302, 402}, rows(DType.U8, 2, 0, 2));
  }

  @Test
  void rowsOfNoGroupAreZeroAndRowsTooManyAreLeftOut() {
    assertArrayEquals(new double[] {1, 21, 0, 0}, rows(DType.S32, 1, 1, 0));
    assertArrayEquals(new double[] {1, 21, 31, 41}, rows(DType.S32, 1, 9, 1));
    assertArrayEquals(new double[] {1, 202, 0, 0}, rows(DType.S32, 1, -1, 1));
    assertArrayEquals(new double[] {11, 21, 31, 41}, rows(DType.U64, 0, 0x1p63, 1));
  }

  /** An infinity in another group's matrix is no concern of a row's. */
  @Test
  void otherGroupsDoNotReachARow() {
    DotDimensionNumbers dot = new DotDimensionNumbers(Dims.of(1), Dims.of(1), NONE, NONE);
    HloInstruction x = floats(dims(2, 1), 2, 3);
    HloInstruction y = floats(dims(2, 1, 1), 5, Double.POSITIVE_INFINITY);
    HloInstruction one = Eval.constant(b, DType.S32, dims(2), 1, 1);
    assertArrayEquals(
        new double[] {10, Double.POSITIVE_INFINITY},
        Eval.values(product(dot, 0, Dims.of(0), x, y, one)));
  }

  /**
   * [batch 2, rows 2, ragged 2, more rows 2, summed 1]: sizes differ with batch and outer row, and
   * the rows behind the ragged dimension share its group.
   */
  @Test
  void sizesDependOnBatchAndOuterRows() {
    DotDimensionNumbers dot =
        new DotDimensionNumbers(Dims.of(4), Dims.of(2), Dims.of(0), Dims.of(1));
    double[] ones = new double[16];
    java.util.Arrays.fill(ones, 1);
    HloInstruction x = floats(dims(2, 2, 2, 2, 1), ones);
    HloInstruction y = floats(dims(2, 2, 1), 1, 2, 30, 40);
    HloInstruction sizes = Eval.constant(b, DType.S32, dims(2, 2, 2), 1, 1, 2, 0, 0, 2, 1, 0);
    assertArrayEquals(
        new double[] {1, 1, 30, 30, 1, 1, 1, 1, 40, 40, 40, 40, 2, 2, 0, 0},
        Eval.values(product(dot, 2, Dims.of(0), x, y, sizes)));
  }

  @Test
  void eachGroupIsSummedOnItsOwn() {
    DotDimensionNumbers dot = new DotDimensionNumbers(Dims.of(1), Dims.of(0), NONE, NONE);
    HloInstruction x = floats(dims(2, 4), 1, 2, 3, 4, 10, 20, 30, 40);
    HloInstruction y = floats(dims(4, 1), 1, 1, 1, 2);
    HloInstruction sizes = Eval.constant(b, DType.S32, dims(3), 2, 0, 1);
    HloInstruction sums = product(dot, 1, NONE, x, y, sizes);
    assertEquals("f32[3,2,1]", sums.shape().toString());
    assertArrayEquals(new double[] {3, 30, 0, 0, 3, 30}, Eval.values(sums));
  }

  /** Summed dimensions [outer 2, ragged 2]: each outer index has groups of its own. */
  @Test
  void sizesDependOnOuterSums() {
    DotDimensionNumbers dot = new DotDimensionNumbers(Dims.of(0, 1), Dims.of(0, 1), NONE, NONE);
    HloInstruction x = floats(dims(2, 2), 1, 10, 100, 1000);
    HloInstruction y = floats(dims(2, 2), 1, 1, 1, 1);
    HloInstruction sizes = Eval.constant(b, DType.S32, dims(2, 2), 1, 1, 2, 0);
    assertArrayEquals(new double[] {1101, 10}, Eval.values(product(dot, 1, NONE, x, y, sizes)));
    HloInstruction shared = Eval.constant(b, DType.S32, dims(2), 1, 1);
    assertArrayEquals(new double[] {101, 1010}, Eval.values(product(dot, 1, NONE, x, y, shared)));
  }

  @Test
  void batchesAreMultipliedWhateverTheirGroups() {
    DotDimensionNumbers dot =
        new DotDimensionNumbers(Dims.of(1), Dims.of(1), Dims.of(0), Dims.of(0));
    HloInstruction x = floats(dims(2, 2), 1, 2, 3, 4);
    HloInstruction sizes = Eval.constant(b, DType.S32, dims(3), 1, 0, 0);
    assertArrayEquals(new double[] {5, 25}, Eval.values(product(dot, 0, NONE, x, x, sizes)));
  }
}
