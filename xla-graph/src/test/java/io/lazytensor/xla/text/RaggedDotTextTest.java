package io.lazytensor.xla.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.UnsupportedException;
import org.junit.jupiter.api.Test;

/** A product over groups as XLA and StableHLO write it. */
class RaggedDotTextTest {
  private static HloModule module(String attributes) {
    return HloParser.parse(
        """
        HloModule m
        ENTRY main {
          x = f32[2,11,5] parameter(0)
          y = f32[3,2,5,7] parameter(1)
          sizes = s64[3] parameter(2)
          ROOT r = f32[2,11,7] ragged-dot(x, y, sizes), lhs_batch_dims={0}, lhs_contracting_dims={2}, rhs_batch_dims={1}, rhs_contracting_dims={2}, lhs_ragged_dims={1}, rhs_group_dims={0}%s
        }
        """
            .formatted(attributes));
  }

  private static String root(String text, String opcode) {
    return text.lines().filter(l -> l.contains(opcode)).findFirst().orElseThrow();
  }

  @Test
  void attributesAreSpelledAsXlaDoes() {
    String line = root(HloPrinter.print(module(", operand_precision={high,default}")), "ROOT");
    assertTrue(
        line.endsWith(
            "lhs_batch_dims={0}, lhs_contracting_dims={2}, rhs_batch_dims={1},"
                + " rhs_contracting_dims={2}, lhs_ragged_dims={1}, rhs_group_dims={0},"
                + " operand_precision={high,default}"),
        line);
  }

  /** Source: StableHLO {@code ops_chlo.mlir}. */
  @Test
  void stableHloHasItInChlo() {
    String line = root(StableHloPrinter.print(module("")), "ragged_dot");
    assertEquals(
        "#chlo.ragged_dot<lhs_batching_dimensions = [0], rhs_batching_dimensions = [1],"
            + " lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [2],"
            + " lhs_ragged_dimensions = [1], rhs_group_dimensions = [0]>",
        line.substring(line.indexOf("#chlo.ragged_dot"), line.indexOf('>') + 1));
    assertTrue(line.contains("\"chlo.ragged_dot\""), line);
    assertTrue(line.contains("[#chlo<precision DEFAULT>, #chlo<precision DEFAULT>]"), line);
  }

  @Test
  void stableHloHasNoAlgorithmsForIt() {
    HloModule exact = module(", algorithm=dot_f32_f32_f32");
    assertEquals(exact, HloParser.parse(HloPrinter.print(exact)));
    UnsupportedException e =
        assertThrows(UnsupportedException.class, () -> StableHloPrinter.print(exact));
    assertTrue(String.valueOf(e.getMessage()).contains("ragged-dot"), e.getMessage());
  }
}
