package io.lazytensor.xla.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.SourceLine;
import java.util.List;
import org.junit.jupiter.api.Test;

class HloPrinterTest {
  private final HloBuilder b =
      new HloBuilder(new Metadata("mean", new SourceLine("A", "f", "A.java", 12)));

  @Test
  void aModuleReadsLikeXlasOwn() {
    HloInstruction x = new HloBuilder().add(new HloOp.Parameter(0, ArrayShape.of(DType.F32, 2, 3)));
    HloInstruction root = b.add(new HloOp.Tuple(), b.sum(x, Dims.of(1)), b.negative(x));
    HloModule module =
        new HloModule(
            "train step",
            HloComputation.of("main", List.of(x), root),
            List.of(new InputOutputAlias(1, 0)));
    assertEquals(
        """
        HloModule train_step, input_output_alias={ {1}: (0, {}, may-alias) }, entry_computation_layout={(f32[2,3]{1,0})->(f32[2]{0}, f32[2,3]{1,0})}

        %add_f32 (parameter.1: f32[], parameter.2: f32[]) -> f32[] {
          %parameter.1 = f32[] parameter(0)
          %parameter.2 = f32[] parameter(1)
          ROOT %add.3 = f32[] add(%parameter.1, %parameter.2)
        }

        ENTRY %main (parameter.4: f32[2,3]) -> (f32[2], f32[2,3]) {
          %parameter.4 = f32[2,3]{1,0} parameter(0)
          %constant.5 = f32[] constant(0), metadata={op_name="mean" source_file="A.java" source_line=12}
          %reduce.6 = f32[2]{0} reduce(%parameter.4, %constant.5), dimensions={1}, to_apply=%add_f32, metadata={op_name="mean" source_file="A.java" source_line=12}
          %negate.7 = f32[2,3]{1,0} negate(%parameter.4), metadata={op_name="mean" source_file="A.java" source_line=12}
          ROOT %tuple.8 = (f32[2]{0}, f32[2,3]{1,0}) tuple(%reduce.6, %negate.7), metadata={op_name="mean" source_file="A.java" source_line=12}
        }
        """,
        HloPrinter.print(module));
  }

  private static String line(HloInstruction root, HloInstruction... parameters) {
    HloComputation main = HloComputation.of("main", List.of(parameters), root);
    String text = HloPrinter.print(new HloModule("m", main, List.of()));
    return text.lines().filter(l -> l.contains("ROOT")).findFirst().orElseThrow();
  }

  @Test
  void attributesAreSpelledAsXlaDoes() {
    HloBuilder plain = new HloBuilder();
    HloInstruction x = plain.add(new HloOp.Parameter(0, ArrayShape.of(DType.F32, 4)));
    HloInstruction zero = plain.constant(DType.F32, 0);
    PaddingConfig padding = new PaddingConfig(Dims.of(1), Dims.of(-2), Dims.of(3));
    assertTrue(line(plain.add(new HloOp.Pad(padding), x, zero), x).endsWith("padding=1_-2_3"));
    assertTrue(
        line(plain.add(new HloOp.Slice(Dims.of(0), Dims.of(4), Dims.of(2)), x), x)
            .endsWith("slice={[0:4:2]}"));
    assertTrue(
        line(plain.add(new HloOp.Compare(ComparisonDirection.LT, true), x, x), x)
            .endsWith("direction=LT, type=TOTALORDER"));
  }

  @Test
  void valuesKeepTheirBits() {
    assertEquals(
        "{ { 1, 2 }, { 3, 4 } }", LiteralText.of(Literal.ofInts(Dims.of(2, 2), 1, 2, 3, 4)));
    assertEquals("0.1", LiteralText.of(Literal.scalar(DType.F32, 0.1)));
    assertEquals("-inf", LiteralText.of(Literal.scalar(DType.F64, Double.NEGATIVE_INFINITY)));
    assertEquals("nan", LiteralText.of(Literal.scalar(DType.BF16, Double.NaN)));
    assertEquals("true", LiteralText.of(Literal.scalarBits(DType.PRED, 1)));
    assertEquals("18446744073709551615", LiteralText.of(Literal.scalarBits(DType.U64, -1)));
  }
}
