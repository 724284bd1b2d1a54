package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.Eval.dims;
import static io.lazytensor.xla.eval.Eval.element;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.ControlOp.Tristate;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.runtime.DeviceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What control flow computes, how often, and what it keeps. */
class ControlEvaluationTest {
  private static final Shape S32 = Eval.scalar(DType.S32);

  private final HloBuilder b = new HloBuilder();

  // ---- while ------------------------------------------------------------------------------------

  /** Counts element 0 up to a limit; the body says what happens to the whole state. */
  private static ControlOp.While counting(int limit, Shape state, Eval.Body body) {
    HloComputation condition =
        Eval.computation(
            "condition",
            List.of(state),
            (f, p) ->
                f.compare(
                    ComparisonDirection.LT,
                    element(f, p.getFirst(), 0),
                    f.constant(DType.S32, limit)));
    return new ControlOp.While(condition, Eval.computation("body", List.of(state), body));
  }

  private static HloInstruction next(HloBuilder f, HloInstruction state) {
    return f.plus(element(f, state, 0), f.constant(DType.S32, 1));
  }

  @Test
  void interruptedThreadLeavesALoop() {
    ControlOp.While loop =
        counting(
            Integer.MAX_VALUE,
            Eval.tuple(S32),
            (f, p) -> f.add(new HloOp.Tuple(), element(f, p.getFirst(), 0)));
    HloInstruction forever = b.add(loop, b.add(new HloOp.Tuple(), b.constant(DType.S32, 0)));
    Thread.currentThread().interrupt();
    DeviceException e = assertThrows(DeviceException.class, () -> Eval.all(forever));
    assertTrue(Thread.interrupted(), "the thread stays interrupted");
    Eval.says(e, "interrupted");
  }

  @Test
  void loopsCarryTheirState() {
    ControlOp.While loop =
        counting(
            10,
            Eval.tuple(S32, S32),
            (f, p) -> {
              HloInstruction state = p.getFirst();
              return f.add(
                  new HloOp.Tuple(),
                  next(f, state),
                  f.plus(element(f, state, 1), element(f, state, 0)));
            });
    HloInstruction zero = b.constant(DType.S32, 0);
    List<Literal> out = Eval.all(b.add(loop, b.add(new HloOp.Tuple(), zero, zero)));
    assertEquals(10, out.get(0).toDouble(0));
    assertEquals(45, out.get(1).toDouble(0));
    HloInstruction late = b.add(new HloOp.Tuple(), b.constant(DType.S32, 10), zero);
    assertEquals(0, Eval.all(b.add(loop, late)).get(1).toDouble(0));
  }

  @Test
  void statesMayBeTuplesOfTuples() {
    Shape inner = Eval.tuple(S32, Eval.tuple(S32));
    ControlOp.While loop =
        counting(
            3,
            Eval.tuple(S32, inner),
            (f, p) -> {
              HloInstruction state = p.getFirst();
              HloInstruction pair = element(f, state, 1);
              HloInstruction a = element(f, pair, 0);
              HloInstruction c = element(f, element(f, pair, 1), 0);
              return f.add(
                  new HloOp.Tuple(),
                  next(f, state),
                  f.add(new HloOp.Tuple(), c, f.add(new HloOp.Tuple(), f.plus(a, c))));
            });
    HloComputation main =
        Eval.computation(
            "main", List.of(Eval.tuple(S32, inner)), (f, p) -> f.add(loop, p.getFirst()));
    List<Literal> out =
        HloEvaluator.evaluate(
            main,
            List.of(
                Literal.scalar(DType.S32, 0),
                Literal.scalar(DType.S32, 1),
                Literal.scalar(DType.S32, 1)));
    // 1 1 → 1 2 → 2 3 → 3 5.
    assertEquals(List.of(3.0, 3.0, 5.0), out.stream().map(x -> x.toDouble(0)).toList());
  }

  @Test
  void aHundredThousandRoundsTakeSeconds() {
    ArrayShape block = ArrayShape.of(DType.S32, 1000);
    ControlOp.While loop =
        counting(
            100_000,
            Eval.tuple(S32, block),
            (f, p) -> {
              HloInstruction state = p.getFirst();
              HloInstruction one = f.filledLike(element(f, state, 1), 1);
              return f.add(new HloOp.Tuple(), next(f, state), f.plus(element(f, state, 1), one));
            });
    HloInstruction start =
        b.add(
            new HloOp.Tuple(),
            b.constant(DType.S32, 0),
            b.spread(b.constant(DType.S32, 0), Dims.of(1000)));
    List<Literal> out = assertTimeout(Duration.ofSeconds(60), () -> Eval.all(b.add(loop, start)));
    assertEquals(100_000, out.get(1).toDouble(999));
  }

  // ---- conditional ------------------------------------------------------------------------------

  private HloInstruction choose(HloInstruction index, int branches) {
    List<HloComputation> computations = new ArrayList<>();
    List<HloInstruction> operands = new ArrayList<>(List.of(index));
    for (int i = 0; i < branches; i++) {
      int factor = i + 1;
      computations.add(
          Eval.computation(
              "branch",
              List.of(S32),
              (f, p) -> f.times(p.getFirst(), f.constant(DType.S32, factor))));
      operands.add(b.constant(DType.S32, 10));
    }
    return b.add(new ControlOp.Conditional(computations), operands);
  }

  @ParameterizedTest
  @CsvSource({"0,10", "1,20", "2,30", "3,30", "-1,30", "2147483647,30", "-2147483648,30"})
  void anIndexOutOfRangeIsTheLastBranch(int index, double expected) {
    assertArrayEquals(
        new double[] {expected}, Eval.values(choose(b.constant(DType.S32, index), 3)));
  }

  @Test
  void trueIsTheFirstBranch() {
    assertArrayEquals(new double[] {10}, Eval.values(choose(b.constant(DType.PRED, 1), 2)));
    assertArrayEquals(new double[] {20}, Eval.values(choose(b.constant(DType.PRED, 0), 2)));
  }

  // ---- scan -------------------------------------------------------------------------------------

  /** (slice, carry) to (slice + 2 carry, slice + carry). */
  private static HloComputation step(Shape slice) {
    return Eval.computation(
        "step",
        List.of(slice, slice),
        (f, p) -> {
          HloInstruction sum = f.plus(p.get(0), p.get(1));
          return f.add(new HloOp.Tuple(), f.plus(sum, p.get(1)), sum);
        });
  }

  private List<Literal> scan(boolean reverse, int dimension, HloInstruction x, HloInstruction c) {
    return Eval.all(
        b.add(new ControlOp.Scan(dimension, reverse, 1, Tristate.UNKNOWN, step(c.shape())), x, c));
  }

  @Test
  void scansGoForwardsAndBackwards() {
    HloInstruction x = Eval.constant(b, DType.S32, dims(3), 1, 2, 3);
    HloInstruction c = b.constant(DType.S32, 10);
    List<Literal> forward = scan(false, 0, x, c);
    // 1 + 20; 2 + 22; 3 + 26.
    assertArrayEquals(new double[] {21, 24, 29}, Eval.values(forward.get(0)));
    assertEquals(16, forward.get(1).toDouble(0));
    List<Literal> backward = scan(true, 0, x, c);
    // 3 + 20 at the end, then 2 + 26, then 1 + 30.
    assertArrayEquals(new double[] {31, 28, 23}, Eval.values(backward.get(0)));
    assertEquals(16, backward.get(1).toDouble(0));
  }

  @Test
  void scansGoAlongAnyDimension() {
    HloInstruction x = Eval.constant(b, DType.S32, dims(2, 2), 1, 2, 3, 4);
    HloInstruction c = Eval.constant(b, DType.S32, dims(2), 0, 100);
    List<Literal> columns = scan(false, 1, x, c);
    // Column 0 is (1, 3), column 1 is (2, 4).
    assertArrayEquals(new double[] {1, 4, 203, 210}, Eval.values(columns.get(0)));
    assertArrayEquals(new double[] {3, 107}, Eval.values(columns.get(1)));
    List<Literal> rows = scan(false, 0, x, c);
    assertArrayEquals(new double[] {1, 202, 5, 208}, Eval.values(rows.get(0)));
  }

  // ---- the others -------------------------------------------------------------------------------

  @Test
  void mapAppliesItsComputationToEachElement() {
    HloComputation f =
        Eval.computation(
            "f",
            List.of(S32, Eval.scalar(DType.F32)),
            (g, p) -> g.compare(ComparisonDirection.GT, g.convert(p.get(0), DType.F32), p.get(1)));
    HloInstruction y =
        b.add(
            new ControlOp.Map(f),
            Eval.constant(b, DType.S32, dims(2, 1), 3, 4),
            Eval.constant(b, DType.F32, dims(2, 1), 3.5, 3.5));
    assertArrayEquals(new double[] {0, 1}, Eval.values(y));
  }

  @Test
  void fusionsCallAndBarriersPass() {
    HloComputation twice =
        Eval.computation("twice", List.of(S32), (f, p) -> f.plus(p.getFirst(), p.getFirst()));
    HloInstruction y = b.add(new ControlOp.Fusion("kLoop", twice), b.constant(DType.S32, 21));
    HloInstruction pair = b.add(new HloOp.Tuple(), y, y);
    HloInstruction passed = b.add(new ControlOp.OptimizationBarrier(), pair);
    assertArrayEquals(new double[] {42}, Eval.values(element(b, passed, 1)));
  }

  @Test
  void tokensOrderAndHaveNoData() {
    HloComputation main =
        Eval.computation(
            "main",
            List.of(TokenShape.TOKEN, S32),
            (f, p) -> {
              HloInstruction all = f.add(new ControlOp.AfterAll(), p.get(0), p.get(0));
              return f.add(
                  new HloOp.Tuple(), all, f.add(new ControlOp.AddDependency(), p.get(1), all));
            });
    assertEquals(
        List.of(Literal.scalar(DType.S32, 5)),
        HloEvaluator.evaluate(main, List.of(Literal.scalar(DType.S32, 5))));
  }

  @Test
  void callsMayNestAndNotWithoutBound() {
    HloComputation deep =
        Eval.computation("f", List.of(S32), (f, p) -> f.plus(p.getFirst(), p.getFirst()));
    for (int i = 1; i < HloEvaluator.MAX_DEPTH; i++) {
      HloComputation inner = deep;
      deep =
          Eval.computation(
              "f" + i,
              List.of(S32),
              (f, p) ->
                  f.add(new ControlOp.Conditional(List.of(inner)), p.getFirst(), p.getFirst()));
    }
    List<Literal> one = List.of(Literal.scalar(DType.S32, 1));
    assertEquals(2, HloEvaluator.evaluate(deep, one).getFirst().toDouble(0));
    HloComputation last = deep;
    HloComputation tooDeep =
        Eval.computation("top", List.of(S32), (f, p) -> f.add(new HloOp.Call(last), p.getFirst()));
    UnsupportedException e =
        assertThrows(UnsupportedException.class, () -> HloEvaluator.evaluate(tooDeep, one));
    Eval.says(e, "256 deep");
  }

  @Test
  void arraysTooLargeForJavaAreRefused() {
    HloInstruction huge =
        b.add(new HloOp.Broadcast(Dims.of(1 << 16, 1 << 16), Dims.of()), b.constant(DType.F32, 0));
    assertThrows(UnsupportedException.class, () -> Eval.all(huge));
  }
}
