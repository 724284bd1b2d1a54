package io.lazytensor.internal.lower;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.autograd.ReverseMode;
import io.lazytensor.nn.Reduction;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What losses do beyond PyTorch's: padded rows and wrong targets. */
class LossesTest {
  private final HloBuilder b = new HloBuilder();
  private final HloInstruction logits = floats(Dims.of(3, 2), 1, -2, 0.5f, 3, 0, 0);

  @Test
  void paddedRowsWeighNothingWhateverTheyHold() {
    HloInstruction padded = floats(Dims.of(5), 1, 2, 6, Float.NaN, Float.POSITIVE_INFINITY);
    HloInstruction weights = floats(Dims.of(5), 1, 1, 1, 0, 0);
    HloInstruction mean = Losses.weightedMean(b, padded, weights);
    assertEquals(3, value(mean));
    HloInstruction gradient =
        Objects.requireNonNull(ReverseMode.gradients(b, mean, List.of(padded)).getFirst());
    float third = 1f / 3;
    assertEquals(
        Literal.ofFloats(Dims.of(5), third, third, third, 0, 0), Evaluation.evaluate(gradient));
  }

  @Test
  void aWeightCountsForItsWholeRow() {
    HloInstruction rows = floats(Dims.of(2, 3), 1, 2, 3, 10, 20, 30);
    assertEquals((2 + 3 * 20) / 4.0, value(Losses.weightedMean(b, rows, floats(Dims.of(2), 1, 3))));
  }

  @Test
  void noWeightAtAllIsZero() {
    HloInstruction rows = floats(Dims.of(2), 1, 2);
    assertEquals(0, value(Losses.weightedMean(b, rows, floats(Dims.of(2), 0, 0))));
  }

  @Test
  void aPaddedBatchHasTheLossOfTheShortOne() {
    HloInstruction rows =
        CrossEntropy.crossEntropy(b, logits, ints(0, 1, 0), Reduction.NONE, -100, 0);
    double padded = value(Losses.weightedMean(b, rows, floats(Dims.of(3), 1, 1, 0)));
    HloInstruction whole =
        CrossEntropy.crossEntropy(
            b, Shapes.slice(b, logits, 0, 0, 2, 1), ints(0, 1), Reduction.MEAN, -100, 0);
    assertEquals(value(whole), padded, 1e-7);
  }

  @Test
  void aTargetThatIsNoClassShowsAsNan() {
    for (int wrong : new int[] {2, -1}) {
      HloInstruction loss =
          CrossEntropy.crossEntropy(b, logits, ints(0, wrong, -100), Reduction.MEAN, -100, 0);
      assertEquals(Double.NaN, value(loss));
    }
  }

  @Test
  void unsignedTargetsHaveNoClassToIgnore() {
    ArrayShape bytes = ArrayShape.of(DType.U8, 3);
    HloInstruction target = b.add(new HloOp.Constant(Literal.ofBytes(bytes, new byte[] {0, 1, 0})));
    HloInstruction narrow = CrossEntropy.crossEntropy(b, logits, target, Reduction.MEAN, -100, 0);
    HloInstruction wide =
        CrossEntropy.crossEntropy(b, logits, ints(0, 1, 0), Reduction.MEAN, -100, 0);
    assertEquals(Evaluation.evaluate(wide), Evaluation.evaluate(narrow));
  }

  private double value(HloInstruction x) {
    return Evaluation.evaluate(x).toDouble(0);
  }

  private HloInstruction floats(Dims dims, float... values) {
    return b.add(new HloOp.Constant(Literal.ofFloats(dims, values)));
  }

  private HloInstruction ints(int... values) {
    return b.add(new HloOp.Constant(Literal.ofInts(Dims.of(values.length), values)));
  }
}
