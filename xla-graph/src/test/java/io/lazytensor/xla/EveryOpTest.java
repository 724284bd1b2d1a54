package io.lazytensor.xla;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.testing.EveryOp;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EveryOpTest {
  @ParameterizedTest
  @EnumSource
  void theModuleIsValidAndHasTheOpcode(HloOpcode opcode) {
    HloModule module = EveryOp.module(opcode);
    assertTrue(module.entry().instructions().stream().anyMatch(i -> i.op().code() == opcode));
    assertDoesNotThrow(() -> HloVerifier.verify(module));
  }
}
