package io.lazytensor.cpu.reference;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.testing.GeneratedGraph;
import io.lazytensor.xla.testing.Oracle;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;

/** Every elementwise operation and type against the evaluator. */
class ElementwiseOracleTest {
  private static final Backend BACKEND =
      new CpuReferenceProvider().open(new BackendOptions("", Map.of("threads", "1")));
  private static final Oracle ORACLE = new Oracle(BACKEND);

  @AfterContainer
  static void close() {
    BACKEND.close();
  }

  @Property(tries = 10, seed = "1", shrinking = ShrinkingMode.OFF)
  void elementwiseOperationsEqualTheEvaluator(@ForAll long seed) {
    everything(new Random(seed));
  }

  @Tag("full")
  @Property(tries = 100, seed = "2", shrinking = ShrinkingMode.OFF)
  void elementwiseOperationsEqualTheEvaluatorAtLength(@ForAll long seed) {
    everything(new Random(seed));
  }

  private static void everything(Random random) {
    int checked = 0;
    for (DType dtype : EnumSet.range(DType.PRED, DType.F64)) {
      for (UnaryKind kind : UnaryKind.values()) {
        checked += unary(random, kind, dtype);
      }
      for (BinaryKind kind : BinaryKind.values()) {
        checked += binary(random, kind, dtype);
      }
      for (ComparisonDirection direction : ComparisonDirection.values()) {
        checked += compare(random, direction, dtype, random.nextBoolean());
      }
      for (DType to : EnumSet.range(DType.PRED, DType.F64)) {
        checked += convert(random, dtype, to);
        checked += bitcast(random, dtype, to);
      }
      checked += reducePrecision(random, dtype);
      checked += parts(random, dtype);
      for (DType to : EnumSet.range(DType.S8, DType.S64)) {
        checked += stochasticConvert(random, dtype, to);
      }
      for (UnaryKind kind : UnaryKind.values()) {
        checked += mapped(random, kind, dtype);
      }
      checked += select(random, dtype);
      checked += clamp(random, dtype);
      checked += isFinite(random, dtype);
    }
    assertTrue(checked > 500, "only " + checked + " combinations are legal");
  }

  private static int unary(Random random, UnaryKind kind, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    HloInstruction x = g.operand(new ArrayShape(dtype, g.dims(3)));
    HloInstruction root;
    try {
      root = g.add(new HloOp.Unary(kind), x);
    } catch (ShapeException _) {
      return 0;
    }
    // libtorch approximates erf with a bounded absolute error.
    double scale = kind == UnaryKind.ERF ? 1 : 0;
    ORACLE.close(g.module(root), g.arguments, units(kind), scale, kind + " of " + dtype);
    return 1;
  }

  /** Errors of the two implementations together, in units of the last place. */
  private static double units(UnaryKind kind) {
    return switch (kind) {
      case ABS,
          CEIL,
          COUNT_LEADING_ZEROS,
          COPY,
          FLOOR,
          NEGATE,
          NOT,
          POPULATION_COUNT,
          ROUND_NEAREST_AFZ,
          ROUND_NEAREST_EVEN,
          SIGN ->
          0;
      case CBRT, EXPONENTIAL, LOG, RSQRT, SINE, COSINE, SQRT, TAN, TANH -> 3;
      case ACOS,
          ACOSH,
          ASIN,
          ASINH,
          ATANH,
          COSH,
          SINH,
          EXPONENTIAL_MINUS_ONE,
          LOG_PLUS_ONE,
          LOGISTIC ->
          6;
      case ERF -> 16;
    };
  }

  private static int binary(Random random, BinaryKind kind, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = new ArrayShape(dtype, g.dims(3));
    HloInstruction root;
    try {
      root = g.add(new HloOp.Binary(kind), g.operand(shape), g.operand(shape));
    } catch (ShapeException _) {
      return 0;
    }
    double units = kind == BinaryKind.POWER || kind == BinaryKind.ATAN2 ? 4 : 0.5;
    ORACLE.close(g.module(root), g.arguments, units, kind + " of " + dtype);
    return 1;
  }

  private static int compare(
      Random random, ComparisonDirection direction, DType dtype, boolean totalOrder) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = new ArrayShape(dtype, g.dims(3));
    HloInstruction root;
    try {
      root = g.add(new HloOp.Compare(direction, totalOrder), g.operand(shape), g.operand(shape));
    } catch (ShapeException _) {
      return 0;
    }
    ORACLE.same(g.module(root), g.arguments, direction + " of " + dtype + " " + totalOrder);
    return 1;
  }

  private static int convert(Random random, DType from, DType to) {
    GeneratedGraph g = new GeneratedGraph(random);
    HloInstruction x = g.operand(new ArrayShape(from, g.dims(3)));
    ORACLE.same(
        g.module(g.add(new HloOp.Convert(to), x)), g.arguments, "convert " + from + " to " + to);
    return 1;
  }

  private static int bitcast(Random random, DType from, DType to) {
    GeneratedGraph g = new GeneratedGraph(random);
    int ratio = Math.max(1, to.byteSize() / from.byteSize());
    int[] dims = g.dims(2).toArray();
    if (ratio > 1) {
      dims = java.util.Arrays.copyOf(dims, dims.length + 1);
      dims[dims.length - 1] = ratio;
    }
    HloInstruction root;
    try {
      root = g.add(new HloOp.BitcastConvert(to), g.operand(ArrayShape.of(from, dims)));
    } catch (ShapeException | UnsupportedException _) {
      return 0;
    }
    ORACLE.same(g.module(root), g.arguments, "bitcast " + from + " to " + to);
    return 1;
  }

  private static int reducePrecision(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    HloOp op = new HloOp.ReducePrecision(1 + random.nextInt(11), random.nextInt(30));
    HloInstruction root;
    try {
      root = g.add(op, g.operand(new ArrayShape(dtype, g.dims(3))));
    } catch (ShapeException _) {
      return 0;
    }
    ORACLE.same(g.module(root), g.arguments, op + " of " + dtype);
    return 1;
  }

  /** The parts of real numbers, and the size of a dimension. */
  private static int parts(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    HloInstruction x = g.operand(ArrayShape.of(dtype, 2, 3));
    HloInstruction size = g.add(new HloOp.GetDimensionSize(1), x);
    HloInstruction root;
    try {
      root = g.add(new HloOp.Tuple(), g.add(new HloOp.Real(), x), g.add(new HloOp.Imag(), x), size);
    } catch (ShapeException _) {
      root = size;
    }
    ORACLE.same(g.module(root), g.arguments, "parts of " + dtype);
    return 1;
  }

  private static int stochasticConvert(Random random, DType dtype, DType to) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = new ArrayShape(dtype, g.dims(2));
    DType bits =
        switch (dtype.byteSize()) {
          case 2 -> DType.U16;
          case 4 -> DType.U32;
          default -> DType.U64;
        };
    HloInstruction root;
    try {
      root =
          g.add(
              new HloOp.StochasticConvert(to), g.operand(shape), g.operand(shape.withDType(bits)));
    } catch (ShapeException _) {
      return 0;
    }
    ORACLE.same(g.module(root), g.arguments, "stochastic convert of " + dtype + " to " + to);
    return 1;
  }

  /** Functions as a map's, which run on lanes and not in libtorch. */
  private static int mapped(Random random, UnaryKind kind, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    HloInstruction root;
    try {
      HloInstruction x = g.add(new HloOp.Parameter(0, ArrayShape.scalar(dtype)));
      HloComputation each = HloComputation.of("each", List.of(x), g.add(new HloOp.Unary(kind), x));
      root = g.add(new ControlOp.Map(each), g.operand(new ArrayShape(dtype, g.dims(3))));
    } catch (ShapeException _) {
      return 0;
    }
    // Both are plain Java; these are computed by other formulas.
    double units =
        EnumSet.of(
                    UnaryKind.ACOSH,
                    UnaryKind.ASINH,
                    UnaryKind.ATANH,
                    UnaryKind.ERF,
                    UnaryKind.LOGISTIC)
                .contains(kind)
            ? 3
            : 0;
    ORACLE.close(g.module(root), g.arguments, units, "mapped " + kind + " of " + dtype);
    return 1;
  }

  private static int select(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape =
        random.nextBoolean() ? ArrayShape.of(dtype, 70, 70) : new ArrayShape(dtype, g.dims(3));
    ArrayShape condition =
        random.nextInt(4) == 0 ? ArrayShape.scalar(DType.PRED) : shape.withDType(DType.PRED);
    HloInstruction root =
        g.add(new HloOp.Select(), g.operand(condition), g.operand(shape), g.operand(shape));
    ORACLE.same(g.module(root), g.arguments, "select of " + dtype);
    return 1;
  }

  private static int clamp(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = new ArrayShape(dtype, g.dims(3));
    ArrayShape bound = random.nextBoolean() ? ArrayShape.scalar(dtype) : shape;
    HloInstruction root;
    try {
      root = g.add(new HloOp.Clamp(), g.operand(bound), g.operand(shape), g.operand(bound));
    } catch (ShapeException _) {
      return 0;
    }
    ORACLE.close(g.module(root), g.arguments, 0.5, "clamp of " + dtype);
    return 1;
  }

  private static int isFinite(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    HloInstruction x = g.operand(new ArrayShape(dtype, g.dims(3)));
    HloInstruction root;
    try {
      root = g.add(new HloOp.IsFinite(), x);
    } catch (ShapeException _) {
      return 0;
    }
    ORACLE.same(g.module(root), g.arguments, "is-finite of " + dtype);
    return 1;
  }
}
