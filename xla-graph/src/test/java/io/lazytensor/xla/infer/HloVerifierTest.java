package io.lazytensor.xla.infer;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.SourceLine;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.pass.Passes;
import io.lazytensor.xla.text.HloParser;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
  void anInstructionThatWasReadIsNamed() {
    HloModule read =
        HloParser.parse(
            """
            HloModule m
            ENTRY e {
              p = f32[2] parameter(0)
              ROOT wrong.7 = f32[3] add(p, p)
            }
            """);
    refuses(read, "computation e: add f32[3] %wrong.7 (unknown source): has the shape f32[2]");
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

  // ---- devices ----------------------------------------------------------------------------------

  private static ReplicaGroups groups(long channel, boolean global, Dims... groups) {
    return new ReplicaGroups(List.of(groups), channel, global);
  }

  private HloModule on(int replicas, int partitions, HloOp op, HloInstruction... operands) {
    HloInstruction root = b.add(op, operands);
    return new HloModule(
        "m", HloComputation.of("main", List.of(x), root), List.of(), replicas, partitions);
  }

  private static HloOp sum(ReplicaGroups groups) {
    return new CollectiveOp.AllReduce(HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32), groups);
  }

  @Test
  void groupsNameEachParticipantOnce() {
    Dims two = Dims.of(0, 1);
    refuses(on(8, 1, sum(groups(0, false, two)), x), "groups of 8 participants");
    refuses(on(2, 1, sum(groups(0, false, two, Dims.of(2, 3))), x), "groups of 2 participants");
    refuses(on(2, 2, sum(groups(1, false, two, Dims.of(2, 3))), x), "groups of 2 participants");
    refuses(on(1, 2, sum(groups(1, true, two, Dims.of(2, 3))), x), "groups of 2 participants");
    refuses(on(2, 1, sum(groups(0, false, Dims.of(0, 6))), x), "no participant 6");
    HloVerifier.verify(on(2, 1, sum(groups(0, false, two)), x));
    HloVerifier.verify(on(2, 2, sum(groups(1, true, two, Dims.of(2, 3))), x));
    HloVerifier.verify(on(3, 1, sum(ReplicaGroups.ALL), x));
    HloVerifier.verify(on(1, 1, sum(groups(0, false, two)), x));
  }

  @Test
  void partsAreAsManyAsParticipants() {
    refuses(on(4, 1, new CollectiveOp.AllGather(0, 2, ReplicaGroups.ALL), x), "groups of 4");
    refuses(
        on(2, 3, new CollectiveOp.AllGather(0, 2, groups(5, false, Dims.of(0, 1))), x),
        "groups of 6 members");
    HloVerifier.verify(
        on(2, 3, new CollectiveOp.AllGather(0, 6, groups(5, false, Dims.of(0, 1))), x));
    refuses(on(4, 1, new CollectiveOp.AllToAll(0, ReplicaGroups.ALL), x), "into 4 parts");
    refuses(on(1, 4, new CollectiveOp.AllToAll(0, groups(1, false)), x), "into 4 parts");
    refuses(on(4, 1, new CollectiveOp.AllToAll(-1, ReplicaGroups.ALL), x, x), "groups of 4");
    HloVerifier.verify(on(2, 1, new CollectiveOp.AllToAll(-1, ReplicaGroups.ALL), x, x));
  }

  @Test
  void nothingIsSentToNobody() {
    List<Dims> far = List.of(Dims.of(0, 5));
    refuses(on(3, 1, new CollectiveOp.CollectivePermute(far, 0), x), "no participant 5");
    refuses(on(1, 3, new CollectiveOp.CollectivePermute(far, 1), x), "no participant 5");
    refuses(
        on(3, 1, new CollectiveOp.CollectiveBroadcast(groups(0, false, Dims.of(3))), x),
        "no participant 3");
    HloVerifier.verify(on(1, 1, new CollectiveOp.CollectivePermute(far, 0), x));
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 0", "-1, 1", "65536, 65536"})
  void aModuleRunsOnANumberOfDevices(int replicas, int partitions) {
    refuses(on(replicas, partitions, new HloOp.Tuple(), x), "no number of devices");
  }

  // ---- fusions, plug-ins, depth -----------------------------------------------------------------

  @Test
  void fusionsHoldNothingUnused() {
    HloInstruction p = b.add(new HloOp.Parameter(0, PAIR));
    HloInstruction q = b.add(new HloOp.Parameter(1, PAIR));
    HloInstruction twice = b.plus(p, p);
    HloComputation unused = HloComputation.of("unused", List.of(p, q), twice);
    refuses(
        module(b.add(new ControlOp.Fusion("kLoop", unused), x, x), List.of(x)),
        "has no users; leave it out");
    HloComputation inner =
        HloComputation.ofInstructions("inner", List.of(p, twice, b.plus(twice, p)), twice);
    refuses(
        module(b.add(new ControlOp.Fusion("kLoop", inner), x), List.of(x)),
        "the root of inner has users");
    HloComputation good = HloComputation.of("good", List.of(p), twice);
    HloVerifier.verify(module(b.add(new ControlOp.Fusion("kLoop", good), x), List.of(x)));
  }

  private static void pluginRefuses(HloModule module, String part) {
    HloVerifier.verify(module);
    VerificationException e =
        assertThrows(VerificationException.class, () -> HloVerifier.verifyForPlugin(module));
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  @Test
  void pluginsTakeAndGiveArrays() {
    HloInstruction pair = b.add(new HloOp.Parameter(0, new TupleShape(List.of(PAIR, PAIR))));
    pluginRefuses(module(b.add(new HloOp.GetTupleElement(0), pair), List.of(pair)), "parameter 0");
    HloInstruction token = b.add(new HloOp.Parameter(0, TokenShape.TOKEN));
    pluginRefuses(module(b.constant(DType.F32, 1), List.of(token)), "parameter 0");
    HloInstruction nested = b.add(new HloOp.Tuple(), b.add(new HloOp.Tuple(), x));
    pluginRefuses(module(nested, List.of(x)), "output 0");
    HloVerifier.verifyForPlugin(module(b.add(new HloOp.Tuple(), x), List.of(x)));
  }

  @Test
  void pluginsRepeatNoScalars() {
    HloInstruction one = b.constant(DType.F32, 1);
    HloModule clamp = module(b.add(new HloOp.Clamp(), one, x, one), List.of(x));
    pluginRefuses(clamp, "broadcast it to [2]");
    HloInstruction yes = b.add(new HloOp.Constant(Literal.scalarBits(DType.PRED, 1)));
    HloModule select = module(b.select(yes, x, x), List.of(x));
    pluginRefuses(select, "operand 0 of select");
    HloVerifier.verifyForPlugin(Passes.explicitBroadcasts(clamp));
    HloVerifier.verifyForPlugin(Passes.explicitBroadcasts(select));
  }

  @Test
  void aliasesAreOfArrays() {
    HloInstruction pair = b.add(new HloOp.Parameter(0, new TupleShape(List.of(PAIR))));
    HloInstruction root = b.add(new HloOp.Tuple(), pair);
    refuses(module(root, List.of(pair), new InputOutputAlias(0, 0)), "cannot take over");
  }

  @Test
  void nestedCallsNeedNoDeepStack() {
    HloComputation inner = HloComputation.of("f", List.of(x), b.negative(x));
    for (int i = 1; i < HloComputation.MAX_DEPTH; i++) {
      inner = HloComputation.of("f", List.of(x), b.add(new HloOp.Call(inner), x));
    }
    HloComputation deep = inner;
    HloModule module = new HloModule("m", deep, List.of());
    assertDoesNotThrow(() -> HloVerifier.verifyForPlugin(module));
    assertDoesNotThrow(() -> Passes.standard(Passes.explicitBroadcasts(module)));
    HloInstruction call = b.add(new HloOp.Call(deep), x);
    assertThrows(ShapeException.class, () -> HloComputation.of("f", List.of(x), call));
  }
}
