package io.lazytensor.xla.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.ControlOp.Tristate;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.LibraryOp.FftKind;
import io.lazytensor.xla.ir.LibraryOp.RandomAlgorithm;
import io.lazytensor.xla.ir.LibraryOp.Transposition;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.PrecisionConfig;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import io.lazytensor.xla.testing.EveryOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;

/**
 * Whatever an operation and its operands look like: there is a shape, or a refusal that says why.
 */
class GeneratedOperationsTest {
  private static final HloComputation SUM = HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32);

  /** Valid operations get other operands. */
  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void strangeOperandsAreRefused(@ForAll long seed) {
    strangeOperands(new Random(seed));
  }

  @Tag("full")
  @Property(tries = 20_000, seed = "7", shrinking = ShrinkingMode.OFF)
  void strangeOperandsAreRefusedAtLength(@ForAll long seed) {
    strangeOperands(new Random(seed));
  }

  /** Operations get strange attributes. */
  @Property(tries = 3_000, shrinking = ShrinkingMode.OFF)
  void strangeAttributesAreRefused(@ForAll long seed) {
    Random random = new Random(seed);
    infer(attributes(random), operands(random, List.of()));
  }

  @Tag("full")
  @Property(tries = 500_000, seed = "9", shrinking = ShrinkingMode.OFF)
  void strangeAttributesAreRefusedAtLength(@ForAll long seed) {
    Random random = new Random(seed);
    infer(attributes(random), operands(random, List.of()));
  }

  private static void strangeOperands(Random random) {
    for (HloOpcode opcode : HloOpcode.values()) {
      HloInstruction root = EveryOp.module(opcode).entry().root();
      List<Shape> shapes =
          operands(random, root.operands().stream().map(HloInstruction::shape).toList());
      infer(root.op(), shapes);
    }
  }

  /** Infers; what can be inferred is a well-formed module, too, or is refused by it. */
  private static void infer(HloOp op, List<Shape> shapes) {
    Shape shape;
    try {
      shape = ShapeInference.infer(op, shapes);
    } catch (LazyTensorException e) {
      assertEquals(false, String.valueOf(e.getMessage()).isBlank());
      return;
    }
    List<HloInstruction> parameters = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      HloOp parameter = new HloOp.Parameter(i, shapes.get(i));
      parameters.add(new HloInstruction(parameter, shapes.get(i), List.of(), Metadata.NONE, null));
    }
    HloInstruction root = new HloInstruction(op, shape, parameters, Metadata.NONE, null);
    try {
      HloComputation entry = HloComputation.of("main", parameters, root);
      HloVerifier.verify(new HloModule("m", entry, List.of(), 2, 1));
    } catch (LazyTensorException e) {
      assertEquals(false, String.valueOf(e.getMessage()).isBlank());
    }
  }

  // ---- operands ---------------------------------------------------------------------------------

  private static List<Shape> operands(Random random, List<Shape> from) {
    List<Shape> out = new ArrayList<>(from);
    int changes = from.isEmpty() ? 1 + random.nextInt(4) : 1 + random.nextInt(2);
    for (int i = 0; i < changes; i++) {
      int at = out.isEmpty() ? 0 : random.nextInt(out.size());
      switch (out.isEmpty() || from.isEmpty() ? 0 : random.nextInt(4)) {
        case 0 -> out.add(at, shape(random));
        case 1 -> out.remove(at);
        case 2 -> out.set(at, shape(random));
        default -> out.set(at, other(random, out.get(at)));
      }
    }
    return List.copyOf(out);
  }

  private static Shape other(Random random, Shape shape) {
    if (!(shape instanceof ArrayShape array) || random.nextInt(6) == 0) {
      return new TupleShape(List.of(shape));
    }
    if (random.nextBoolean() || array.isScalar()) {
      return array.dims().contains(Integer.MAX_VALUE) ? array : array.withDType(type(random));
    }
    int[] dims = array.dims().toArray();
    dims[random.nextInt(dims.length)] = random.nextInt(6);
    return array.withDims(Dims.of(dims));
  }

  private static Shape shape(Random random) {
    return switch (random.nextInt(12)) {
      case 0 -> TokenShape.TOKEN;
      case 1 -> new TupleShape(List.of(array(random), array(random)));
      default -> array(random);
    };
  }

  private static ArrayShape array(Random random) {
    DType type = random.nextBoolean() ? DType.F32 : type(random);
    int[] dims = new int[random.nextInt(5)];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = random.nextInt(50) == 0 ? Integer.MAX_VALUE : random.nextInt(5);
    }
    try {
      return ArrayShape.of(type, dims);
    } catch (LazyTensorException _) {
      return ArrayShape.scalar(type);
    }
  }

  private static DType type(Random random) {
    return DType.values()[random.nextInt(DType.values().length)];
  }

  // ---- attributes -------------------------------------------------------------------------------

  private static int number(Random random) {
    return switch (random.nextInt(30)) {
      case 0 -> Integer.MAX_VALUE;
      case 1 -> Integer.MIN_VALUE;
      case 2 -> -1;
      default -> random.nextInt(4);
    };
  }

  private static Dims dims(Random random) {
    return Dims.of(IntStream.range(0, random.nextInt(5)).map(_ -> number(random)).toArray());
  }

  private static Window window(Random random) {
    List<WindowDimension> dimensions = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      dimensions.add(
          new WindowDimension(
              number(random),
              number(random),
              number(random),
              number(random),
              number(random),
              number(random),
              random.nextBoolean()));
    }
    return new Window(dimensions);
  }

  private static ReplicaGroups groups(Random random) {
    List<Dims> groups = IntStream.range(0, random.nextInt(3)).mapToObj(_ -> dims(random)).toList();
    return new ReplicaGroups(groups, number(random), random.nextBoolean());
  }

  private static HloOp attributes(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> layout(random);
      case 1 -> index(random);
      case 2 -> window(random, window(random));
      case 3 -> library(random);
      case 4 -> control(random);
      default -> collective(random);
    };
  }

  private static HloOp layout(Random random) {
    return switch (random.nextInt(12)) {
      case 0 -> new HloOp.Broadcast(dims(random), dims(random));
      case 1 -> new HloOp.Reshape(dims(random));
      case 2 -> new HloOp.Transpose(dims(random));
      case 3 -> new HloOp.Reverse(dims(random));
      case 4 -> new HloOp.Concatenate(number(random));
      case 5 -> new HloOp.Pad(new PaddingConfig(dims(random), dims(random), dims(random)));
      case 6 -> new HloOp.Iota(array(random), number(random));
      case 7 -> new HloOp.GetTupleElement(number(random));
      case 8 -> new HloOp.GetDimensionSize(number(random));
      case 9 -> new HloOp.BitcastConvert(type(random));
      case 10 -> new HloOp.ReducePrecision(number(random), number(random));
      default -> new HloOp.Reduce(dims(random), SUM);
    };
  }

  private static HloOp index(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> new HloOp.Slice(dims(random), dims(random), dims(random));
      case 1 -> new HloOp.DynamicSlice(dims(random));
      case 2 ->
          new HloOp.Gather(
              new GatherDimensionNumbers(
                  dims(random),
                  dims(random),
                  dims(random),
                  dims(random),
                  dims(random),
                  number(random)),
              dims(random),
              false);
      case 3 ->
          new HloOp.Scatter(
              new ScatterDimensionNumbers(
                  dims(random),
                  dims(random),
                  dims(random),
                  dims(random),
                  dims(random),
                  number(random)),
              SUM,
              false,
              false);
      case 4 ->
          new HloOp.RaggedDot(
              new RaggedDotDimensionNumbers(
                  new DotDimensionNumbers(dims(random), dims(random), dims(random), dims(random)),
                  dims(random),
                  dims(random)),
              type(random));
      default ->
          new HloOp.Dot(
              new DotDimensionNumbers(dims(random), dims(random), dims(random), dims(random)),
              type(random));
    };
  }

  private static HloOp window(Random random, Window window) {
    return switch (random.nextInt(3)) {
      case 0 ->
          new WindowOp.Convolution(
              window,
              new ConvolutionDimensionNumbers(
                  number(random),
                  number(random),
                  dims(random),
                  number(random),
                  number(random),
                  dims(random),
                  number(random),
                  number(random),
                  dims(random)),
              number(random),
              number(random),
              PrecisionConfig.DEFAULT,
              DType.F32);
      case 1 -> new WindowOp.ReduceWindow(window, SUM);
      default -> new WindowOp.SelectAndScatter(window, SUM, SUM);
    };
  }

  private static HloOp library(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> new LibraryOp.BatchNormTraining(0, number(random));
      case 1 -> new LibraryOp.BatchNormInference(0, number(random));
      case 2 -> new LibraryOp.BatchNormGrad(0, number(random));
      case 3 -> new LibraryOp.Fft(FftKind.values()[random.nextInt(4)], dims(random));
      case 4 -> new LibraryOp.Cholesky(true);
      case 5 ->
          new LibraryOp.TriangularSolve(random.nextBoolean(), true, true, Transposition.TRANSPOSE);
      case 6 ->
          new LibraryOp.RngBitGenerator(RandomAlgorithm.values()[random.nextInt(3)], array(random));
      default -> new OrderOp.TopK(number(random), true);
    };
  }

  private static HloOp control(Random random) {
    HloComputation f = Rules.computation(shape(random), shape(random));
    HloComputation g = Rules.computation(shape(random));
    return switch (random.nextInt(7)) {
      case 0 -> new ControlOp.While(f, random.nextBoolean() ? f : g);
      case 1 -> new ControlOp.Conditional(random.nextBoolean() ? List.of(f, g) : List.of());
      case 2 -> new ControlOp.Scan(number(random), true, number(random), Tristate.TRUE, f);
      case 3 -> new ControlOp.Map(random.nextBoolean() ? SUM : f);
      case 4 -> new ControlOp.Fusion("kLoop", random.nextBoolean() ? f : g);
      case 5 -> new OrderOp.Sort(number(random), random.nextBoolean() ? SUM : f, true);
      default -> new HloOp.Call(random.nextBoolean() ? f : g);
    };
  }

  private static HloOp collective(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> new CollectiveOp.AllReduce(SUM, groups(random));
      case 1 -> new CollectiveOp.AllGather(number(random), number(random), groups(random));
      case 2 -> new CollectiveOp.ReduceScatter(number(random), number(random), SUM, groups(random));
      case 3 -> new CollectiveOp.AllToAll(number(random), groups(random));
      case 4 ->
          new CollectiveOp.CollectivePermute(
              List.of(dims(random), Dims.of(number(random), number(random))), number(random));
      default -> new CollectiveOp.CollectiveBroadcast(groups(random));
    };
  }
}
