package io.lazytensor.cpu.reference;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.testing.GeneratedGraph;
import io.lazytensor.xla.testing.Oracle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;

/** Loops, branches, scans and maps, with nested tuples, against the evaluator. */
class ControlOracleTest {
  private static final List<DType> TYPES =
      List.of(DType.S8, DType.S32, DType.U64, DType.BF16, DType.F32, DType.F64);
  private static final ArrayShape COUNT = ArrayShape.scalar(DType.S32);
  private static final HloBuilder B = new HloBuilder();

  private static final Backend BACKEND =
      new CpuReferenceProvider().open(new BackendOptions("", Map.of("threads", "1")));
  private static final Oracle ORACLE = new Oracle(BACKEND);

  @AfterContainer
  static void close() {
    BACKEND.close();
  }

  @Property(tries = 60, seed = "15", shrinking = ShrinkingMode.OFF)
  void controlEqualsTheEvaluator(@ForAll long seed) {
    everything(new Random(seed));
  }

  @Tag("full")
  @Property(tries = 1000, seed = "16", shrinking = ShrinkingMode.OFF)
  void controlEqualsTheEvaluatorAtLength(@ForAll long seed) {
    everything(new Random(seed));
  }

  private static void everything(Random random) {
    loop(random);
    branches(random);
    scan(random);
    map(random);
  }

  private static HloComputation function(
      Shape shape, Function<HloInstruction, HloInstruction> body) {
    HloInstruction x = B.add(new HloOp.Parameter(0, shape));
    return HloComputation.of("f", List.of(x), body.apply(x));
  }

  private static HloInstruction part(HloInstruction tuple, int index) {
    return B.add(new HloOp.GetTupleElement(index), tuple);
  }

  private static HloInstruction tuple(HloInstruction... elements) {
    return B.add(new HloOp.Tuple(), elements);
  }

  /**
   * A state (count, (array, array), token, limit, array) whose body moves, keeps, swaps, overwrites
   * in place and reads what it overwrote, as chance has it.
   */
  private static void loop(Random random) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = ArrayShape.of(g.pick(TYPES), 1 + random.nextInt(4), 1 + random.nextInt(4));
    Shape pair = new TupleShape(List.of(shape, shape));
    Shape state = new TupleShape(List.of(COUNT, pair, TokenShape.TOKEN, COUNT, shape));
    int kind = random.nextInt(6);
    HloComputation body = function(state, s -> next(s, kind, shape));
    HloComputation condition =
        function(state, s -> B.compare(ComparisonDirection.LT, part(s, 0), part(s, 3)));
    HloInstruction same = g.operand(shape);
    HloInstruction initial =
        tuple(
            g.parameter(Literal.scalar(DType.S32, 0)),
            tuple(same, random.nextBoolean() ? same : g.operand(shape)),
            B.add(new ControlOp.AfterAll()),
            g.parameter(Literal.scalar(DType.S32, random.nextInt(5))),
            g.operand(shape));
    HloInstruction loop = B.add(new ControlOp.While(condition, body), initial);
    HloInstruction root =
        switch (random.nextInt(3)) {
          case 0 -> loop;
          case 1 -> part(part(loop, 1), random.nextInt(2));
          default ->
              tuple(part(loop, 1), B.binary(BinaryKind.ADD, same, part(loop, 4)), part(loop, 0));
        };
    ORACLE.close(g.module(root), g.arguments, 1, "while " + kind + " of " + shape);
  }

  private static HloInstruction next(HloInstruction s, int kind, ArrayShape shape) {
    HloInstruction a = part(part(s, 1), 0);
    HloInstruction b = part(part(s, 1), 1);
    HloInstruction c = part(s, 4);
    HloInstruction count = B.plus(part(s, 0), B.constant(DType.S32, 1));
    HloInstruction zero = B.constant(DType.S32, 0);
    HloInstruction row =
        B.add(new HloOp.DynamicSlice(Dims.of(1, shape.dim(1))), b, part(s, 0), zero);
    HloInstruction pair =
        switch (kind) {
          case 0 -> tuple(b, a);
          case 1 -> tuple(a, a);
          case 2 -> tuple(B.binary(BinaryKind.ADD, a, b), B.binary(BinaryKind.SUBTRACT, a, b));
          case 3 -> tuple(B.add(new HloOp.DynamicUpdateSlice(), a, row, part(s, 0), zero), b);
          case 4 -> tuple(B.add(new HloOp.Reverse(Dims.of(0, 1)), a), B.unary(UnaryKind.COPY, b));
          default -> tuple(B.binary(BinaryKind.MAXIMUM, b, c), B.filledLike(a, 3));
        };
    HloInstruction last = kind % 2 == 0 ? c : B.binary(BinaryKind.MULTIPLY, c, a);
    return tuple(count, pair, part(s, 2), part(s, 3), last);
  }

  private static void branches(Random random) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = new ArrayShape(g.pick(TYPES), g.dims(2));
    Shape pair = new TupleShape(List.of(shape, COUNT));
    int count = 1 + random.nextInt(4);
    boolean pred = count == 2 && random.nextBoolean();
    List<HloComputation> branches = new ArrayList<>();
    HloInstruction[] operands = new HloInstruction[count + 1];
    operands[0] =
        pred
            ? g.operand(ArrayShape.scalar(DType.PRED))
            : g.parameter(Literal.scalarBits(DType.S32, random.nextInt(count + 4) - 2));
    for (int i = 0; i < count; i++) {
      int kind = random.nextInt(3);
      operands[i + 1] = tuple(g.operand(shape), g.parameter(Literal.scalar(DType.S32, i)));
      branches.add(
          function(
              pair,
              p ->
                  switch (kind) {
                    case 0 -> p;
                    case 1 -> tuple(B.binary(BinaryKind.ADD, part(p, 0), part(p, 0)), part(p, 1));
                    default -> tuple(B.filledLike(part(p, 0), 2), B.constant(DType.S32, 7));
                  }));
    }
    HloInstruction choice = B.add(new ControlOp.Conditional(branches), operands);
    HloInstruction root = tuple(part(choice, 1), B.unary(UnaryKind.COPY, part(choice, 0)), choice);
    ORACLE.same(g.module(root), g.arguments, count + " branches of " + shape);
  }

  private static void scan(Random random) {
    GeneratedGraph g = new GeneratedGraph(random);
    DType dtype = g.pick(TYPES);
    int[] dims = random.ints(2 + random.nextInt(2), 1, 5).toArray();
    int dimension = random.nextInt(dims.length);
    ArrayShape whole = ArrayShape.of(dtype, dims);
    int[] kept =
        java.util.stream.IntStream.range(0, dims.length)
            .filter(d -> d != dimension)
            .map(d -> dims[d])
            .toArray();
    ArrayShape slice = ArrayShape.of(dtype, kept);
    boolean swaps = random.nextBoolean();
    HloInstruction x = B.add(new HloOp.Parameter(0, slice));
    HloInstruction sum = B.add(new HloOp.Parameter(1, slice));
    HloInstruction last = B.add(new HloOp.Parameter(2, slice));
    HloInstruction next = B.plus(x, sum);
    HloComputation step =
        HloComputation.of(
            "step",
            List.of(x, sum, last),
            tuple(B.binary(BinaryKind.MAXIMUM, next, last), swaps ? last : next, swaps ? next : x));
    HloInstruction root =
        B.add(
            new ControlOp.Scan(
                dimension, random.nextBoolean(), 2, ControlOp.Tristate.UNKNOWN, step),
            g.parameter(g.moderate(whole)),
            g.parameter(g.moderate(slice)),
            g.parameter(g.moderate(slice)));
    ORACLE.close(g.module(root), g.arguments, 1, "scan of " + whole + " along " + dimension);
  }

  /** A map whose computation loops and branches itself. */
  private static void map(Random random) {
    GeneratedGraph g = new GeneratedGraph(random);
    DType dtype = g.pick(List.of(DType.S32, DType.F32, DType.U8, DType.F64));
    ArrayShape scalar = ArrayShape.scalar(dtype);
    ArrayShape shape = new ArrayShape(dtype, g.dims(3));
    HloInstruction x = B.add(new HloOp.Parameter(0, scalar));
    HloInstruction y = B.add(new HloOp.Parameter(1, scalar));
    Shape state = new TupleShape(List.of(COUNT, new TupleShape(List.of(scalar, scalar))));
    HloComputation body =
        function(
            state,
            s ->
                tuple(
                    B.plus(part(s, 0), B.constant(DType.S32, 1)),
                    tuple(B.plus(part(part(s, 1), 0), part(part(s, 1), 1)), part(part(s, 1), 0))));
    HloComputation condition =
        function(
            state, s -> B.compare(ComparisonDirection.LT, part(s, 0), B.constant(DType.S32, 3)));
    HloInstruction loop =
        B.add(new ControlOp.While(condition, body), tuple(B.constant(DType.S32, 0), tuple(x, y)));
    HloInstruction chosen =
        B.add(
            new ControlOp.Conditional(
                List.of(
                    function(scalar, v -> B.binary(BinaryKind.MULTIPLY, v, v)),
                    function(scalar, v -> v))),
            B.compare(ComparisonDirection.LT, x, y),
            part(part(loop, 1), 0),
            part(part(loop, 1), 1));
    HloComputation each = HloComputation.of("each", List.of(x, y), chosen);
    HloInstruction root = g.add(new ControlOp.Map(each), g.operand(shape), g.operand(shape));
    ORACLE.same(g.module(root), g.arguments, "map of " + shape);
  }

  @Example
  void tuplesAreParametersAndResultsLeafByLeaf() {
    GeneratedGraph g = new GeneratedGraph(new Random(3));
    ArrayShape shape = ArrayShape.of(DType.F32, 2, 3);
    Shape nested =
        new TupleShape(List.of(shape, new TupleShape(List.of(COUNT, TokenShape.TOKEN, shape))));
    HloInstruction first = B.add(new HloOp.Parameter(0, nested));
    HloInstruction second = B.add(new HloOp.Parameter(1, COUNT));
    g.parameters.addAll(List.of(first, second));
    g.arguments.add(g.literal(shape));
    g.arguments.add(g.literal(COUNT));
    g.arguments.add(g.literal(shape));
    g.arguments.add(g.literal(COUNT));
    HloInstruction root = tuple(part(first, 1), first, B.plus(part(part(first, 1), 0), second));
    ORACLE.same(g.module(root), g.arguments, "nested tuples");
  }

  @Example
  void loopsInLoopsAndBranchesInLoopsEqualTheEvaluator() {
    GeneratedGraph g = new GeneratedGraph(new Random(4));
    ArrayShape shape = ArrayShape.of(DType.F32, 40, 30);
    Shape state = new TupleShape(List.of(COUNT, shape));
    HloComputation condition =
        function(
            state, s -> B.compare(ComparisonDirection.LT, part(s, 0), B.constant(DType.S32, 4)));
    HloComputation inner =
        function(
            state,
            s ->
                tuple(
                    B.plus(part(s, 0), B.constant(DType.S32, 1)),
                    B.add(
                        new ControlOp.Conditional(
                            List.of(
                                function(shape, v -> B.unary(UnaryKind.TANH, v)),
                                function(shape, v -> B.times(v, 3)))),
                        B.compare(ComparisonDirection.EQ, part(s, 0), B.constant(DType.S32, 2)),
                        part(s, 1),
                        part(s, 1))));
    HloComputation outer =
        function(
            state,
            s ->
                tuple(
                    B.plus(part(s, 0), B.constant(DType.S32, 1)),
                    B.plus(
                        part(
                            B.add(
                                new ControlOp.While(condition, inner),
                                tuple(B.constant(DType.S32, 0), part(s, 1))),
                            1),
                        part(s, 1))));
    HloInstruction root =
        B.add(
            new ControlOp.While(condition, outer),
            tuple(g.parameter(Literal.scalar(DType.S32, 0)), g.parameter(g.moderate(shape))));
    ORACLE.close(g.module(root), g.arguments, 64, "loops in loops");
  }
}
