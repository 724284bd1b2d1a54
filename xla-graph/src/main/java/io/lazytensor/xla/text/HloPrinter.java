package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.SourceLine;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes modules as HLO text, in the syntax XLA's own tools read and write. Equal modules give
 * equal text.
 *
 * <p>Source: XLA {@code xla/hlo/ir/hlo_instruction.cc} and {@code xla/hlo/parser/hlo_parser.cc}.
 */
public final class HloPrinter {
  private final StringBuilder out = new StringBuilder();
  private final Map<HloComputation, String> computations = new HashMap<>();
  private final Set<String> computationNames = new HashSet<>();
  private final Map<HloInstruction, String> names = new IdentityHashMap<>();
  private int serial;

  private HloPrinter() {}

  /** Returns the text of a module, called computations before those that call them. */
  public static String print(HloModule module) {
    HloPrinter printer = new HloPrinter();
    printer.module(module);
    return printer.out.toString();
  }

  private void module(HloModule module) {
    out.append("HloModule ").append(identifier(module.name()));
    if (!module.aliases().isEmpty()) {
      out.append(
          module.aliases().stream()
              .map(HloPrinter::alias)
              .collect(Collectors.joining(", ", ", input_output_alias={ ", " }")));
    }
    out.append(", entry_computation_layout={(")
        .append(join(module.parameterShapes()))
        .append(")->")
        .append(shape(module.entry().root().shape()))
        .append("}\n");
    for (HloComputation computation : calledFirst(module.entry())) {
      String base = identifier(computation.name());
      String name = base;
      for (int i = 1; !computationNames.add(name); i++) {
        name = base + "." + i;
      }
      computations.put(computation, name);
      boolean entry = computation == module.entry();
      out.append('\n').append(entry ? "ENTRY " : "");
      computation(computation, name);
    }
  }

  private static String alias(InputOutputAlias alias) {
    return "{%d}: (%d, {}, may-alias)".formatted(alias.output(), alias.parameter());
  }

  /** Returns a computation and all it calls, each once, what is called first. */
  private static List<HloComputation> calledFirst(HloComputation entry) {
    List<HloComputation> order = new ArrayList<>();
    Set<HloComputation> opened = new HashSet<>();
    Set<HloComputation> done = new HashSet<>();
    ArrayDeque<HloComputation> stack = new ArrayDeque<>();
    stack.push(entry);
    while (!stack.isEmpty()) {
      HloComputation top = stack.peek();
      if (opened.add(top)) {
        for (HloInstruction instruction : top.instructions()) {
          instruction.op().called().stream().filter(c -> !opened.contains(c)).forEach(stack::push);
        }
      } else {
        stack.pop();
        if (done.add(top)) {
          order.add(top);
        }
      }
    }
    return order;
  }

  private void computation(HloComputation computation, String name) {
    for (HloInstruction instruction : computation.instructions()) {
      names.put(instruction, instruction.op().opcode() + "." + ++serial);
    }
    out.append('%').append(name).append(" (");
    out.append(
        computation.parameters().stream()
            .map(parameter -> name(parameter) + ": " + shapeWithoutLayout(parameter.shape()))
            .collect(Collectors.joining(", ")));
    out.append(") -> ").append(shapeWithoutLayout(computation.root().shape())).append(" {\n");
    for (HloInstruction instruction : computation.instructions()) {
      out.append(instruction == computation.root() ? "  ROOT %" : "  %");
      instruction(instruction);
      out.append('\n');
    }
    out.append("}\n");
  }

  private String name(HloInstruction instruction) {
    return names.getOrDefault(instruction, "?");
  }

  private void instruction(HloInstruction x) {
    out.append(name(x)).append(" = ").append(shape(x.shape())).append(' ');
    out.append(x.op().opcode()).append('(').append(operands(x)).append(')');
    String attributes = attributes(x.op());
    if (!attributes.isEmpty()) {
      out.append(", ").append(attributes);
    }
    out.append(metadata(x.metadata()));
  }

  private String operands(HloInstruction x) {
    return switch (x.op()) {
      case HloOp.Parameter(int number, Shape _) -> Integer.toString(number);
      case HloOp.Constant constant -> LiteralText.of(constant.literal());
      default -> x.operands().stream().map(o -> "%" + name(o)).collect(Collectors.joining(", "));
    };
  }

  private String attributes(HloOp op) {
    return switch (op) {
      case HloOp.Iota iota -> "iota_dimension=" + iota.dimension();
      case HloOp.Compare compare ->
          "direction=" + compare.direction() + (compare.totalOrder() ? ", type=TOTALORDER" : "");
      case HloOp.Broadcast broadcast -> "dimensions={" + broadcast.dimensions() + "}";
      case HloOp.Transpose transpose -> "dimensions={" + transpose.permutation() + "}";
      case HloOp.Reverse reverse -> "dimensions={" + reverse.dimensions() + "}";
      case HloOp.Concatenate concatenate -> "dimensions={" + concatenate.dimension() + "}";
      case HloOp.Slice slice -> slice(slice);
      case HloOp.DynamicSlice slice -> "dynamic_slice_sizes={" + slice.sizes() + "}";
      case HloOp.Pad pad -> "padding=" + padding(pad.padding());
      case HloOp.Gather gather -> gather(gather);
      case HloOp.Scatter scatter -> scatter(scatter);
      case HloOp.Reduce reduce ->
          "dimensions={" + reduce.dimensions() + "}, " + toApply(reduce.reducer());
      case HloOp.Dot dot -> dot(dot.dimensionNumbers());
      case HloOp.GetTupleElement(int index) -> "index=" + index;
      case HloOp.Call(HloComputation computation) -> toApply(computation);
      case HloOp.Complex _,
          HloOp.Real _,
          HloOp.Imag _,
          HloOp.ReducePrecision _,
          HloOp.StochasticConvert _,
          HloOp.GetDimensionSize _,
          WindowOp _,
          OrderOp _,
          LibraryOp _,
          ControlOp _,
          CollectiveOp _ ->
          throw new UnsupportedException(op.opcode() + " is not printed yet");
      case HloOp.Parameter _,
          HloOp.Constant _,
          HloOp.Unary _,
          HloOp.Binary _,
          HloOp.IsFinite _,
          HloOp.Select _,
          HloOp.Clamp _,
          HloOp.Convert _,
          HloOp.BitcastConvert _,
          HloOp.Reshape _,
          HloOp.DynamicUpdateSlice _,
          HloOp.Tuple _ ->
          "";
    };
  }

  private String toApply(HloComputation computation) {
    return "to_apply=%" + computations.get(computation);
  }

  private static String slice(HloOp.Slice op) {
    List<String> ranges = new ArrayList<>();
    for (int i = 0; i < op.start().size(); i++) {
      int stride = op.stride().get(i);
      ranges.add(
          "[%d:%d%s]"
              .formatted(op.start().get(i), op.limit().get(i), stride == 1 ? "" : ":" + stride));
    }
    return "slice={" + String.join(", ", ranges) + "}";
  }

  private static String padding(PaddingConfig padding) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < padding.low().size(); i++) {
      int interior = padding.interior().get(i);
      parts.add(
          padding.low().get(i)
              + "_"
              + padding.high().get(i)
              + (interior == 0 ? "" : "_" + interior));
    }
    return String.join("x", parts);
  }

  private static String gather(HloOp.Gather op) {
    GatherDimensionNumbers n = op.dimensionNumbers();
    String batching =
        n.operandBatchingDims().isEmpty()
            ? ""
            : "operand_batching_dims={%s}, start_indices_batching_dims={%s}, "
                .formatted(n.operandBatchingDims(), n.startIndicesBatchingDims());
    return "offset_dims={%s}, collapsed_slice_dims={%s}, start_index_map={%s}, %sindex_vector_dim=%d, slice_sizes={%s}%s"
        .formatted(
            n.offsetDims(),
            n.collapsedSliceDims(),
            n.startIndexMap(),
            batching,
            n.indexVectorDim(),
            op.sliceSizes(),
            op.indicesAreSorted() ? ", indices_are_sorted=true" : "");
  }

  private String scatter(HloOp.Scatter op) {
    ScatterDimensionNumbers n = op.dimensionNumbers();
    String batching =
        n.inputBatchingDims().isEmpty()
            ? ""
            : "input_batching_dims={%s}, scatter_indices_batching_dims={%s}, "
                .formatted(n.inputBatchingDims(), n.scatterIndicesBatchingDims());
    return "update_window_dims={%s}, inserted_window_dims={%s}, scatter_dims_to_operand_dims={%s}, %sindex_vector_dim=%d%s%s, %s"
        .formatted(
            n.updateWindowDims(),
            n.insertedWindowDims(),
            n.scatterDimsToOperandDims(),
            batching,
            n.indexVectorDim(),
            op.indicesAreSorted() ? ", indices_are_sorted=true" : "",
            op.uniqueIndices() ? ", unique_indices=true" : "",
            toApply(op.combiner()));
  }

  private static String dot(DotDimensionNumbers n) {
    String batch =
        n.lhsBatch().isEmpty()
            ? ""
            : "lhs_batch_dims={%s}, rhs_batch_dims={%s}, ".formatted(n.lhsBatch(), n.rhsBatch());
    return "%slhs_contracting_dims={%s}, rhs_contracting_dims={%s}"
        .formatted(batch, n.lhsContracting(), n.rhsContracting());
  }

  private static String metadata(Metadata metadata) {
    List<String> parts = new ArrayList<>();
    if (!metadata.opName().isEmpty()) {
      parts.add("op_name=\"" + escape(metadata.opName()) + "\"");
    }
    if (!metadata.source().equals(SourceLine.UNKNOWN)) {
      parts.add("source_file=\"" + escape(metadata.source().fileName()) + "\"");
      parts.add("source_line=" + metadata.source().line());
    }
    return parts.isEmpty() ? "" : ", metadata={" + String.join(" ", parts) + "}";
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  private static String identifier(String name) {
    String safe = name.replaceAll("[^A-Za-z0-9_.-]", "_");
    return safe.isEmpty() || !Character.isLetter(safe.charAt(0)) ? "_" + safe : safe;
  }

  private static String join(List<Shape> shapes) {
    return shapes.stream().map(HloPrinter::shape).collect(Collectors.joining(", "));
  }

  /** Returns a shape with its layout: {@code f32[2,3]{1,0}}. */
  private static String shape(Shape shape) {
    return switch (shape) {
      case ArrayShape array -> {
        StringBuilder layout = new StringBuilder();
        for (int d = array.rank() - 1; d >= 0; d--) {
          layout.append(d).append(d == 0 ? "" : ",");
        }
        yield array + (array.rank() == 0 ? "" : "{" + layout + "}");
      }
      case TupleShape(List<Shape> elements) -> "(" + join(elements) + ")";
      case TokenShape token -> token.toString();
    };
  }

  private static String shapeWithoutLayout(Shape shape) {
    return switch (shape) {
      case ArrayShape array -> array.toString();
      case TupleShape(List<Shape> elements) ->
          elements.stream()
              .map(HloPrinter::shapeWithoutLayout)
              .collect(Collectors.joining(", ", "(", ")"));
      case TokenShape token -> token.toString();
    };
  }
}
