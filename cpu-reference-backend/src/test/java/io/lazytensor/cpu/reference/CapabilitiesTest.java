package io.lazytensor.cpu.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.testing.Graphs;
import io.lazytensor.xla.testing.Oracle;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the provider claims is run and equals the evaluator; everything else is refused. */
class CapabilitiesTest {
  private static final CpuReferenceProvider PROVIDER = new CpuReferenceProvider();
  private static final Backend BACKEND =
      PROVIDER.open(new BackendOptions("", Map.of("threads", "1")));
  private static final ArrayShape MATRIX = ArrayShape.of(DType.F32, 2, 4);
  private static final HloBuilder B = new HloBuilder();

  @AfterAll
  static void close() {
    assertEquals(0, BACKEND.memoryUsage(0).liveBytes());
    BACKEND.close();
  }

  @ParameterizedTest
  @EnumSource(HloOpcode.class)
  void claimedOpcodesEqualTheEvaluatorAndOthersAreRefused(HloOpcode opcode) {
    Samples sample = Samples.of(opcode);
    HloModule module = sample.g.module(sample.root);
    if (PROVIDER.opcodes().contains(opcode)) {
      new Oracle(BACKEND).close(module, sample.g.arguments, 16, 1, opcode.hloName());
    } else {
      assertTrue(refusal(module).contains(opcode.hloName()), refusal(module));
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void claimedTypesAreMovedAndOthersAreRefusedByName(DType dtype) {
    ArrayShape shape = MATRIX.withDType(dtype);
    HloModule copy =
        Graphs.module(List.of(shape), p -> B.add(new HloOp.Unary(UnaryKind.COPY), p.get(0)));
    if (PROVIDER.types().contains(dtype)) {
      Literal bytes = Literal.ofBytes(shape, new byte[(int) shape.byteSize()]);
      assertEquals(List.of(bytes), Graphs.run(BACKEND, copy, List.of(bytes)));
      return;
    }
    assertTrue(refusal(copy).contains(dtype.hloName()), refusal(copy));
    byte[] one = new byte[dtype.byteSize()];
    Literal literal = Literal.ofBytes(ArrayShape.scalar(dtype), one);
    HloModule constant =
        Graphs.module(List.of(), _ -> raw(new HloOp.Constant(literal), ArrayShape.scalar(dtype)));
    assertTrue(refusal(constant).contains(dtype.hloName()), refusal(constant));
    HloModule convert =
        Graphs.module(
            List.of(MATRIX),
            p ->
                raw(
                    new HloOp.Convert(DType.F32),
                    MATRIX,
                    raw(new HloOp.Convert(dtype), shape, p.get(0))));
    assertTrue(refusal(convert).contains(dtype.hloName()), refusal(convert));
  }

  @Test
  void unclaimedTypesInsideOfCalledComputationsAreRefused() {
    HloInstruction x = B.add(new HloOp.Parameter(0, ArrayShape.scalar(DType.F32)));
    HloInstruction narrow =
        raw(new HloOp.Convert(DType.F8E5M2), ArrayShape.scalar(DType.F8E5M2), x);
    HloInstruction wide = raw(new HloOp.Convert(DType.F32), ArrayShape.scalar(DType.F32), narrow);
    HloComputation each = HloComputation.of("each", List.of(x), wide);
    HloModule module =
        Graphs.module(List.of(MATRIX), p -> B.add(new ControlOp.Map(each), p.get(0)));
    assertTrue(refusal(module).contains("f8e5m2"), refusal(module));
  }

  @Test
  void claimsLeaveOutOnlyWhatIsMeant() {
    assertEquals(
        EnumSet.of(HloOpcode.COMPLEX, HloOpcode.FFT),
        EnumSet.complementOf(EnumSet.copyOf(PROVIDER.opcodes())));
    assertEquals(13, PROVIDER.types().size());
    assertFalse(PROVIDER.types().contains(DType.S4));
  }

  @Test
  void severalReplicasAreRefused() {
    HloModule module = Graphs.module(List.of(MATRIX), p -> p.get(0)).withReplicas(2);
    assertTrue(refusal(module).contains("2 replicas"), refusal(module));
    ReplicaGroups pair = new ReplicaGroups(List.of(Dims.of(0, 1)), 0, false);
    HloModule broadcast =
        Graphs.module(
            List.of(MATRIX), p -> B.add(new CollectiveOp.CollectiveBroadcast(pair), p.get(0)));
    assertTrue(refusal(broadcast).contains("one device"), refusal(broadcast));
  }

  @Test
  void unknownCustomCallsAreRefusedByName() {
    HloModule module =
        Graphs.module(
            List.of(MATRIX),
            p ->
                B.add(
                    new ControlOp.CustomCall("no.such.call", MATRIX, "", 0, false, List.of()),
                    p.get(0)));
    assertTrue(refusal(module).contains("no.such.call"), refusal(module));
  }

  /** Source of the values: Random123's known-answer tests of philox4x32-10. */
  @Test
  void philoxGivesItsKnownAnswers() {
    assertEquals(
        List.of(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8),
        randomWords(LibraryOp.RandomAlgorithm.PHILOX, 4, 0, 0, 0));
    assertEquals(
        List.of(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd),
        randomWords(LibraryOp.RandomAlgorithm.PHILOX, 4, -1, -1, -1));
    assertEquals(
        List.of(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1),
        randomWords(
            LibraryOp.RandomAlgorithm.PHILOX,
            4,
            0x299f31d0_a4093822L,
            0x85a308d3_243f6a88L,
            0x03707344_13198a2eL));
  }

  /** Source of the values: Random123's known-answer tests of threefry2x32-20. */
  @Test
  void threefryGivesItsKnownAnswers() {
    assertEquals(
        List.of(0x6b200159, 0x99ba4efe), randomWords(LibraryOp.RandomAlgorithm.THREE_FRY, 2, 0, 0));
    assertEquals(
        List.of(0x1cb996fc, 0xbb002be7),
        randomWords(LibraryOp.RandomAlgorithm.THREE_FRY, 2, -1, -1));
    assertEquals(
        List.of(0xc4923a9c, 0x483df7a0),
        randomWords(
            LibraryOp.RandomAlgorithm.THREE_FRY, 2, 0x03707344_13198a2eL, 0x85a308d3_243f6a88L));
  }

  private static List<Integer> randomWords(
      LibraryOp.RandomAlgorithm algorithm, int count, long... state) {
    byte[] bytes = new byte[8 * state.length];
    ArrayShape shape = ArrayShape.of(DType.U64, state.length);
    for (int i = 0; i < state.length; i++) {
      Literal.writeBits(java.lang.foreign.MemorySegment.ofArray(bytes), i, DType.U64, state[i]);
    }
    HloModule module =
        Graphs.module(
            List.of(shape),
            p ->
                B.add(
                    new LibraryOp.RngBitGenerator(algorithm, ArrayShape.of(DType.U32, count)),
                    p.get(0)));
    Literal bits = Graphs.run(BACKEND, module, List.of(Literal.ofBytes(shape, bytes))).get(1);
    List<Integer> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      words.add((int) bits.bits(i));
    }
    return words;
  }

  private static HloInstruction raw(HloOp op, ArrayShape shape, HloInstruction... operands) {
    return new HloInstruction(op, shape, List.of(operands), Metadata.NONE, null);
  }

  private static String refusal(HloModule module) {
    return assertThrows(
            UnsupportedException.class, () -> BACKEND.compile(module, CompileOptions.DEFAULT))
        .toString();
  }
}
