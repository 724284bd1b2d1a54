package io.lazytensor.internal.lower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lazytensor.nn.Reduction;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.SourceLine;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Result shapes, and what bad shapes are told. */
class ShapesTest {
  private final HloBuilder b =
      new HloBuilder(new Metadata("op", new SourceLine("Net", "forward", "Net.java", 12)));
  private final HloInstruction x = parameter(DType.F32, 2, 3, 4);

  @Test
  void reshapeFillsInMinusOne() {
    check(Shapes.reshape(b, x, 4, -1), 4, 6);
    check(Shapes.reshape(b, x, -1), 24);
    check(Shapes.reshape(b, parameter(DType.F32, 0, 3), -1, 3), 0, 3);
    assertSame(x, Shapes.reshape(b, x, 2, -1, 4));
  }

  @Test
  void reshapeSaysWhatDoesNotFit() {
    refused(
        "reshape of f32[2,3,4] (24 elements) to [5,-1]: the other sizes take 5 (Net.java:12)",
        () -> Shapes.reshape(b, x, 5, -1));
    refused(
        "reshape of f32[2,3,4] (24 elements) to [5,5]: that is 25 (Net.java:12)",
        () -> Shapes.reshape(b, x, 5, 5));
    refused(
        "reshape of f32[2,3,4] (24 elements) to [-1,-1]: sizes are not negative but for one -1"
            + " (Net.java:12)",
        () -> Shapes.reshape(b, x, -1, -1));
  }

  @Test
  void dimensionsMoveByNumber() {
    check(Shapes.transpose(b, x, -1, 0), 4, 3, 2);
    check(Shapes.permute(b, x, 2, 0, 1), 4, 2, 3);
    assertSame(x, Shapes.permute(b, x, 0, -2, 2));
    refused(
        "permute of f32[2,3,4] by [0,1]: name each dimension once (Net.java:12)",
        () -> Shapes.permute(b, x, 0, 1));
    refused(
        "op of f32[2,3,4] has no dimension 3: expected -3 to 2 (Net.java:12)",
        () -> Shapes.transpose(b, x, 0, 3));
    refused(
        "op of f32[2,3,4]: a dimension occurs twice in [0,-3,1] (Net.java:12)",
        () -> Shapes.permute(b, x, 0, -3, 1));
  }

  @Test
  void sizesOfOneComeAndGo() {
    HloInstruction y = parameter(DType.F32, 1, 3, 1);
    check(Shapes.squeeze(b, y), 3);
    check(Shapes.squeeze(b, y, 0), 3, 1);
    check(Shapes.squeeze(b, y, 1), 1, 3, 1);
    check(Shapes.unsqueeze(b, x, -1), 2, 3, 4, 1);
    check(Shapes.unsqueeze(b, x, 0), 1, 2, 3, 4);
    check(Shapes.expand(b, y, 5, 2, -1, 4), 5, 2, 3, 4);
    check(Shapes.expand(b, y, 2, 3, -1), 2, 3, 1);
    refused(
        "expand of f32[1,3,1] to [1,4,1]: only dimensions of size 1 repeat, new dimensions go in"
            + " front (Net.java:12)",
        () -> Shapes.expand(b, y, 1, 4, 1));
  }

  @Test
  void broadcastingReadsThroughKeptDimensions() {
    HloInstruction mean = Reductions.mean(b, x, true, 1);
    check(mean, 2, 1, 4);
    HloInstruction centred = Elementwise.sub(b, x, mean);
    assertSame(mean.operand(0), centred.operand(1).operand(0));
  }

  @Test
  void partsAreTakenAsByPythonSlices() {
    check(Shapes.select(b, x, 1, -1), 2, 4);
    check(Shapes.slice(b, x, -1, 1, 4, 2), 2, 3, 2);
    check(Shapes.slice(b, x, 2, -3, -1, 1), 2, 3, 2);
    check(Shapes.slice(b, x, 2, 3, 1, 1), 2, 3, 0);
    assertSame(x, Shapes.slice(b, x, 2, 0, Integer.MAX_VALUE, 1));
    refused(
        "select of f32[2,3,4]: dimension 1 has no index 3 (Net.java:12)",
        () -> Shapes.select(b, x, 1, 3));
  }

  @Test
  void piecesAreSplitAndJoined() {
    List<HloInstruction> pieces = Shapes.split(b, x, 3, 2);
    check(pieces.get(0), 2, 3, 3);
    check(pieces.get(1), 2, 3, 1);
    check(Shapes.concat(b, pieces, -1), 2, 3, 4);
    assertEquals(2, Shapes.chunk(b, x, 2, 1).size());
    check(Shapes.chunk(b, x, 2, 1).get(1), 2, 1, 4);
    check(Shapes.stack(b, List.of(x, x), 1), 2, 2, 3, 4);
    HloInstruction whole = parameter(DType.S32, 2, 3, 4);
    assertEquals(ArrayShape.of(DType.F32, 4, 3, 4), Shapes.concat(b, List.of(whole, x), 0).shape());
    refused(
        "concat along dimension 0 of f32[2,3,4] and f32[2,3]: the other dimensions must be equal"
            + " (Net.java:12)",
        () -> Shapes.concat(b, List.of(x, parameter(DType.F32, 2, 3)), 0));
  }

  @Test
  void paddingStartsAtTheLastDimension() {
    check(Shapes.pad(b, x, 0, 1, 2), 2, 3, 7);
    check(Shapes.pad(b, x, 0, 0, -1, 1, 0), 2, 4, 3);
    check(Shapes.flatten(b, x, 1, -1), 2, 12);
    check(Shapes.flatten(b, parameter(DType.F32), 0, -1), 1);
    check(Shapes.flip(b, x, 0, -1), 2, 3, 4);
  }

  @Test
  void shapesThatDoNotBroadcastAreBothNamed() {
    refused(
        "add of f32[2,3,4] and f32[2,4]: the shapes do not broadcast, dimension -2 is 3 and 2,"
            + " expected equal sizes or 1 (Net.java:12)",
        () -> Elementwise.add(b, x, parameter(DType.F32, 2, 4)));
  }

  @Test
  void productsSayWhatTheyNeed() {
    HloInstruction y = parameter(DType.F32, 128, 784);
    refused(
        "matmul: lhs f32[128,784] needs 784 rows on the right, got f32[512,256] (Net.java:12)",
        () -> MatrixProducts.matmul(b, y, parameter(DType.F32, 512, 256)));
    refused(
        "linear: x f32[128,784] needs a weight [out,784], got f32[784,512] (Net.java:12)",
        () -> MatrixProducts.linear(b, y, parameter(DType.F32, 784, 512), null));
    refused(
        "linear: weight f32[512,784] needs a bias [512], got f32[784] (Net.java:12)",
        () ->
            MatrixProducts.linear(b, y, parameter(DType.F32, 512, 784), parameter(DType.F32, 784)));
    refused(
        "matmul of f32[128,784] and bf16[784,2]: the types differ, cast one of them (Net.java:12)",
        () -> MatrixProducts.matmul(b, y, parameter(DType.BF16, 784, 2)));
  }

  @Test
  void lossesSayWhatTheyNeed() {
    HloInstruction logits = parameter(DType.F32, 8, 10);
    refused(
        "crossEntropy of f32[8,10]: expected a target s32[8] of class numbers, got s32[8,1]"
            + " (Net.java:12)",
        () ->
            CrossEntropy.crossEntropy(
                b, logits, parameter(DType.S32, 8, 1), Reduction.MEAN, -100, 0));
    refused(
        "mse: prediction f32[8,1] and target f32[8] must have the same dimensions, reshape or"
            + " expand one of them (Net.java:12)",
        () -> Losses.mse(b, parameter(DType.F32, 8, 1), parameter(DType.F32, 8), Reduction.MEAN));
  }

  private void refused(String message, Supplier<HloInstruction> call) {
    assertEquals(message, assertThrows(ShapeException.class, call::get).getMessage());
  }

  private static void check(HloInstruction actual, int... dims) {
    assertEquals(ArrayShape.of(DType.F32, dims), actual.shape());
  }

  private HloInstruction parameter(DType type, int... dims) {
    return b.add(new HloOp.Parameter(0, ArrayShape.of(type, dims)));
  }
}
