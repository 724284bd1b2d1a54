package io.lazytensor.cpu.reference;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.PrecisionConfig;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.testing.GeneratedGraph;
import io.lazytensor.xla.testing.Graphs;
import io.lazytensor.xla.testing.Oracle;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;

/** Convolutions and window reductions, in every type and with every attribute. */
class WindowOracleTest {
  private static final Backend BACKEND =
      new CpuReferenceProvider().open(new BackendOptions("", Map.of("threads", "1")));
  private static final Oracle ORACLE = new Oracle(BACKEND);

  private static int checked;

  @AfterContainer
  static void close() {
    BACKEND.close();
    assertTrue(checked > 1000, "only " + checked + " combinations were legal");
  }

  @Property(tries = 40, seed = "11", shrinking = ShrinkingMode.OFF)
  void windowsEqualTheEvaluator(@ForAll long seed) {
    everything(new Random(seed));
  }

  @Tag("full")
  @Property(tries = 600, seed = "12", shrinking = ShrinkingMode.OFF)
  void windowsEqualTheEvaluatorAtLength(@ForAll long seed) {
    everything(new Random(seed));
  }

  private static void everything(Random random) {
    for (DType dtype : EnumSet.range(DType.PRED, DType.F64)) {
      convolution(random, dtype, dtype);
      reduceWindow(random, dtype);
      argMaxWindow(random, dtype);
      selectAndScatter(random, dtype);
    }
    convolution(random, DType.S8, DType.S32);
    convolution(random, DType.BF16, DType.F32);
    convolution(random, DType.F32, DType.BF16);
  }

  private static WindowDimension dimension(Random random, int size, boolean plain) {
    return plain
        ? WindowDimension.of(size, 1 + random.nextInt(2))
        : new WindowDimension(
            size,
            1 + random.nextInt(3),
            random.nextInt(4) - 1,
            random.nextInt(4) - 1,
            1 + random.nextInt(2),
            1 + random.nextInt(2),
            random.nextInt(4) == 0);
  }

  private static void convolution(Random random, DType dtype, DType result) {
    int spatial = random.nextInt(9) == 0 ? 4 : random.nextInt(4);
    boolean plain = random.nextInt(3) == 0;
    List<WindowDimension> window = new ArrayList<>();
    for (int d = 0; d < spatial; d++) {
      window.add(dimension(random, 1 + random.nextInt(3), plain));
    }
    int groups = 1 + random.nextInt(3);
    boolean byBatch = random.nextBoolean();
    GeneratedGraph g = new GeneratedGraph(random);
    int[] inputOrder = g.permutation(spatial + 2);
    int[] kernelOrder = g.permutation(spatial + 2);
    int[] outputOrder = g.permutation(spatial + 2);
    int[] input = new int[spatial + 2];
    int[] kernel = new int[spatial + 2];
    int features = 1 + random.nextInt(2);
    input[inputOrder[0]] = (1 + random.nextInt(2)) * (byBatch ? groups : 1);
    input[inputOrder[1]] = features * (byBatch ? 1 : groups);
    kernel[kernelOrder[0]] = features;
    kernel[kernelOrder[1]] = (1 + random.nextInt(2)) * groups;
    for (int d = 0; d < spatial; d++) {
      input[inputOrder[d + 2]] = random.nextInt(30) == 0 ? 0 : 1 + random.nextInt(6);
      kernel[kernelOrder[d + 2]] = window.get(d).size();
    }
    WindowOp.Convolution op =
        new WindowOp.Convolution(
            new Window(window),
            numbers(inputOrder, kernelOrder, outputOrder),
            byBatch ? 1 : groups,
            byBatch ? groups : 1,
            PrecisionConfig.DEFAULT,
            result);
    HloInstruction root;
    try {
      root =
          g.add(
              op,
              g.parameter(g.moderate(ArrayShape.of(dtype, input))),
              g.parameter(g.moderate(ArrayShape.of(dtype, kernel))));
    } catch (ShapeException _) {
      return;
    }
    double scale = Math.sqrt(ArrayShape.of(dtype, kernel).elementCount()) * 3;
    checked++;
    ORACLE.close(g.module(root), g.arguments, 8, scale, op + " of " + dtype);
  }

  private static ConvolutionDimensionNumbers numbers(int[] input, int[] kernel, int[] output) {
    return new ConvolutionDimensionNumbers(
        input[0],
        input[1],
        rest(input),
        kernel[0],
        kernel[1],
        rest(kernel),
        output[0],
        output[1],
        rest(output));
  }

  private static Dims rest(int[] order) {
    return Dims.of(java.util.Arrays.copyOfRange(order, 2, order.length));
  }

  private static Window window(Random random, int rank) {
    boolean plain = random.nextInt(3) == 0;
    List<WindowDimension> dimensions = new ArrayList<>();
    for (int d = 0; d < rank; d++) {
      dimensions.add(dimension(random, 1 + random.nextInt(3), plain));
    }
    return new Window(dimensions);
  }

  private static ArrayShape array(Random random, DType dtype) {
    int[] dims = new int[1 + random.nextInt(3)];
    for (int d = 0; d < dims.length; d++) {
      dims[d] = random.nextInt(30) == 0 ? 0 : 1 + random.nextInt(6);
    }
    return ArrayShape.of(dtype, dims);
  }

  private static void reduceWindow(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    BinaryKind kind =
        g.pick(
            List.of(
                BinaryKind.ADD,
                BinaryKind.MULTIPLY,
                BinaryKind.MAXIMUM,
                BinaryKind.MINIMUM,
                BinaryKind.SUBTRACT,
                dtype.isFloating() ? BinaryKind.MAXIMUM : BinaryKind.XOR));
    ArrayShape shape = array(random, dtype);
    Window window = window(random, shape.rank());
    boolean order = kind == BinaryKind.MAXIMUM || kind == BinaryKind.MINIMUM;
    HloInstruction root;
    try {
      HloInstruction x = order ? g.operand(shape) : g.parameter(g.moderate(shape));
      HloInstruction init =
          random.nextBoolean()
              ? g.add(new HloOp.Constant(Literal.scalar(dtype, random.nextInt(3))))
              : g.parameter(g.moderate(ArrayShape.scalar(dtype)));
      root = g.add(new WindowOp.ReduceWindow(window, Graphs.reducer(kind, dtype)), x, init);
    } catch (ShapeException _) {
      return;
    }
    String what = "reduce-window " + kind + " of " + shape + " by " + window;
    // Every step of a product or difference of 16-bit types is rounded.
    double units = order || !dtype.isFloating() ? 0.5 : 32;
    checked++;
    ORACLE.close(g.module(root), g.arguments, units, 6, what);
  }

  private static void argMaxWindow(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = array(random, dtype);
    Window window = window(random, shape.rank());
    HloInstruction root;
    try {
      root =
          g.add(
              new WindowOp.ReduceWindow(window, argMax(dtype)),
              g.operand(shape),
              g.operand(shape.withDType(DType.S32)),
              g.operand(ArrayShape.scalar(dtype)),
              g.operand(ArrayShape.scalar(DType.S32)));
    } catch (ShapeException _) {
      return;
    }
    checked++;
    ORACLE.same(g.module(root), g.arguments, "arg max of " + shape + " by " + window);
  }

  private static HloComputation argMax(DType dtype) {
    HloBuilder b = new HloBuilder();
    List<HloInstruction> p = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      DType type = i % 2 == 0 ? dtype : DType.S32;
      p.add(b.add(new HloOp.Parameter(i, ArrayShape.scalar(type))));
    }
    HloInstruction keep = b.compare(ComparisonDirection.GE, p.get(0), p.get(2));
    return HloComputation.of(
        "argmax",
        p,
        b.add(
            new HloOp.Tuple(),
            b.select(keep, p.get(0), p.get(2)),
            b.select(keep, p.get(1), p.get(3))));
  }

  private static void selectAndScatter(Random random, DType dtype) {
    GeneratedGraph g = new GeneratedGraph(random);
    ArrayShape shape = array(random, dtype);
    Window window = window(random, shape.rank());
    BinaryKind kind = g.pick(List.of(BinaryKind.ADD, BinaryKind.MAXIMUM));
    ComparisonDirection direction =
        g.pick(List.of(ComparisonDirection.GE, ComparisonDirection.LT, ComparisonDirection.GT));
    HloComputation reducer = Graphs.reducer(BinaryKind.MAXIMUM, dtype);
    HloInstruction root;
    try {
      HloInstruction x = g.operand(shape);
      ArrayShape source =
          g.add(
                  new WindowOp.ReduceWindow(window, reducer),
                  x,
                  g.add(new HloOp.Constant(Literal.scalarBits(dtype, 0))))
              .arrayShape();
      root =
          g.add(
              new WindowOp.SelectAndScatter(
                  window, comparator(direction, dtype), Graphs.reducer(kind, dtype)),
              x,
              g.parameter(g.moderate(source)),
              g.operand(ArrayShape.scalar(dtype)));
    } catch (ShapeException _) {
      return;
    }
    double units = kind == BinaryKind.ADD && dtype.isFloating() ? 8 : 0.5;
    checked++;
    ORACLE.close(
        g.module(root), g.arguments, units, 6, "select-and-scatter " + shape + " by " + window);
  }

  static HloComputation comparator(ComparisonDirection direction, DType dtype) {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, ArrayShape.scalar(dtype)));
    HloInstruction y = b.add(new HloOp.Parameter(1, ArrayShape.scalar(dtype)));
    return HloComputation.of("comparator", List.of(x, y), b.compare(direction, x, y));
  }
}
