package io.lazytensor.xla.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.testing.EveryOp;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StableHloPrinterTest {
  private static final Set<HloOpcode> WITHOUT_A_FORM =
      EnumSet.of(HloOpcode.STOCHASTIC_CONVERT, HloOpcode.SCAN);

  private static String print(String hlo) {
    return StableHloPrinter.print(HloParser.parse(hlo));
  }

  @ParameterizedTest
  @EnumSource
  void everyOperationIsWrittenOrRefusedByName(HloOpcode opcode) {
    if (WITHOUT_A_FORM.contains(opcode)) {
      String message =
          String.valueOf(
              assertThrows(
                      UnsupportedException.class,
                      () -> StableHloPrinter.print(EveryOp.module(opcode)))
                  .getMessage());
      assertTrue(message.contains(opcode.hloName()), message);
    } else {
      String text = StableHloPrinter.print(EveryOp.module(opcode));
      assertTrue(text.contains("\"func.return\""), text);
    }
  }

  @Test
  void regionsTuplesAndDonationReadAsStableHlo() {
    assertEquals(
        """
        module @step attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 2 : i32} {
          func.func public @main(%arg0: tensor<2x3xf32> {tf.aliasing_output = 1 : i32}, %arg1: tensor<i32>) -> (tensor<2xf32>, tensor<2x3xf32>) {
            %0 = "stablehlo.constant"() {value = dense<0xFF800000> : tensor<f32>} : () -> tensor<f32>
            %3 = "stablehlo.reduce"(%arg0, %0) ({
            ^bb0(%1: tensor<f32>, %2: tensor<f32>):
              %4 = "stablehlo.maximum"(%1, %2) : (tensor<f32>, tensor<f32>) -> tensor<f32>
              "stablehlo.return"(%4) : (tensor<f32>) -> ()
            }) {dimensions = array<i64: 1>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2xf32>
            %5 = "func.call"(%arg0) {callee = @"twice-x"} : (tensor<2x3xf32>) -> tensor<2x3xf32>
            "func.return"(%3, %5) : (tensor<2xf32>, tensor<2x3xf32>) -> ()
          }
          func.func private @"twice-x"(%arg0: tensor<2x3xf32>) -> (tensor<2x3xf32>) {
            %0 = "stablehlo.add"(%arg0, %arg0) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
            "func.return"(%0) : (tensor<2x3xf32>) -> ()
          }
        }
        """,
        print(
            """
            HloModule step, input_output_alias={ {1}: (0, {}, may-alias) }, replica_count=2
            max { a = f32[] parameter(0) b = f32[] parameter(1) ROOT c = f32[] maximum(a, b) }
            twice-x { a = f32[2,3] parameter(0) ROOT c = f32[2,3] add(a, a) }
            ENTRY e {
              x = f32[2,3] parameter(0)
              i = s32[] parameter(1)
              low = f32[] constant(-inf)
              r = f32[2] reduce(x, low), dimensions={1}, to_apply=max
              c = f32[2,3] call(x), to_apply=twice-x
              t = (s32[], f32[2,3]) tuple(i, c)
              d = f32[2,3] get-tuple-element(t), index=1
              ROOT o = (f32[2], f32[2,3]) tuple(r, d)
            }
            """));
  }

  @Test
  void branchesUseTheValuesAroundThem() {
    String text =
        print(
            """
            HloModule m
            f { p = f32[] parameter(0) ROOT n = f32[] negate(p) }
            g { p = f32[] parameter(0) ROOT c = f32[] copy(p) }
            ENTRY e { i = pred[] parameter(0) x = f32[] parameter(1)
              ROOT c = f32[] conditional(i, x, x), true_computation=f, false_computation=g }
            """);
    assertTrue(
        text.contains(
            """
                %0 = "stablehlo.if"(%arg0) ({
                  %1 = "stablehlo.negate"(%arg1) : (tensor<f32>) -> tensor<f32>
                  "stablehlo.return"(%1) : (tensor<f32>) -> ()
                }, {
                  "stablehlo.return"(%arg1) : (tensor<f32>) -> ()
                }) : (tensor<i1>) -> tensor<f32>
            """),
        text);
  }

  @Test
  void constantsKeepTheirBits() {
    String text =
        print(
            """
            HloModule m
            ENTRY e { a = f32[2] constant({1e10, nan(0x1)}) b = c64[1] constant({(-0.0, 2)})
              c = u64[2,1] constant({{18446744073709551615}, {0}}) d = pred[2] constant({1, 1})
              f = f8e5m2[2] constant({inf, 0.5}) z = bf16[0,2] constant({})
              ROOT t = tuple(a, b, c, d, f, z) }
            """);
    assertTrue(text.contains("dense<[1.0e+10, 0x7F800001]> : tensor<2xf32>"), text);
    assertTrue(text.contains("dense<(-0.0, 2.0)> : tensor<1xcomplex<f32>>"), text);
    assertTrue(text.contains("dense<[[18446744073709551615], [0]]> : tensor<2x1xui64>"), text);
    assertTrue(text.contains("dense<true> : tensor<2xi1>"), text);
    assertTrue(text.contains("dense<[0x7C, 0.5]> : tensor<2xf8E5M2>"), text);
    assertTrue(text.contains("dense<> : tensor<0x2xbf16>"), text);
  }

  @Test
  void formsThatHloHasAlone() {
    String header =
        "HloModule m\nadd { a = f32[] parameter(0) b = f32[] parameter(1) c = add(a, b) }\n";
    assertThrows(
        UnsupportedException.class,
        () ->
            print(
                header
                    + "ENTRY e { x = f32[4] parameter(0) z = f32[] constant(0) r = f32[3] "
                    + "reduce-window(x, z), window={size=2 rhs_reversal=1}, to_apply=add }"));
    assertThrows(
        UnsupportedException.class,
        () ->
            print(
                "HloModule m ENTRY e { x = f32[4] parameter(0) "
                    + "r = (f32[2], s32[2]) topk(x), k=2, largest=false }"));
  }
}
