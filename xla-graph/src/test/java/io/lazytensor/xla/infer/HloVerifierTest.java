package io.lazytensor.xla.infer;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.SourceLine;
import java.util.List;
import org.junit.jupiter.api.Test;

class HloVerifierTest {
  private static final ArrayShape PAIR = ArrayShape.of(DType.F32, 2);
  private final HloBuilder b = new HloBuilder();
  private final HloInstruction x = b.add(new HloOp.Parameter(0, PAIR));

  private static HloModule module(
      HloInstruction root, List<HloInstruction> parameters, InputOutputAlias... aliases) {
    return new HloModule("m", HloComputation.of("main", parameters, root), List.of(aliases));
  }

  private static void refuses(HloModule module, String part) {
    VerificationException e =
        assertThrows(VerificationException.class, () -> HloVerifier.verify(module));
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  @Test
  void aRightModulePasses() {
    HloInstruction root = b.add(new HloOp.Tuple(), b.plus(x, x));
    assertDoesNotThrow(
        () -> HloVerifier.verify(module(root, List.of(x), new InputOutputAlias(0, 0))));
  }

  @Test
  void aWrongShapeIsFoundAndItsLineNamed() {
    Metadata origin = new Metadata("add", new SourceLine("A", "f", "A.java", 7));
    HloInstruction wrong =
        new HloInstruction(
            new HloOp.Binary(BinaryKind.ADD),
            ArrayShape.of(DType.F32, 3),
            List.of(x, x),
            origin,
            null);
    refuses(module(wrong, List.of(x)), "A.java:7");
    refuses(module(wrong, List.of(x)), "has the shape f32[2]");
  }

  @Test
  void operandsThatDoNotFitAreFound() {
    HloInstruction y = b.constant(DType.F32, 1);
    HloInstruction wrong =
        new HloInstruction(
            new HloOp.Binary(BinaryKind.ADD), PAIR, List.of(x, y), Metadata.NONE, null);
    refuses(module(wrong, List.of(x)), "f32[2] and f32[]");
  }

  @Test
  void calledComputationsAreChecked() {
    HloInstruction p = b.add(new HloOp.Parameter(0, PAIR));
    HloInstruction wrong =
        new HloInstruction(
            new HloOp.Binary(BinaryKind.ADD),
            ArrayShape.of(DType.F32, 9),
            List.of(p, p),
            Metadata.NONE,
            null);
    HloComputation inner = HloComputation.of("inner", List.of(p), wrong);
    refuses(module(b.add(new HloOp.Call(inner), x), List.of(x)), "computation inner");
  }

  @Test
  void aliasesFitAndOccurOnce() {
    HloInstruction scalar = b.constant(DType.F32, 1);
    HloInstruction root = b.add(new HloOp.Tuple(), scalar, b.plus(x, x));
    List<HloInstruction> in = List.of(x);
    refuses(module(root, in, new InputOutputAlias(0, 0)), "cannot take over");
    refuses(module(root, in, new InputOutputAlias(5, 0)), "not there");
    refuses(
        module(root, in, new InputOutputAlias(1, 0), new InputOutputAlias(1, 0)), "second time");
  }

  @Test
  void aLongChainNeedsNoDeepStack() {
    HloInstruction chain = x;
    for (int i = 0; i < 100_000; i++) {
      chain = b.plus(chain, x);
    }
    HloInstruction root = chain;
    assertDoesNotThrow(() -> HloVerifier.verify(module(root, List.of(x))));
  }
}
