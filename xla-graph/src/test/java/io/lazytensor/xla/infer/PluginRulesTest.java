package io.lazytensor.xla.infer;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.testing.EveryOp;
import io.lazytensor.xla.testing.ModuleMutations;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Valid modules that end XLA's process, each found by compiling mutated modules. */
class PluginRulesTest {
  private final HloBuilder b = new HloBuilder();

  private HloInstruction parameter(int number, DType dtype, int... dims) {
    return b.add(new HloOp.Parameter(number, ArrayShape.of(dtype, dims)));
  }

  private static HloModule module(HloInstruction root, HloInstruction... parameters) {
    return new HloModule(
        "m", HloComputation.of("main", List.of(parameters), root), List.of(), 2, 1);
  }

  private static void refuses(HloModule module, String part) {
    HloVerifier.verify(module);
    VerificationException e =
        assertThrows(VerificationException.class, () -> HloVerifier.verifyForPlugin(module));
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  @ParameterizedTest
  @EnumSource(names = {"ACOS", "ACOSH", "ASIN", "ASINH", "ATANH", "COSH", "REMAINDER", "SINH"})
  void functionsOfComplexNumbersWithoutCode(HloOpcode opcode) {
    HloModule real = EveryOp.module(opcode);
    assertDoesNotThrow(() -> HloVerifier.verifyForPlugin(real));
    refuses(ModuleMutations.retyped(real, DType.F32, DType.C64), "crashes XLA's CPU compiler");
  }

  @ParameterizedTest
  @EnumSource(
      names = {"ALL_GATHER", "ALL_TO_ALL", "COLLECTIVE_PERMUTE", "CONCATENATE", "REDUCE_SCATTER"})
  void partsOfBytesThatWouldBeMoved(HloOpcode opcode) {
    HloModule whole = ModuleMutations.retyped(EveryOp.module(opcode), DType.F32, DType.S8);
    assertDoesNotThrow(() -> HloVerifier.verifyForPlugin(whole));
    refuses(ModuleMutations.retyped(whole, DType.S8, DType.U4), "convert it to 8 bits");
  }

  @ParameterizedTest
  @EnumSource(names = {"S2", "U2", "S4", "U4", "F4E2M1FN"})
  void transposedPartsOfBytesInTuples(DType dtype) {
    HloInstruction x = parameter(0, dtype, 2, 4, 5);
    HloInstruction transposed = b.transpose(x, Dims.of(0, 2, 1));
    assertDoesNotThrow(() -> HloVerifier.verifyForPlugin(module(transposed, x)));
    refuses(module(b.add(new HloOp.Tuple(), transposed), x), "convert it to 8 bits");
  }

  @Test
  void fusionsWithOperandsNobodyReads() {
    HloInstruction x = parameter(0, DType.F32, 2);
    HloComputation fused = HloComputation.of("fused", List.of(x), b.negative(x));
    refuses(
        module(b.add(new ControlOp.Fusion("kLoop", fused), x, x), x),
        "fusion has 2 operands, fused takes 1");
  }

  @Test
  void allGatherOfNothing() {
    HloInstruction x = parameter(0, DType.F32, 2, 0);
    for (int dimension : new int[] {0, 1}) {
      refuses(
          module(b.add(new CollectiveOp.AllGather(dimension, 2, ReplicaGroups.ALL), x), x),
          "XLA divides by its sizes");
    }
  }

  @Test
  void reducersOfCollectivesWithoutAnOperation() {
    HloInstruction p = parameter(0, DType.BF16);
    HloInstruction q = parameter(1, DType.BF16);
    HloComputation second = HloComputation.of("second", List.of(p, q), q);
    HloInstruction x = parameter(0, DType.BF16, 2);
    refuses(
        module(b.add(new CollectiveOp.AllReduce(second, ReplicaGroups.ALL), x), x),
        "XLA takes one operation of its two parameters");
    refuses(
        module(b.add(new CollectiveOp.ReduceScatter(0, 2, second, ReplicaGroups.ALL), x), x),
        "XLA takes one operation of its two parameters");
  }
}
