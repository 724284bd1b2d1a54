package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.Eval.dims;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.runtime.CompileOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Known custom calls run, others are refused by name. */
class CustomCallsTest {
  private final HloBuilder b = new HloBuilder();

  private HloInstruction call(
      String target, Shape shape, String config, List<HloComputation> called, HloInstruction x) {
    return b.add(new ControlOp.CustomCall(target, shape, config, 0, false, called), x);
  }

  private static HloModule module(HloInstruction root) {
    return new HloModule("m", HloComputation.of("main", List.of(), root), List.of());
  }

  @Test
  void marksAreTheirOperand() {
    HloInstruction x = Eval.constant(b, DType.F32, dims(2), 1, 2);
    assertArrayEquals(
        new double[] {1, 2}, Eval.values(call("Sharding", x.shape(), "", List.of(), x)));
    HloInstruction whole =
        call("SPMDFullToShardShape", ArrayShape.of(DType.F32, 1), "", List.of(), x);
    assertThrows(UnsupportedException.class, () -> Eval.all(whole));
  }

  @Test
  void elementwiseFunctionsOfMhloRun() {
    HloInstruction x = Eval.constant(b, DType.F64, dims(1), 0.5);
    assertArrayEquals(
        new double[] {0.5204998778130465},
        Eval.values(call("mhlo.erf", x.shape(), "", List.of(), x)),
        1e-15);
  }

  @Test
  void topKOrdersByItsComparatorOrConfiguration() {
    HloInstruction x = Eval.constant(b, DType.F32, dims(1, 4), 3, 1, 4, 2);
    Shape shape = Eval.tuple(ArrayShape.of(DType.F32, 1, 2), ArrayShape.of(DType.S32, 1, 2));
    assertArrayEquals(
        new double[] {2, 0}, Eval.values(Eval.all(call("TopK", shape, "", List.of(), x)).get(1)));
    assertArrayEquals(
        new double[] {1, 3},
        Eval.values(
            Eval.all(call("mhlo.topk", shape, "{k = 2 : i64, largest = false}", List.of(), x))
                .get(1)));
    Shape f32 = Eval.scalar(DType.F32);
    Shape s32 = Eval.scalar(DType.S32);
    HloComputation byIndex =
        Eval.computation(
            "by_index",
            List.of(f32, f32, s32, s32),
            (f, p) -> f.compare(ComparisonDirection.GT, p.get(2), p.get(3)));
    List<Literal> last = Eval.all(call("TopK", shape, "", List.of(byIndex), x));
    assertArrayEquals(new double[] {2, 4}, Eval.values(last.get(0)));
    assertArrayEquals(new double[] {3, 2}, Eval.values(last.get(1)));
  }

  @Test
  void unknownTargetsAreRefusedByName() {
    HloInstruction x = Eval.constant(b, DType.F32, dims(1), 1);
    HloInstruction y = call("lapack_sgetrf", x.shape(), "", List.of(), x);
    UnsupportedException e = assertThrows(UnsupportedException.class, () -> Eval.all(y));
    Eval.says(e, "\"lapack_sgetrf\"");
    try (EvaluatorBackend backend = new EvaluatorBackend()) {
      assertThrows(
          UnsupportedException.class, () -> backend.compile(module(y), CompileOptions.DEFAULT));
    }
    assertFalse(CustomCalls.standard().contains("lapack_sgetrf"));
    assertTrue(CustomCalls.standard().targets().contains("TopK"));
  }

  /** Doubles floats. */
  private record Doubled(String target) implements CustomCallTarget {
    @Override
    public List<Literal> call(ControlOp.CustomCall call, List<Literal> operands) {
      float[] out = new float[(int) operands.getFirst().shape().elementCount()];
      for (int i = 0; i < out.length; i++) {
        out[i] = (float) (2 * operands.getFirst().toDouble(i));
      }
      return List.of(Literal.ofFloats(operands.getFirst().shape().dims(), out));
    }
  }

  @Test
  void usersAddTargets() {
    HloInstruction x = Eval.constant(b, DType.F32, dims(2), 1, 2);
    CustomCalls calls = CustomCalls.standard().with(new Doubled("doubled"));
    List<List<Literal>> out =
        HloEvaluator.evaluateReplicas(
            module(call("doubled", x.shape(), "", List.of(), x)), List.of(List.of()), calls);
    assertArrayEquals(new double[] {2, 4}, Eval.values(out.get(0).get(0)));
    HloInstruction other = call("doubled", ArrayShape.of(DType.F32, 3), "", List.of(), x);
    ShapeException e =
        assertThrows(
            ShapeException.class,
            () -> HloEvaluator.evaluateReplicas(module(other), List.of(List.of()), calls));
    assertEquals(
        "custom-call target \"doubled\" returned [f32[2]], expected [f32[3]]", e.getMessage());
  }

  /** A module may declare any shape: what a target does not compute must not be made up. */
  @Test
  void shapesThatDoNotFitTheTargetAreRefused() {
    ArrayShape three = ArrayShape.of(DType.F32, 3);
    ArrayShape two = ArrayShape.of(DType.F32, 2, 2);
    HloInstruction x = Eval.constant(b, DType.F32, dims(3), 0.1, 0.2, 0.3);
    HloInstruction a = Eval.constant(b, DType.F32, dims(2, 2), 4, 0, 0, 4);
    for (Shape wrong :
        List.of(ArrayShape.of(DType.F32, 2), ArrayShape.of(DType.S32, 3), Eval.tuple(three))) {
      refused(call("mhlo.acos", wrong, "", List.of(), x));
    }
    refused(b.add(new ControlOp.CustomCall("mhlo.erf", three, "", 0, false, List.of())));
    ArrayShape seven = ArrayShape.of(DType.F32, 7);
    Shape tooMany = Eval.tuple(seven, seven.withDType(DType.S32));
    refused(call("TopK", tooMany, "", List.of(), x));
    refused(call("TopK", three, "", List.of(), x));
    ArrayShape info = ArrayShape.scalar(DType.S32);
    String lower = "{uplo = 76 : ui8}";
    refused(call("lapack_spotrf_ffi", Eval.tuple(three, info), lower, List.of(), x));
    refused(call("lapack_spotrf_ffi", two, lower, List.of(), a));
    Shape noMatrix = Eval.tuple(two, ArrayShape.of(DType.S32, 0));
    refused(call("lapack_spotrf_ffi", noMatrix, lower, List.of(), a));
    Shape pivots = Eval.tuple(two, ArrayShape.of(DType.S32, 3), info);
    refused(call("lapack_sgetrf_ffi", pivots, "", List.of(), a));
    String flags = "{diag = 78 : ui8, side = 76 : ui8, trans_x = 78 : ui8, uplo = 76 : ui8}";
    refused(call("lapack_strsm_ffi", two, flags, List.of(), a));
  }

  private static void refused(HloInstruction root) {
    assertThrows(ShapeException.class, () -> Eval.all(root), root::toString);
  }
}
