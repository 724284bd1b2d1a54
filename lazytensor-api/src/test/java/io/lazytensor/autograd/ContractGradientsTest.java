package io.lazytensor.autograd;

import static io.lazytensor.autograd.GradientCheck.array;
import static io.lazytensor.autograd.GradientCheck.check;
import static io.lazytensor.autograd.GradientCheck.gradients;
import static io.lazytensor.autograd.GradientCheck.random;
import static io.lazytensor.autograd.GradientCheck.refusal;
import static io.lazytensor.autograd.GradientCheck.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContractGradientsTest {
  private static HloOp.Reduce reduce(BinaryKind kind, int... dimensions) {
    return new HloOp.Reduce(Dims.of(dimensions), HloBuilder.scalarFunction(kind, DType.F64));
  }

  private static double neutral(BinaryKind kind) {
    return switch (kind) {
      case MAXIMUM -> Double.NEGATIVE_INFINITY;
      case MINIMUM -> Double.POSITIVE_INFINITY;
      case MULTIPLY -> 1;
      default -> 0;
    };
  }

  private static GradientCheck.Function folded(BinaryKind kind, int... dimensions) {
    return (b, x) ->
        b.add(reduce(kind, dimensions), x.getFirst(), b.constant(DType.F64, neutral(kind)));
  }

  @ParameterizedTest
  @EnumSource(names = {"ADD", "MAXIMUM", "MINIMUM", "MULTIPLY"})
  void reductionGradientsAlongEverySetOfDimensions(BinaryKind kind) {
    for (int set = 0; set < 8; set++) {
      int chosen = set;
      int[] dimensions = Dims.range(3).stream().filter(d -> (chosen >> d & 1) != 0).toArray();
      check(folded(kind, dimensions), random(new Random(set), Dims.of(2, 3, 2)));
    }
  }

  @Test
  void sumPassesTheGradientToItsInitialValue() {
    check(
        (b, x) -> b.add(reduce(BinaryKind.ADD, 0), x),
        random(new Random(1), Dims.of(3, 2)),
        array(Dims.of(), 0.4));
  }

  @Test
  void equalExtremesShareTheGradient() {
    Literal x = array(Dims.of(2, 3), 5, 1, 5, 2, 2, 2);
    assertArrayEquals(
        new double[] {0.5, 0, 0.5, 1 / 3.0, 1 / 3.0, 1 / 3.0},
        gradients(folded(BinaryKind.MAXIMUM, 1), x).getFirst(),
        1e-16);
    assertArrayEquals(
        new double[] {0, 1, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0},
        gradients(folded(BinaryKind.MINIMUM, 1), x).getFirst(),
        1e-16);
  }

  @Test
  void anExtremumThatIsTheInitialValueHasNoGradient() {
    check(
        (b, x) -> b.add(reduce(BinaryKind.MAXIMUM, 1), x.getFirst(), b.constant(DType.F64, 3)),
        array(Dims.of(2, 2), 1, 2, 4, 2.5));
  }

  @Test
  void productGradientsSurviveZeros() {
    check(folded(BinaryKind.MULTIPLY, 1), array(Dims.of(4, 3), 2, 3, 4, 0, 3, 4, 0, 0, 4, 0, 0, 0));
  }

  @Test
  void productGradientCountsTheInitialValue() {
    check(
        (b, x) -> b.add(reduce(BinaryKind.MULTIPLY, 0), x.getFirst(), b.constant(DType.F64, -3)),
        vector(2, 0.5, 7));
  }

  @Test
  void otherReductionsAreRefusedOnlyIfTheirGradientIsNeeded() {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, new ArrayShape(DType.F64, Dims.of(3))));
    HloInstruction unrelated = b.add(new HloOp.Parameter(1, ArrayShape.scalar(DType.F64)));
    HloInstruction p = b.add(new HloOp.Parameter(0, ArrayShape.scalar(DType.F64)));
    HloInstruction q = b.add(new HloOp.Parameter(1, ArrayShape.scalar(DType.F64)));
    HloInstruction mixed = b.plus(b.times(p, 0.5), q);
    HloOp.Reduce decaying =
        new HloOp.Reduce(Dims.of(0), HloComputation.of("decaying", List.of(p, q), mixed));
    HloInstruction loss = b.plus(b.add(decaying, x, b.constant(DType.F64, 0)), unrelated);
    assertEquals(1, ReverseMode.gradients(b, loss, List.of(unrelated)).size());
    String message = refusal(() -> ReverseMode.gradients(b, loss, List.of(x)));
    assertTrue(message.startsWith("reduce f64[] (unknown source)"), message);
  }

  @Property(tries = 80, seed = "11")
  void dotGradientsForAnyDimensionNumbers(
      @ForAll long seed,
      @ForAll @IntRange(max = 2) int batch,
      @ForAll @IntRange(max = 2) int contracted,
      @ForAll @IntRange(max = 1) int leftFree,
      @ForAll @IntRange(max = 2) int rightFree) {
    Random random = new Random(seed);
    int shared = batch + contracted;
    int[] sizes = random.ints(shared, 1, 4).toArray();
    List<Integer> left = shuffled(random, shared + leftFree);
    List<Integer> right = shuffled(random, shared + rightFree);
    DotDimensionNumbers numbers =
        new DotDimensionNumbers(
            places(left, batch, shared),
            places(right, batch, shared),
            places(left, 0, batch),
            places(right, 0, batch));
    check(
        (b, x) -> b.add(new HloOp.Dot(numbers, DType.F64), x),
        random(random, dims(random, left, sizes)),
        random(random, dims(random, right, sizes)));
  }

  private static List<Integer> shuffled(Random random, int n) {
    List<Integer> order = new ArrayList<>(Dims.range(n).stream().boxed().toList());
    Collections.shuffle(order, random);
    return order;
  }

  /** Returns where the dimensions of some roles are. */
  private static Dims places(List<Integer> roles, int from, int to) {
    return Dims.of(
        Dims.range(to).stream().filter(role -> role >= from).map(roles::indexOf).toArray());
  }

  private static Dims dims(Random random, List<Integer> roles, int[] sizes) {
    return Dims.of(
        roles.stream()
            .mapToInt(role -> role < sizes.length ? sizes[role] : 1 + random.nextInt(3))
            .toArray());
  }

  @Test
  void dotGradientsHaveTheTypesOfTheirOperands() {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, new ArrayShape(DType.BF16, Dims.of(2, 3))));
    HloInstruction y = b.add(new HloOp.Parameter(1, new ArrayShape(DType.F32, Dims.of(3, 2))));
    DotDimensionNumbers matrix =
        new DotDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of());
    HloInstruction product = b.add(new HloOp.Dot(matrix, DType.F32), x, y);
    HloInstruction loss = b.sum(product, Dims.range(2));
    List<HloInstruction> g =
        ReverseMode.gradients(b, loss, List.of(x, y)).stream().map(v -> v == null ? x : v).toList();
    Literal left = array(Dims.of(2, 3), 1, 2, 3, 4, 5, 6);
    Literal right = array(Dims.of(3, 2), 1, -1, 2, 0.5, 3, -0.25);
    List<Literal> at = List.of(converted(left, DType.BF16), converted(right, DType.F32));
    List<Literal> values = GradientCheck.evaluate(List.of(x, y), g, at);
    assertEquals(x.shape(), values.get(0).shape());
    assertEquals(y.shape(), values.get(1).shape());
    assertArrayEquals(
        new double[] {0, 2.5, 2.75, 0, 2.5, 2.75}, GradientCheck.numbers(values.get(0)), 0);
    assertArrayEquals(new double[] {5, 5, 7, 7, 9, 9}, GradientCheck.numbers(values.get(1)), 0);
  }

  @Test
  void productsOverGroupsHaveNoGradientYet() {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, ArrayShape.of(DType.F32, 2, 3)));
    HloInstruction y = b.add(new HloOp.Parameter(1, ArrayShape.of(DType.F32, 2, 3, 4)));
    HloInstruction sizes = b.add(new HloOp.Constant(Literal.ofInts(Dims.of(2), 1, 1)));
    RaggedDotDimensionNumbers numbers =
        new RaggedDotDimensionNumbers(
            new DotDimensionNumbers(Dims.of(1), Dims.of(1), Dims.of(), Dims.of()),
            Dims.of(0),
            Dims.of(0));
    HloInstruction product = b.add(new HloOp.RaggedDot(numbers, DType.F32), x, y, sizes);
    HloInstruction loss = b.sum(product, Dims.range(2));
    String message = refusal(() -> ReverseMode.gradients(b, loss, List.of(x)));
    assertTrue(message.startsWith("ragged-dot f32[2,4]"), message);
    assertTrue(message.contains("has no gradient"), message);
  }

  private static Literal converted(Literal x, DType type) {
    HloBuilder b = new HloBuilder();
    HloInstruction value = b.convert(b.add(new HloOp.Constant(x)), type);
    return GradientCheck.evaluate(List.of(), List.of(value), List.of()).getFirst();
  }
}
