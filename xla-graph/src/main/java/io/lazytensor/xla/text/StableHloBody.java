package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Writes the operations of one function, with the computations they call as regions. */
final class StableHloBody {
  private static final int DEEPEST = 200;
  private static final int MOST_CHARACTERS = 1 << 29;

  private final StringBuilder out;
  private final Function<HloComputation, String> symbol;
  private final HloModule module;
  private int serial;
  private int depth = 1;

  /**
   * Creates a body.
   *
   * @param symbol returns the function of a computation
   */
  StableHloBody(StringBuilder out, Function<HloComputation, String> symbol, HloModule module) {
    this.out = out;
    this.symbol = symbol;
    this.module = module;
  }

  private record Region(
      HloComputation computation, List<StableHloValue> arguments, boolean bound) {}

  /** Writes a computation's instructions, and what ends them. */
  void computation(HloComputation computation, List<StableHloValue> arguments, String terminator) {
    if (++depth > DEEPEST) {
      throw new UnsupportedException("StableHLO regions nest deeper than " + DEEPEST);
    }
    Map<HloInstruction, List<StableHloValue>> values = new IdentityHashMap<>();
    int next = 0;
    for (HloInstruction parameter : computation.parameters()) {
      int count = StableHloPrinter.leaves(parameter.shape()).size();
      values.put(parameter, arguments.subList(next, next + count));
      next += count;
    }
    for (HloInstruction instruction : computation.instructions()) {
      if (!(instruction.op() instanceof HloOp.Parameter)) {
        List<List<StableHloValue>> operands = new ArrayList<>();
        instruction.operands().forEach(o -> operands.add(values.getOrDefault(o, List.of())));
        values.put(instruction, instruction(instruction, operands));
        if (out.length() > MOST_CHARACTERS) {
          throw new UnsupportedException(
              "the module is too large as StableHLO, where computations are repeated");
        }
      }
    }
    List<StableHloValue> results = values.getOrDefault(computation.root(), List.of());
    indent().append('"').append(terminator).append("\"(").append(names(results)).append(") : ");
    out.append(types(results)).append(" -> ()\n");
    depth--;
  }

  private StringBuilder indent() {
    return out.repeat("  ", depth);
  }

  private static String names(List<StableHloValue> values) {
    return values.stream().map(StableHloValue::name).collect(Collectors.joining(", "));
  }

  private static String types(List<StableHloValue> values) {
    return MlirText.types(values.stream().map(StableHloValue::shape).toList());
  }

  private List<StableHloValue> instruction(HloInstruction x, List<List<StableHloValue>> operands) {
    List<StableHloValue> all = operands.stream().flatMap(List::stream).toList();
    return switch (x.op()) {
      case HloOp.Tuple _ -> all;
      case HloOp.GetTupleElement(int index) -> element(x, index, operands.get(0));
      case HloOp.Unary(UnaryKind kind) when kind == UnaryKind.COPY -> all;
      case HloOp.Call(HloComputation computation) -> call(x, computation, all);
      case ControlOp.Fusion(String _, HloComputation computation) -> call(x, computation, all);
      case ControlOp.Conditional conditional -> conditional(x, conditional, operands);
      case ControlOp.While loop ->
          emit(
              "stablehlo.while",
              all,
              List.of(region(loop.condition()), region(loop.body())),
              List.of(),
              x.shape());
      // A barrier keeps the first operand behind the token.
      case ControlOp.AddDependency _ ->
          emit(
                  "stablehlo.optimization_barrier",
                  all,
                  List.of(),
                  List.of(),
                  new TupleShape(all.stream().map(StableHloValue::shape).toList()))
              .subList(0, operands.get(0).size());
      case HloOp.Parameter _ -> throw new IllegalStateException("parameters are arguments");
      default ->
          emit(
              StableHloNames.of(x.op()),
              all,
              x.op() instanceof ControlOp.CustomCall
                  ? List.of()
                  : x.op().called().stream().map(this::region).toList(),
              attributes(x),
              x.shape());
    };
  }

  private static List<StableHloValue> element(
      HloInstruction x, int index, List<StableHloValue> tuple) {
    int from = 0;
    if (x.operand(0).shape() instanceof TupleShape(List<Shape> elements)
        && index < elements.size()) {
      for (int i = 0; i < index; i++) {
        from += StableHloPrinter.leaves(elements.get(i)).size();
      }
    }
    return tuple.subList(from, from + StableHloPrinter.leaves(x.shape()).size());
  }

  private List<StableHloValue> call(
      HloInstruction x, HloComputation computation, List<StableHloValue> operands) {
    List<String> callee = List.of("callee = " + symbol.apply(computation));
    return emit("func.call", operands, List.of(), callee, x.shape());
  }

  /** Writes a choice, whose regions have no arguments but use the values around them. */
  private List<StableHloValue> conditional(
      HloInstruction x, ControlOp.Conditional op, List<List<StableHloValue>> operands) {
    List<Region> regions = new ArrayList<>();
    for (int i = 0; i < op.branches().size(); i++) {
      regions.add(new Region(op.branches().get(i), operands.get(i + 1), true));
    }
    boolean predicated = x.operand(0).shape().equals(ArrayShape.scalar(DType.PRED));
    return emit(
        predicated ? "stablehlo.if" : "stablehlo.case",
        operands.get(0),
        regions,
        List.of(),
        x.shape());
  }

  private Region region(HloComputation computation) {
    List<StableHloValue> arguments = new ArrayList<>();
    for (HloInstruction parameter : computation.parameters()) {
      for (Shape leaf : StableHloPrinter.leaves(parameter.shape())) {
        arguments.add(new StableHloValue("%" + serial++, leaf));
      }
    }
    return new Region(computation, arguments, false);
  }

  private List<String> attributes(HloInstruction x) {
    StableHloAttributes attributes = new StableHloAttributes(x, module);
    if (x.op() instanceof ControlOp.CustomCall call && !call.computations().isEmpty()) {
      attributes.add(
          "called_computations",
          call.computations().stream().map(symbol).collect(Collectors.joining(", ", "[", "]")));
    }
    return attributes.list();
  }

  private List<StableHloValue> emit(
      String name,
      List<StableHloValue> operands,
      List<Region> regions,
      List<String> attributes,
      Shape result) {
    List<Shape> leaves = StableHloPrinter.leaves(result);
    List<StableHloValue> results = new ArrayList<>();
    String base = "%" + serial++;
    for (int i = 0; i < leaves.size(); i++) {
      results.add(new StableHloValue(leaves.size() == 1 ? base : base + "#" + i, leaves.get(i)));
    }
    indent();
    if (!leaves.isEmpty()) {
      out.append(base).append(leaves.size() == 1 ? "" : ":" + leaves.size()).append(" = ");
    }
    out.append('"').append(name).append("\"(").append(names(operands)).append(')');
    for (int i = 0; i < regions.size(); i++) {
      out.append(i == 0 ? " (" : ", ");
      region(regions.get(i));
    }
    out.append(regions.isEmpty() ? "" : ")");
    if (!attributes.isEmpty()) {
      out.append(" {").append(String.join(", ", attributes)).append('}');
    }
    out.append(" : ").append(types(operands)).append(" -> ");
    out.append(leaves.size() == 1 ? MlirText.type(leaves.get(0)) : MlirText.types(leaves));
    out.append('\n');
    return results;
  }

  private void region(Region region) {
    out.append("{\n");
    if (!region.bound()) {
      indent().append("^bb0(");
      out.append(
              region.arguments().stream()
                  .map(a -> a.name() + ": " + MlirText.type(a.shape()))
                  .collect(Collectors.joining(", ")))
          .append("):\n");
    }
    computation(region.computation(), region.arguments(), "stablehlo.return");
    indent().append('}');
  }
}
