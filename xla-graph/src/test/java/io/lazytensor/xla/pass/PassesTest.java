package io.lazytensor.xla.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.lazytensor.xla.eval.HloEvaluator;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PassesTest {
  private final HloBuilder b = new HloBuilder();
  private final HloInstruction x = b.add(new HloOp.Parameter(0, ArrayShape.of(DType.F32, 2, 3)));

  private static HloModule module(HloInstruction root, HloInstruction... parameters) {
    return new HloModule("m", HloComputation.of("main", List.of(parameters), root), List.of());
  }

  private HloInstruction simplified(HloInstruction root) {
    HloModule out = Passes.standard(module(root, x));
    HloVerifier.verify(out);
    return out.entry().root();
  }

  @Test
  void equalInstructionsBecomeOne() {
    HloInstruction root = simplified(b.plus(b.times(x, x), b.times(x, x)));
    assertSame(root.operand(0), root.operand(1));
  }

  @Test
  void unusedInstructionsGoAndUnusedParametersStay() {
    HloInstruction y = b.add(new HloOp.Parameter(1, ArrayShape.scalar(DType.F32)));
    HloModule out = Passes.standard(module(b.negative(x), x, y));
    assertEquals(2, out.entry().parameters().size());
    assertEquals(3, out.entry().instructions().size());
  }

  @Test
  void copiesAndAnnotationsAreGone() {
    HloInstruction marked =
        new HloInstruction(
            new HloOp.Unary(UnaryKind.COPY), x.shape(), List.of(x), Metadata.NONE, "mark");
    HloInstruction root = simplified(b.negative(marked));
    assertSame(x, root.operand(0));
    HloInstruction annotated =
        new HloInstruction(
            new HloOp.Unary(UnaryKind.NEGATE), x.shape(), List.of(x), Metadata.NONE, "mark");
    assertNull(simplified(annotated).annotation());
  }

  @Test
  void whatChangesNothingIsGone() {
    assertSame(x, simplified(b.times(x, b.filledLike(x, 1))));
    assertSame(x, simplified(b.minus(x, b.filledLike(x, 0))));
    assertSame(x, simplified(b.negative(b.negative(x))));
    assertSame(x, simplified(b.transpose(b.transpose(x, Dims.of(1, 0)), Dims.of(1, 0))));
    assertSame(
        x,
        simplified(
            b.add(new HloOp.Reshape(Dims.of(2, 3)), b.add(new HloOp.Reshape(Dims.of(6)), x))));
  }

  @Test
  void addingZeroStaysBecauseOfNegativeZero() {
    HloInstruction sum = b.plus(x, b.filledLike(x, 0));
    assertEquals(sum.op(), simplified(sum).op());
  }

  @Test
  void productsReadTransposedOperandsInPlace() {
    DotDimensionNumbers n = new DotDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of());
    HloInstruction product = b.add(new HloOp.Dot(n, DType.F32), x, b.transpose(x, Dims.of(1, 0)));
    HloInstruction root = simplified(product);
    assertSame(x, root.operand(1));
    assertEquals(ArrayShape.of(DType.F32, 2, 2), root.shape());
  }

  @Test
  void productsOfRaggedBatchesNeedNoGroups() {
    DotDimensionNumbers n = new DotDimensionNumbers(Dims.of(1), Dims.of(1), Dims.of(0), Dims.of(0));
    HloInstruction sizes = b.add(new HloOp.Constant(Literal.ofInts(Dims.of(2), 1, 1)));
    HloInstruction batch =
        raggedDot(new RaggedDotDimensionNumbers(n, Dims.of(0), Dims.of()), sizes);
    HloInstruction simple = simplified(batch);
    assertEquals(new HloOp.Dot(n, DType.F32), simple.op());
    assertEquals(List.of(x, x), simple.operands());
    HloInstruction sums = raggedDot(new RaggedDotDimensionNumbers(n, Dims.of(1), Dims.of()), sizes);
    assertEquals(sums.op(), simplified(sums).op());
  }

  private HloInstruction raggedDot(RaggedDotDimensionNumbers numbers, HloInstruction sizes) {
    return b.add(new HloOp.RaggedDot(numbers, DType.F32), x, x, sizes);
  }

  @Test
  void aliasesStay() {
    HloInstruction root = b.add(new HloOp.Tuple(), b.negative(x));
    InputOutputAlias alias = new InputOutputAlias(0, 0);
    HloModule out =
        Passes.standard(
            new HloModule("m", HloComputation.of("main", List.of(x), root), List.of(alias)));
    assertEquals(List.of(alias), out.aliases());
  }

  @Test
  void devicesStay() {
    HloComputation entry = HloComputation.of("main", List.of(x), b.negative(x));
    HloModule out = Passes.standard(new HloModule("m", entry, List.of(), 4, 2));
    assertEquals(4, out.replicas());
    assertEquals(2, out.partitions());
  }

  @Test
  void sideEffectsRunAsOftenAsTheyAreWritten() {
    HloOp print = new ControlOp.CustomCall("print", x.shape(), "", 0, true, List.of());
    HloOp pure = new ControlOp.CustomCall("pure", x.shape(), "", 0, false, List.of());
    HloComputation prints = HloComputation.of("prints", List.of(x), b.add(print, x));
    List<HloInstruction> all =
        List.of(
            x,
            b.add(print, x),
            b.add(print, x),
            b.add(new HloOp.Call(prints), x),
            b.add(pure, x),
            b.negative(x));
    HloModule module =
        new HloModule("m", HloComputation.ofInstructions("main", all, all.getLast()), List.of());
    HloComputation out = Passes.standard(module).entry();
    assertEquals(2, out.instructions().stream().filter(i -> i.op().equals(print)).count());
    assertEquals(1, out.instructions().stream().filter(i -> i.op() instanceof HloOp.Call).count());
    assertEquals(0, out.instructions().stream().filter(i -> i.op().equals(pure)).count());
  }

  @Test
  void callsWithoutSideEffectAndCollectivesMerge() {
    HloOp pure = new ControlOp.CustomCall("pure", x.shape(), "", 0, false, List.of());
    HloInstruction root = simplified(b.plus(b.add(pure, x), b.add(pure, x)));
    assertSame(root.operand(0), root.operand(1));
    HloOp permute = new CollectiveOp.CollectivePermute(List.of(Dims.of(0, 1)), 0);
    root = simplified(b.plus(b.add(permute, x), b.add(permute, x)));
    assertSame(root.operand(0), root.operand(1));
  }

  @Test
  void complexFactorsOfOneStay() {
    HloInstruction z = b.add(new HloOp.Parameter(0, ArrayShape.of(DType.C128, 2)));
    HloInstruction one =
        b.add(new HloOp.Complex(), b.constant(DType.F64, 1), b.constant(DType.F64, 0));
    byte[] bytes = new byte[16];
    bytes[6] = (byte) 0xF0;
    bytes[7] = 0x3F;
    HloInstruction constant =
        b.add(new HloOp.Constant(Literal.ofBytes(ArrayShape.scalar(DType.C128), bytes)));
    for (HloInstruction y : List.of(one, constant)) {
      HloInstruction product = b.times(z, b.spread(y, Dims.of(2)));
      HloModule out = Passes.standard(module(b.minus(b.over(product, product), product), z));
      HloVerifier.verify(out);
      assertEquals(product.op(), out.entry().root().operand(1).op());
    }
    assertSame(z, Passes.standard(module(b.negative(b.negative(z)), z)).entry().root());
  }

  @Test
  void tuplesCopyAndComeApart() {
    HloInstruction pair = b.add(new HloOp.Tuple(), x, b.negative(x));
    HloInstruction copy = b.add(new HloOp.Unary(UnaryKind.COPY), pair);
    HloInstruction first = b.add(new HloOp.GetTupleElement(0), copy);
    assertSame(x, simplified(first));
    List<Literal> in = List.of(Literal.ofFloats(Dims.of(2, 3), 1, 2, 3, 4, 5, 6));
    assertEquals(in, HloEvaluator.evaluate(module(first, x), in));
  }

  @Test
  void scalarsAreBroadcastInEveryComputation() {
    HloInstruction one = b.constant(DType.F32, 1);
    HloComputation f = HloComputation.of("f", List.of(x), b.add(new HloOp.Clamp(), one, x, x));
    HloComputation state =
        HloComputation.of(
            "more", List.of(x), b.add(new HloOp.Constant(Literal.scalarBits(DType.PRED, 0))));
    HloModule module = module(b.add(new ControlOp.While(state, f), x), x);
    HloModule out = Passes.explicitBroadcasts(module);
    HloVerifier.verifyForPlugin(out);
    assertSame(out, Passes.explicitBroadcasts(out));
    HloModule plain = module(b.negative(x), x);
    assertSame(plain, Passes.explicitBroadcasts(plain));
  }

  /** Random graphs of what the rules look at keep their values bit for bit. */
  @Property(tries = 60)
  void valuesStayTheSame(@ForAll Random random) {
    ArrayShape square = ArrayShape.of(DType.F32, 3, 3);
    HloInstruction p = b.add(new HloOp.Parameter(0, square));
    List<HloInstruction> pool = new ArrayList<>(List.of(p));
    for (int i = 0; i < 25; i++) {
      pool.add(step(random, pool));
    }
    HloInstruction root = b.add(new HloOp.Tuple(), pool);
    HloModule module = module(root, p);
    HloModule simple = Passes.standard(module);
    HloVerifier.verify(simple);
    float[] values = new float[9];
    for (int i = 0; i < 9; i++) {
      values[i] = i == 4 ? -0f : (float) random.nextGaussian();
    }
    List<Literal> in = List.of(Literal.ofFloats(Dims.of(3, 3), values));
    assertEquals(HloEvaluator.evaluate(module, in), HloEvaluator.evaluate(simple, in));
  }

  private HloInstruction step(Random random, List<HloInstruction> pool) {
    HloInstruction u = pool.get(random.nextInt(pool.size()));
    HloInstruction v = pool.get(random.nextInt(pool.size()));
    DotDimensionNumbers n =
        new DotDimensionNumbers(
            Dims.of(random.nextInt(2)), Dims.of(random.nextInt(2)), Dims.of(), Dims.of());
    return switch (random.nextInt(9)) {
      case 0 -> b.unary(UnaryKind.COPY, u);
      case 1 -> b.negative(u);
      case 2 -> b.transpose(u, Dims.of(1, 0));
      case 3 -> b.times(u, random.nextInt(2));
      case 4 -> b.minus(u, b.filledLike(u, random.nextInt(2)));
      case 5 -> b.add(new HloOp.Dot(n, DType.F32), u, v);
      case 6 -> b.binary(BinaryKind.MAXIMUM, u, v);
      case 7 -> b.add(new HloOp.Reshape(Dims.of(3, 3)), b.add(new HloOp.Reshape(Dims.of(9)), u));
      default -> b.plus(u, b.filledLike(u, 0));
    };
  }
}
