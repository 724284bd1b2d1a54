package io.lazytensor.autograd;

import static io.lazytensor.autograd.GradientCheck.array;
import static io.lazytensor.autograd.GradientCheck.check;
import static io.lazytensor.autograd.GradientCheck.gradients;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.PaddingConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LayoutGradientsTest {
  private static final int TRIES = 60;

  private static Dims dims(Random random, int rank, int atLeast, int atMost) {
    return Dims.of(random.ints(rank, atLeast, atMost + 1).toArray());
  }

  private static Dims permutation(Random random, int rank) {
    List<Integer> order = new ArrayList<>(Dims.range(rank).stream().boxed().toList());
    Collections.shuffle(order, random);
    return Dims.of(order.stream().mapToInt(i -> i).toArray());
  }

  @Property(tries = TRIES, seed = "1")
  void broadcastGradientIsTheSum(@ForAll long seed, @ForAll @IntRange(max = 4) int rank) {
    Random random = new Random(seed);
    Dims to = dims(random, rank, 1, 3);
    int[] kept = Dims.range(rank).stream().filter(d -> random.nextBoolean()).toArray();
    Dims from = Dims.of(Dims.of(kept).stream().map(to::get).toArray());
    check(
        (b, x) -> b.add(new HloOp.Broadcast(to, Dims.of(kept)), x),
        GradientCheck.random(random, from));
  }

  @Property(tries = TRIES, seed = "2")
  void transposeAndReverseGradientsGoBack(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int rank) {
    Random random = new Random(seed);
    Dims permutation = permutation(random, rank);
    Dims turned = Dims.of(Dims.range(rank).stream().filter(d -> random.nextBoolean()).toArray());
    check(
        (b, x) -> b.add(new HloOp.Reverse(turned), b.add(new HloOp.Transpose(permutation), x)),
        GradientCheck.random(random, dims(random, rank, 1, 3)));
  }

  @Test
  void reshapeGradientHasTheOperandsShape() {
    Literal x = GradientCheck.random(new Random(3), Dims.of(2, 6));
    check((b, in) -> b.add(new HloOp.Reshape(Dims.of(3, 1, 4)), in), x);
    check((b, in) -> b.add(new HloOp.Reshape(Dims.of()), in), array(Dims.of(1, 1), 3));
  }

  @Property(tries = TRIES, seed = "4")
  void sliceGradientIsZeroOutside(@ForAll long seed, @ForAll @IntRange(max = 3) int rank) {
    Random random = new Random(seed);
    Dims dims = dims(random, rank, 0, 6);
    int[] start = new int[rank];
    int[] limit = new int[rank];
    for (int d = 0; d < rank; d++) {
      start[d] = random.nextInt(dims.get(d) + 1);
      limit[d] = start[d] + random.nextInt(dims.get(d) - start[d] + 1);
    }
    Dims stride = dims(random, rank, 1, 3);
    check(
        (b, x) -> b.add(new HloOp.Slice(Dims.of(start), Dims.of(limit), stride), x),
        GradientCheck.random(random, dims));
  }

  @Property(tries = TRIES, seed = "5")
  void concatenateGradientsAreThePieces(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int pieces) {
    Random random = new Random(seed);
    int dimension = random.nextInt(2);
    int other = 1 + random.nextInt(3);
    Literal[] arguments = new Literal[pieces];
    for (int i = 0; i < pieces; i++) {
      int size = random.nextInt(4);
      Dims dims = dimension == 0 ? Dims.of(size, other) : Dims.of(other, size);
      arguments[i] = GradientCheck.random(random, dims);
    }
    check((b, x) -> b.add(new HloOp.Concatenate(dimension), x), arguments);
  }

  @Property(tries = 150, seed = "6")
  void padGradientsAreThoseOfTheInsideAndOfThePadding(
      @ForAll long seed, @ForAll @IntRange(max = 2) int rank) {
    Random random = new Random(seed);
    Dims dims = dims(random, rank, 0, 4);
    Dims interior = dims(random, rank, 0, 2);
    int[] low = new int[rank];
    int[] high = new int[rank];
    for (int d = 0; d < rank; d++) {
      int spread = dims.get(d) + Math.max(0, dims.get(d) - 1) * interior.get(d);
      low[d] = random.nextInt(-spread, 3);
      high[d] = random.nextInt(-(spread + low[d]), 3);
    }
    PaddingConfig padding = new PaddingConfig(Dims.of(low), Dims.of(high), interior);
    check(
        (b, x) -> b.add(new HloOp.Pad(padding), x),
        GradientCheck.random(random, dims),
        array(Dims.of(), 0.7));
  }

  @Test
  void padGradientsDoNotMixInfinitiesIntoThePadding() {
    PaddingConfig padding = new PaddingConfig(Dims.of(1), Dims.of(1), Dims.of(0));
    var g =
        gradients(
            (b, x) -> {
              HloInstruction padded = b.add(new HloOp.Pad(padding), x);
              HloInstruction weights =
                  b.add(new HloOp.Constant(GradientCheck.vector(1, Double.POSITIVE_INFINITY, 2)));
              return b.times(padded, weights);
            },
            GradientCheck.vector(5),
            array(Dims.of(), 0));
    assertArrayEquals(new double[] {3}, g.get(1), 0);
  }

  @Test
  void sixteenBitGradientsAreSummedInSinglePrecision() {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.convert(b.constant(DType.F32, 1), DType.BF16);
    HloInstruction wide = b.convert(b.spread(x, Dims.of(300)), DType.F32);
    HloInstruction loss = b.sum(wide, Dims.of(0));
    HloInstruction gradient =
        Objects.requireNonNull(ReverseMode.gradients(b, loss, List.of(x)).getFirst());
    assertEquals(DType.BF16, gradient.arrayShape().dtype());
    HloInstruction sum = gradient.operand(0);
    assertEquals("reduce", sum.op().opcode());
    assertEquals(DType.F32, sum.arrayShape().dtype());
    Literal value = GradientCheck.evaluate(List.of(), List.of(gradient), List.of()).getFirst();
    assertEquals(300, value.toDouble(0));
  }
}
