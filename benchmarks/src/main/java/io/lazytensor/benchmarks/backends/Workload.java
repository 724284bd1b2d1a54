package io.lazytensor.benchmarks.backends;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.PrecisionConfig;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.List;

/** What is measured on each device. */
public enum Workload {
  /** One addition of scalars: nothing but what an execution costs. */
  EXECUTE("execute (add of two scalars)", true) {
    @Override
    HloInstruction root(Graph g) {
      return g.builder.plus(g.parameter(), g.parameter());
    }
  },
  /** A small product. */
  DOT_64("dot f32 64×64 · 64×64", true) {
    @Override
    HloInstruction root(Graph g) {
      return g.square(64);
    }
  },
  /** A middle product. */
  DOT_256("dot f32 256×256 · 256×256", false) {
    @Override
    HloInstruction root(Graph g) {
      return g.square(256);
    }
  },
  /** A large product. */
  DOT_1024("dot f32 1024×1024 · 1024×1024", false) {
    @Override
    HloInstruction root(Graph g) {
      return g.square(1024);
    }
  },
  /** Softmax of rows. */
  SOFTMAX("softmax f32 256×1024", true) {
    @Override
    HloInstruction root(Graph g) {
      HloInstruction x = g.parameter(256, 1024);
      HloInstruction e =
          g.builder.unary(UnaryKind.EXPONENTIAL, g.builder.minus(x, g.rows(g.largest(x), 1024)));
      return g.builder.over(e, g.rows(g.builder.sum(e, Dims.of(1)), 1024));
    }
  },
  /** Layer normalization of rows. */
  LAYER_NORM("layer norm f32 256×1024", true) {
    @Override
    HloInstruction root(Graph g) {
      HloInstruction x = g.parameter(256, 1024);
      HloInstruction mean = g.builder.times(g.builder.sum(x, Dims.of(1)), 1.0 / 1024);
      HloInstruction centred = g.builder.minus(x, g.rows(mean, 1024));
      HloInstruction squares = g.builder.times(centred, centred);
      HloInstruction variance = g.builder.times(g.builder.sum(squares, Dims.of(1)), 1.0 / 1024);
      HloInstruction scale =
          g.builder.unary(
              UnaryKind.RSQRT, g.builder.plus(variance, g.builder.filledLike(variance, 1e-5)));
      return g.builder.times(centred, g.rows(scale, 1024));
    }
  },
  /** A 3×3 convolution. */
  CONVOLUTION("convolution f32 8×32×32×32, 32 kernels 3×3", false) {
    @Override
    HloInstruction root(Graph g) {
      Window window =
          Window.of(
              new WindowDimension(3, 1, 1, 1, 1, 1, false),
              new WindowDimension(3, 1, 1, 1, 1, 1, false));
      return g.builder.add(
          new WindowOp.Convolution(
              window,
              new ConvolutionDimensionNumbers(
                  0, 1, Dims.of(2, 3), 1, 0, Dims.of(2, 3), 0, 1, Dims.of(2, 3)),
              1,
              1,
              PrecisionConfig.DEFAULT,
              DType.F32),
          g.parameter(8, 32, 32, 32),
          g.parameter(32, 32, 3, 3));
    }
  },
  /** A sum of rows. */
  REDUCE("reduce (sum of rows) f32 1024×1024", true) {
    @Override
    HloInstruction root(Graph g) {
      return g.builder.sum(g.parameter(1024, 1024), Dims.of(1));
    }
  },
  /** A sort. */
  SORT("sort f32 65536", true) {
    @Override
    HloInstruction root(Graph g) {
      return g.builder.add(new OrderOp.Sort(0, comparator(), false), g.parameter(65_536));
    }
  };

  private final String title;
  private final boolean evaluated;

  Workload(String title, boolean evaluated) {
    this.title = title;
    this.evaluated = evaluated;
  }

  /** Returns what it is, for people. */
  public String title() {
    return title;
  }

  /** Returns whether the evaluator does it in a time worth waiting for. */
  public boolean isEvaluated() {
    return evaluated;
  }

  /** Returns the module. */
  public HloModule module() {
    Graph graph = new Graph();
    HloInstruction root = graph.builder.add(new HloOp.Tuple(), root(graph));
    return new HloModule(name(), HloComputation.of("main", graph.parameters, root), List.of());
  }

  abstract HloInstruction root(Graph graph);

  private static HloComputation comparator() {
    Graph g = new Graph();
    HloInstruction a = g.parameter();
    return HloComputation.of(
        "less", g.parameters, g.builder.compare(ComparisonDirection.LT, a, g.parameter()));
  }

  /** A graph in the making. */
  static final class Graph {
    private final HloBuilder builder = new HloBuilder();
    private final List<HloInstruction> parameters = new ArrayList<>();

    HloInstruction parameter(int... dims) {
      HloInstruction parameter =
          builder.add(new HloOp.Parameter(parameters.size(), ArrayShape.of(DType.F32, dims)));
      parameters.add(parameter);
      return parameter;
    }

    HloInstruction square(int n) {
      return builder.add(
          new HloOp.Dot(
              new DotDimensionNumbers(Dims.of(1), Dims.of(0), Dims.of(), Dims.of()), DType.F32),
          parameter(n, n),
          parameter(n, n));
    }

    HloInstruction largest(HloInstruction x) {
      return builder.add(
          new HloOp.Reduce(Dims.of(1), HloBuilder.scalarFunction(BinaryKind.MAXIMUM, DType.F32)),
          x,
          builder.constant(DType.F32, Double.NEGATIVE_INFINITY));
    }

    /** Repeats a value a row. */
    HloInstruction rows(HloInstruction x, int columns) {
      return builder.add(
          new HloOp.Broadcast(Dims.of(x.arrayShape().dim(0), columns), Dims.of(0)), x);
    }
  }
}
