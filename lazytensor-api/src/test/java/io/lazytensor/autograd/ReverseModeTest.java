package io.lazytensor.autograd;

import static io.lazytensor.autograd.GradientCheck.check;
import static io.lazytensor.autograd.GradientCheck.gradients;
import static io.lazytensor.autograd.GradientCheck.refusal;
import static io.lazytensor.autograd.GradientCheck.vector;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.infer.Threefry;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.SourceLine;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReverseModeTest {
  private static final ArrayShape VECTOR = new ArrayShape(DType.F64, Dims.of(2));
  private static final SourceLine LINE = new SourceLine("app.Model", "step", "Model.java", 42);

  private final HloBuilder b = new HloBuilder(new Metadata("forward", LINE));

  private HloInstruction parameter(int number) {
    return b.add(new HloOp.Parameter(number, VECTOR));
  }

  private HloInstruction sum(HloInstruction x) {
    return b.sum(x, Dims.range(x.arrayShape().rank()));
  }

  private static HloInstruction annotated(HloInstruction x, Object annotation) {
    return new HloInstruction(x.op(), x.shape(), x.operands(), x.metadata(), annotation);
  }

  private static Set<HloInstruction> reachable(List<@Nullable HloInstruction> roots) {
    Set<HloInstruction> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<HloInstruction> stack = new ArrayDeque<>();
    roots.stream().filter(Objects::nonNull).forEach(stack::push);
    while (!stack.isEmpty()) {
      HloInstruction x = stack.pop();
      if (seen.add(x)) {
        x.operands().forEach(stack::push);
      }
    }
    return seen;
  }

  // ---- the graph --------------------------------------------------------------------------------

  @Test
  void whatTheLossDoesNotDependOnHasNoGradient() {
    HloInstruction used = parameter(0);
    HloInstruction unused = parameter(1);
    HloInstruction elsewhere = b.times(unused, used);
    List<@Nullable HloInstruction> g =
        ReverseMode.gradients(b, sum(b.times(used, used)), List.of(unused, used, elsewhere));
    assertNull(g.get(0));
    assertNotNull(g.get(1));
    assertNull(g.get(2));
  }

  @Test
  void theLossIsItsOwnGradientOne() {
    HloInstruction loss = sum(parameter(0));
    HloInstruction one =
        Objects.requireNonNull(ReverseMode.gradients(b, loss, List.of(loss)).getFirst());
    assertEquals(Literal.scalar(DType.F64, 1), ((HloOp.Constant) one.op()).literal());
  }

  @Test
  void sharedSubexpressionsAddTheirGradients() {
    check(
        (b, x) -> {
          HloInstruction shared = b.unary(UnaryKind.SINE, x.get(0));
          HloInstruction square = b.times(shared, shared);
          return b.plus(b.times(square, x.get(1)), b.times(shared, square));
        },
        vector(0.3, -1.2, 2),
        vector(1, 2, 3));
  }

  @Test
  void anIntermediateValueAndItsInputBothHaveGradients() {
    HloInstruction x = parameter(0);
    HloInstruction middle = b.times(x, 3);
    HloInstruction loss = sum(b.plus(b.times(middle, middle), x));
    List<HloInstruction> g = present(ReverseMode.gradients(b, loss, List.of(x, middle)));
    List<Literal> values = GradientCheck.evaluate(List.of(x), g, List.of(vector(1, 2)));
    assertArrayEquals(new double[] {19, 37}, GradientCheck.numbers(values.get(0)), 0);
    assertArrayEquals(new double[] {6, 12}, GradientCheck.numbers(values.get(1)), 0);
  }

  private static List<HloInstruction> present(List<@Nullable HloInstruction> gradients) {
    return gradients.stream().<HloInstruction>map(Objects::requireNonNull).toList();
  }

  @Test
  void aChainOfAHundredThousandInstructionsIsNoDanger() {
    HloInstruction x = b.add(new HloOp.Parameter(0, ArrayShape.scalar(DType.F64)));
    HloInstruction y = x;
    for (int i = 0; i < 100_000; i++) {
      y = b.negative(y);
    }
    List<HloInstruction> g = present(ReverseMode.gradients(b, y, List.of(x)));
    int depth = 0;
    for (HloInstruction at = g.getFirst(); !at.operands().isEmpty(); at = at.operand(0)) {
      depth++;
    }
    assertEquals(100_000, depth);
  }

  @Test
  void sharingDoublesNothing() {
    HloInstruction x = b.add(new HloOp.Parameter(0, ArrayShape.scalar(DType.F64)));
    HloInstruction y = x;
    for (int i = 0; i < 200; i++) {
      y = b.plus(y, y);
    }
    assertEquals(201, reachable(ReverseMode.gradients(b, y, List.of(x))).size());
  }

  @Test
  void theSameGraphGivesTheSameGradientGraph() {
    HloInstruction x = parameter(0);
    HloInstruction y = b.plus(b.times(x, x), b.plus(b.unary(UnaryKind.TANH, x), x));
    HloInstruction first = present(ReverseMode.gradients(b, sum(y), List.of(x))).getFirst();
    HloInstruction second = present(ReverseMode.gradients(b, sum(y), List.of(x))).getFirst();
    assertEquals(
        HloComputation.of("first", List.of(x), first),
        HloComputation.of("second", List.of(x), second));
  }

  @Test
  void gradientsOfGradientsAreSecondDerivatives() {
    check(
        (b, x) -> {
          HloInstruction cube = b.times(x.getFirst(), b.times(x.getFirst(), x.getFirst()));
          HloInstruction loss = b.sum(b.unary(UnaryKind.SINE, cube), Dims.of(0));
          return present(ReverseMode.gradients(b, loss, List.of(x.getFirst()))).getFirst();
        },
        vector(0.3, -0.8, 1.1));
  }

  @Test
  void gradientInstructionsNameTheirForwardOperationAndLine() {
    HloInstruction x = parameter(0);
    HloBuilder elsewhere = new HloBuilder(new Metadata("optimizer", SourceLine.UNKNOWN));
    HloInstruction g =
        present(ReverseMode.gradients(elsewhere, sum(b.times(x, x)), List.of(x))).getFirst();
    assertEquals(new Metadata("gradient of forward", LINE), g.metadata());
  }

  @Test
  void operationsWithoutAPublicNameAreNamedByTheirOpcode() {
    HloBuilder plain = new HloBuilder();
    HloInstruction x = plain.add(new HloOp.Parameter(0, ArrayShape.scalar(DType.F64)));
    HloInstruction y = plain.unary(UnaryKind.EXPONENTIAL, x);
    HloInstruction g = present(ReverseMode.gradients(plain, y, List.of(x))).getFirst();
    assertEquals("gradient of exponential", g.metadata().opName());
  }

  @Test
  void integersHaveNoGradientAndGiveNone() {
    HloInstruction n = b.add(new HloOp.Parameter(0, new ArrayShape(DType.S32, Dims.of(2))));
    HloInstruction x = parameter(1);
    HloInstruction loss = sum(b.times(b.convert(b.plus(n, n), DType.F64), x));
    List<@Nullable HloInstruction> g = ReverseMode.gradients(b, loss, List.of(n, x));
    assertNull(g.get(0));
    assertNotNull(g.get(1));
  }

  // ---- regions ----------------------------------------------------------------------------------

  @Test
  void stopGradientMakesAConstant() {
    var g =
        gradients(
            (b, x) -> {
              HloInstruction stopped =
                  annotated(
                      b.unary(UnaryKind.COPY, x.getFirst()), new GradientRegion.StopGradient());
              return b.times(stopped, x.getFirst());
            },
            vector(3, 5));
    assertArrayEquals(new double[] {3, 5}, g.getFirst(), 0);
  }

  @Test
  void aStoppedValueHasAGradientOfItsOwn() {
    HloInstruction x = parameter(0);
    HloInstruction stopped = annotated(b.times(x, 2), new GradientRegion.StopGradient());
    List<@Nullable HloInstruction> g =
        ReverseMode.gradients(b, sum(b.times(stopped, stopped)), List.of(x, stopped));
    assertNull(g.get(0));
    assertNotNull(g.get(1));
  }

  @Test
  void aCustomGradientReplacesTheInstructionsBehindIt() {
    var g =
        gradients(
            (b, x) -> {
              HloInstruction inner = b.unary(UnaryKind.FLOOR, b.times(x.getFirst(), 10));
              GradientRegion.Rule straightThrough =
                  (builder, inputs, output, gradient) ->
                      Arrays.asList(builder.times(gradient, inputs.get(1)), null);
              HloInstruction rounded =
                  annotated(
                      b.negative(inner), new GradientRegion.CustomGradient(x, straightThrough));
              return b.times(rounded, 2);
            },
            vector(0.33, 0.77),
            vector(4, 5));
    assertArrayEquals(new double[] {8, 10}, g.get(0), 0);
    assertNull(g.get(1));
  }

  private String refusedRule(GradientRegion.Rule rule) {
    HloInstruction x = parameter(0);
    HloInstruction y =
        annotated(b.negative(x), new GradientRegion.CustomGradient(List.of(x), rule));
    return refusal(() -> ReverseMode.gradients(b, sum(y), List.of(x)));
  }

  @Test
  void aCustomGradientOfTheWrongShapeIsRefusedByName() {
    String message =
        refusedRule(
            (builder, in, out, gradient) -> List.<@Nullable HloInstruction>of(sum(gradient)));
    assertEquals(
        "the custom gradient of negate f64[2] (Model.java:42): expected f64[2] as the gradient of"
            + " input 0, got f64[]. Sum what was broadcast and convert to the input's type.",
        message);
  }

  @Test
  void aCustomGradientWithTooFewResultsIsRefusedByName() {
    String message =
        refusedRule((builder, in, out, gradient) -> List.<@Nullable HloInstruction>of());
    assertTrue(message.contains("takes 1 inputs, its rule returned 0 gradients"), message);
    assertTrue(message.contains("Model.java:42"), message);
  }

  // ---- tuples and calls -------------------------------------------------------------------------

  @Test
  void elementsOfNestedTuplesPassTheirGradient() {
    check(
        (b, x) -> {
          HloInstruction inner = b.add(new HloOp.Tuple(), b.times(x.get(0), x.get(1)), x.get(0));
          HloInstruction outer = b.add(new HloOp.Tuple(), x.get(1), inner);
          HloInstruction back = b.add(new HloOp.GetTupleElement(1), outer);
          return b.times(
              b.add(new HloOp.GetTupleElement(0), back), b.add(new HloOp.GetTupleElement(1), back));
        },
        vector(1, 2),
        vector(-3, 0.5));
  }

  private static HloComputation squareTimes(HloBuilder b) {
    HloInstruction x = b.add(new HloOp.Parameter(0, VECTOR));
    HloInstruction y = b.add(new HloOp.Parameter(1, VECTOR));
    return HloComputation.of("squareTimes", List.of(x, y), b.times(b.times(x, x), y));
  }

  @Test
  void callsAreDifferentiatedThroughTheirBody() {
    check(
        (b, x) -> {
          HloOp call = new HloOp.Call(squareTimes(b));
          return b.add(call, b.add(call, x.get(0), x.get(1)), b.negative(x.get(0)));
        },
        vector(1.5, -2),
        vector(0.7, 3));
  }

  @Test
  void callsMayCallAndTakeAndReturnTuples() {
    check(
        (b, x) -> {
          HloInstruction pair =
              b.add(new HloOp.Parameter(0, new TupleShape(List.of(VECTOR, VECTOR))));
          HloInstruction first = b.add(new HloOp.GetTupleElement(0), pair);
          HloInstruction second = b.add(new HloOp.GetTupleElement(1), pair);
          HloInstruction called = b.add(new HloOp.Call(squareTimes(b)), first, second);
          HloInstruction results = b.add(new HloOp.Tuple(), called, b.plus(first, second));
          HloOp call = new HloOp.Call(HloComputation.of("outer", List.of(pair), results));
          HloInstruction tuple = b.add(call, b.add(new HloOp.Tuple(), x));
          return b.times(
              b.add(new HloOp.GetTupleElement(0), tuple),
              b.add(new HloOp.GetTupleElement(1), tuple));
        },
        vector(1.5, -2),
        vector(0.7, 3));
  }

  @Test
  void regionsInsideCalledComputationsCount() {
    var g =
        gradients(
            (b, x) -> {
              HloInstruction p = b.add(new HloOp.Parameter(0, VECTOR));
              GradientRegion.Rule tenfold =
                  (builder, in, out, gradient) ->
                      List.<@Nullable HloInstruction>of(
                          builder.times(builder.times(gradient, in.getFirst()), 10));
              HloInstruction body =
                  annotated(b.negative(p), new GradientRegion.CustomGradient(List.of(p), tenfold));
              HloComputation custom = HloComputation.of("custom", List.of(p), body);
              return b.add(new HloOp.Call(custom), x);
            },
            vector(2, 3));
    assertArrayEquals(new double[] {20, 30}, g.getFirst(), 0);
  }

  @Test
  void randomBitsAreConstants() {
    HloInstruction x = parameter(0);
    HloInstruction word = b.spread(b.constant(DType.U32, 7), Dims.of(2));
    HloInstruction bits =
        b.add(new HloOp.Call(Threefry.computation(Dims.of(2))), word, word, word, word);
    HloInstruction noise = b.convert(b.add(new HloOp.GetTupleElement(0), bits), DType.F64);
    List<HloInstruction> g = present(ReverseMode.gradients(b, sum(b.times(x, noise)), List.of(x)));
    assertTrue(
        reachable(new ArrayList<>(g)).contains(bits), "the call itself is used, no copy of it");
  }

  // ---- refusals ---------------------------------------------------------------------------------

  @Test
  void aLossThatIsNoScalarIsRefusedWithARemedy() {
    HloInstruction x = parameter(0);
    String message = refusal(() -> ReverseMode.gradients(b, b.negative(x), List.of(x)));
    assertEquals(
        "gradients are those of a floating-point scalar, got negate f64[2] (Model.java:42)."
            + " Reduce it with mean() or sum().",
        message);
  }

  @Test
  void aLossOfIntegersIsRefused() {
    HloInstruction n = b.add(new HloOp.Parameter(0, ArrayShape.scalar(DType.S32)));
    String message = refusal(() -> ReverseMode.gradients(b, n, List.of(n)));
    assertTrue(message.contains("got parameter s32[]"), message);
  }

  @Test
  void operationsWithSeveralResultsAreRefusedWithTheirLine() {
    HloInstruction x = parameter(0);
    HloInstruction zero = b.constant(DType.F64, 0);
    HloBuilder inner = new HloBuilder();
    HloInstruction[] p = new HloInstruction[4];
    Arrays.setAll(p, i -> inner.add(new HloOp.Parameter(i, ArrayShape.scalar(DType.F64))));
    HloInstruction sums =
        inner.add(
            new HloOp.Tuple(),
            inner.plus(p[0], p[2]),
            inner.binary(BinaryKind.MAXIMUM, p[1], p[3]));
    HloOp.Reduce both = new HloOp.Reduce(Dims.of(0), HloComputation.of("both", List.of(p), sums));
    HloInstruction reduced = b.add(both, x, x, zero, zero);
    HloInstruction loss = b.add(new HloOp.GetTupleElement(0), reduced);
    String message = refusal(() -> ReverseMode.gradients(b, loss, List.of(x)));
    assertTrue(message.startsWith("reduce (f64[], f64[]) (Model.java:42)"), message);
    assertEquals(1, ReverseMode.gradients(b, loss, List.of(parameter(1))).size());
  }
}
