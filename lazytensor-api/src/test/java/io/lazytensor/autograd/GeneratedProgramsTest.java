package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** Random programs of smooth operations on square matrices, with values used many times. */
class GeneratedProgramsTest {
  private static final int SIZE = 2;
  private static final Dims DIMS = Dims.of(SIZE, SIZE);
  private static final int LENGTH = 12;

  @Property(tries = 40, seed = "21")
  void gradientsOfProgramsAreTheirSlopes(@ForAll long seed) {
    checkProgram(seed);
  }

  @Tag("full")
  @Property(tries = 3000, seed = "22")
  void gradientsOfManyProgramsAreTheirSlopes(@ForAll long seed) {
    checkProgram(seed);
  }

  private static void checkProgram(long seed) {
    Random random = new Random(seed);
    GradientCheck.check(
        (b, x) -> program(b, x, new Random(seed)),
        GradientCheck.random(random, DIMS),
        GradientCheck.random(random, DIMS));
  }

  private static HloInstruction program(HloBuilder b, List<HloInstruction> x, Random random) {
    List<HloInstruction> values = new ArrayList<>(x);
    for (int i = 0; i < LENGTH; i++) {
      HloInstruction left = values.get(random.nextInt(values.size()));
      HloInstruction right = values.get(random.nextInt(values.size()));
      // Bounded values keep curvature, and with it the error of differences, small.
      values.add(b.unary(UnaryKind.TANH, step(b, random, left, right)));
    }
    HloInstruction sum = values.getFirst();
    for (HloInstruction value : values) {
      sum = b.plus(sum, value);
    }
    return sum;
  }

  private static HloInstruction step(
      HloBuilder b, Random random, HloInstruction x, HloInstruction y) {
    return switch (random.nextInt(11)) {
      case 0 -> b.plus(x, y);
      case 1 -> b.minus(x, y);
      case 2 -> b.times(x, y);
      case 3 -> b.over(x, b.plus(b.times(y, y), b.filledLike(y, 1)));
      case 4 -> b.unary(UnaryKind.ERF, x);
      case 5 -> b.add(new HloOp.Dot(numbers(random), DType.F64), x, y);
      case 6 -> b.transpose(x, Dims.of(1, 0));
      case 7 -> windowOfBoth(b, random, x, y);
      case 8 -> sumOfRows(b, random.nextInt(2), x);
      case 9 -> b.binary(BinaryKind.ATAN2, x, b.plus(b.times(y, y), b.filledLike(y, 1)));
      default -> called(b, x, y);
    };
  }

  private static DotDimensionNumbers numbers(Random random) {
    return new DotDimensionNumbers(
        Dims.of(random.nextInt(2)), Dims.of(random.nextInt(2)), Dims.of(), Dims.of());
  }

  /** Joins both, reverses, cuts a window out and pads it. */
  private static HloInstruction windowOfBoth(
      HloBuilder b, Random random, HloInstruction x, HloInstruction y) {
    int dimension = random.nextInt(2);
    HloInstruction both = b.add(new HloOp.Concatenate(dimension), x, y);
    HloInstruction turned = b.add(new HloOp.Reverse(Dims.of(random.nextInt(2))), both);
    int[] limit = turned.arrayShape().dims().toArray();
    int[] stride = {1, 1};
    stride[dimension] = 1 + random.nextInt(3);
    HloInstruction window =
        b.add(new HloOp.Slice(Dims.of(0, 0), Dims.of(limit), Dims.of(stride)), turned);
    int[] high = {0, 0};
    high[dimension] = SIZE - window.arrayShape().dim(dimension);
    PaddingConfig padding = new PaddingConfig(Dims.of(0, 0), Dims.of(high), Dims.of(0, 0));
    return b.add(new HloOp.Pad(padding), window, b.constant(DType.F64, 0.5));
  }

  private static HloInstruction sumOfRows(HloBuilder b, int dimension, HloInstruction x) {
    HloInstruction sum = b.sum(x, Dims.of(dimension));
    return b.add(new HloOp.Broadcast(DIMS, Dims.of(1 - dimension)), sum);
  }

  private static HloInstruction called(HloBuilder b, HloInstruction x, HloInstruction y) {
    HloInstruction p = b.add(new HloOp.Parameter(0, x.shape()));
    HloInstruction q = b.add(new HloOp.Parameter(1, y.shape()));
    HloInstruction body = b.times(b.unary(UnaryKind.SINE, p), b.plus(p, q));
    return b.add(new HloOp.Call(HloComputation.of("body", List.of(p, q), body)), x, y);
  }
}
