package io.lazytensor.internal.lower;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Broadcasting against its definition, element by element. */
class BroadcastingTest {
  private final HloBuilder b = new HloBuilder();

  @Provide
  Arbitrary<Dims> dims() {
    return Arbitraries.integers()
        .between(0, 3)
        .array(Integer[].class)
        .ofMaxSize(4)
        .map(sizes -> Dims.of(Arrays.stream(sizes).mapToInt(i -> i).toArray()));
  }

  @Property(tries = 200, seed = "42")
  void everyElementIsCombinedWithTheOneItIsAlignedWith(
      @ForAll("dims") Dims common, @ForAll int xOnes, @ForAll int yOnes, @ForAll boolean dropped) {
    Dims x = side(common, xOnes, 0);
    Dims y = side(common, yOnes & ~xOnes, dropped && !common.isEmpty() ? 1 : 0);
    HloInstruction sum = Elementwise.add(b, numbers(x, 100), numbers(y, 1));
    Dims result = dims(sum);
    Literal actual = Evaluation.evaluate(sum);
    for (int i = 0; i < result.product(); i++) {
      int expected = 100 * aligned(i, result, x) + aligned(i, result, y);
      assertEquals(expected, actual.toDouble(i), x + " with " + y + " at " + i);
    }
  }

  /** Some sizes replaced by 1, some dimensions in front left out. */
  private static Dims side(Dims common, int ones, int dropped) {
    return Dims.of(
        Dims.range(common.size()).stream()
            .skip(dropped)
            .map(i -> (ones >> i & 1) == 1 ? 1 : common.get(i))
            .toArray());
  }

  private static Dims dims(HloInstruction x) {
    return x.arrayShape().dims();
  }

  /** The position in an operand that belongs to a position of the result. */
  private static int aligned(int index, Dims result, Dims operand) {
    int position = 0;
    int stride = 1;
    int rest = index;
    for (int i = 1; i <= result.size(); i++) {
      int size = result.get(result.size() - i);
      if (i <= operand.size()) {
        int own = operand.get(operand.size() - i);
        position += own == 1 ? 0 : rest % size * stride;
        stride *= own;
      }
      rest /= size;
    }
    return position;
  }

  private HloInstruction numbers(Dims dims, int step) {
    float[] values = new float[(int) dims.product()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * step;
    }
    return b.add(new HloOp.Constant(Literal.ofFloats(dims, values)));
  }
}
