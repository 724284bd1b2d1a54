package io.lazytensor.xla.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.lazytensor.xla.eval.HloEvaluator;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlatSignatureTest {
  private static final ArrayShape TWO = ArrayShape.of(DType.F32, 2);

  private final HloBuilder builder = new HloBuilder();

  private HloInstruction element(HloInstruction tuple, int index) {
    return builder.add(new HloOp.GetTupleElement(index), tuple);
  }

  /** Takes (a, (b, token)), c and returns ((a + b), token, (c, a)), c taking over the third. */
  private HloModule nested() {
    TupleShape inner = new TupleShape(List.of(TWO, TokenShape.TOKEN));
    HloInstruction p = builder.add(new HloOp.Parameter(0, new TupleShape(List.of(TWO, inner))));
    HloInstruction c = builder.add(new HloOp.Parameter(1, TWO));
    HloInstruction a = element(p, 0);
    HloInstruction pair = builder.add(new HloOp.Tuple(), c, a);
    HloInstruction root =
        builder.add(
            new HloOp.Tuple(),
            builder.plus(a, element(element(p, 1), 0)),
            builder.add(new ControlOp.AfterAll()),
            pair,
            builder.negative(c));
    return new HloModule(
            "nested",
            HloComputation.of("main", List.of(p, c), root),
            List.of(new InputOutputAlias(3, 1, true), new InputOutputAlias(0, 0)))
        .withReplicas(3);
  }

  @Test
  void leavesBecomeParametersAndResultsInOrder() {
    HloModule flat = FlatSignature.of(nested());
    HloVerifier.verify(flat);
    assertEquals(List.of(TWO, TWO, TWO), flat.parameterShapes());
    assertEquals(List.of(TWO, TWO, TWO, TWO), flat.outputShapes());
    List<Literal> results =
        HloEvaluator.evaluate(
            flat.withReplicas(1),
            List.of(
                Literal.ofFloats(Dims.of(2), 1, 2),
                Literal.ofFloats(Dims.of(2), 10, 20),
                Literal.ofFloats(Dims.of(2), 5, 6)));
    assertEquals(
        List.of(
            Literal.ofFloats(Dims.of(2), 11, 22),
            Literal.ofFloats(Dims.of(2), 5, 6),
            Literal.ofFloats(Dims.of(2), 1, 2),
            Literal.ofFloats(Dims.of(2), -5, -6)),
        results);
  }

  @Test
  void aliasesOfWholeArraysFollowThem() {
    HloModule flat = FlatSignature.of(nested());
    assertEquals(List.of(new InputOutputAlias(3, 2, true)), flat.aliases());
    assertEquals(3, flat.replicas());
  }

  @Test
  void flatModulesStayAsTheyAre() {
    HloInstruction x = builder.add(new HloOp.Parameter(0, TWO));
    HloModule module =
        new HloModule(
            "flat", HloComputation.of("main", List.of(x), builder.negative(x)), List.of());
    assertSame(module, FlatSignature.of(module));
  }
}
