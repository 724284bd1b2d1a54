package io.lazytensor.cli.hlo;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.WindowOp;
import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What a module consists of. Each computation counts once, however often it is called. */
final class ModuleStatistics {
  private final HloModule module;
  private final Map<HloOpcode, Integer> opcodes = new EnumMap<>(HloOpcode.class);
  private final Set<DType> types = EnumSet.noneOf(DType.class);
  private int instructions;
  private int computations;
  private int collectives;
  private long constantBytes;
  private double products;

  private ModuleStatistics(HloModule module) {
    this.module = module;
  }

  static ModuleStatistics of(HloModule module) {
    ModuleStatistics out = new ModuleStatistics(module);
    Set<HloComputation> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<HloComputation> open = new ArrayDeque<>(List.of(module.entry()));
    while (!open.isEmpty()) {
      HloComputation computation = open.remove();
      if (seen.add(computation)) {
        out.computations++;
        for (HloInstruction instruction : computation.instructions()) {
          out.count(instruction);
          open.addAll(instruction.op().called());
        }
      }
    }
    return out;
  }

  int instructions() {
    return instructions;
  }

  int computations() {
    return computations;
  }

  private void count(HloInstruction x) {
    instructions++;
    opcodes.merge(x.op().code(), 1, Integer::sum);
    addTypes(x.shape());
    if (x.op() instanceof CollectiveOp) {
      collectives++;
    }
    if (x.op() instanceof HloOp.Constant(Literal literal)) {
      constantBytes += literal.shape().byteSize();
    }
    products += products(x);
  }

  private void addTypes(Shape shape) {
    if (shape instanceof ArrayShape array) {
      types.add(array.dtype());
    } else if (shape instanceof TupleShape(List<Shape> elements)) {
      elements.forEach(this::addTypes);
    }
  }

  /**
   * Returns the multiplications of a dot, ragged-dot or convolution, at most; 0 for everything
   * else.
   */
  private static double products(HloInstruction x) {
    if (x.op() instanceof HloOp.Dot dot) {
      return contracted(x, dot.dimensionNumbers()) * x.arrayShape().elementCount();
    }
    if (x.op() instanceof HloOp.RaggedDot dot) {
      boolean shared = dot.dimensionNumbers().mode() == RaggedDotDimensionNumbers.Mode.CONTRACTING;
      int groups = shared ? Math.max(1, x.arrayShape().dim(0)) : 1;
      return contracted(x, dot.dimensionNumbers().dot()) * x.arrayShape().elementCount() / groups;
    }
    if (x.op() instanceof WindowOp.Convolution convolution) {
      ArrayShape kernel = x.operand(1).arrayShape();
      int outputs = kernel.dim(convolution.dimensionNumbers().kernelOutputFeature());
      return outputs == 0
          ? 0
          : (double) kernel.elementCount() / outputs * x.arrayShape().elementCount();
    }
    return 0;
  }

  private static double contracted(HloInstruction x, DotDimensionNumbers numbers) {
    return numbers.lhsContracting().stream()
        .mapToDouble(d -> x.operand(0).arrayShape().dim(d))
        .reduce(1, (a, b) -> a * b);
  }

  private static long bytes(List<Shape> shapes) {
    return shapes.stream().mapToLong(Shape::byteSize).sum();
  }

  void print(PrintWriter out) {
    List<Shape> parameters = module.parameterShapes();
    List<Shape> results = module.outputShapes();
    out.printf(Locale.ROOT, "module        %s%n", module.name());
    out.printf(Locale.ROOT, "computations  %d%n", computations);
    out.printf(Locale.ROOT, "instructions  %d%n", instructions);
    out.printf(Locale.ROOT, "parameters    %d, %,d bytes%n", parameters.size(), bytes(parameters));
    out.printf(Locale.ROOT, "results       %d, %,d bytes%n", results.size(), bytes(results));
    out.printf(Locale.ROOT, "donated       %d%n", module.aliases().size());
    out.printf(Locale.ROOT, "constants     %,d bytes%n", constantBytes);
    out.printf(
        Locale.ROOT, "replicas      %d, partitions %d%n", module.replicas(), module.partitions());
    out.printf(Locale.ROOT, "collectives   %d%n", collectives);
    out.printf(
        Locale.ROOT, "products      %.4g multiplications in dot and convolution%n", products);
    out.printf(
        Locale.ROOT,
        "types         %s%n",
        String.join(" ", types.stream().map(DType::hloName).toList()));
    out.println("opcodes");
    opcodes.entrySet().stream()
        .sorted(
            Map.Entry.<HloOpcode, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(entry ->
            out.printf(Locale.ROOT, "  %7d %s%n", entry.getValue(), entry.getKey().hloName()));
  }
}
