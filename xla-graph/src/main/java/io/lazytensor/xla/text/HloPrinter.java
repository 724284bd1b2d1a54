package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.SourceLine;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes modules as HLO text, in the syntax XLA's own tools read and write. {@link HloParser} reads
 * it back as an equal module, whose text is the same again.
 *
 * <p>Instructions keep the names they were read with; recorded ones are called by opcode and
 * number.
 *
 * <p>Source: XLA {@code xla/hlo/ir/hlo_module.cc}, {@code hlo_computation.cc}, {@code
 * hlo_instruction.cc}.
 */
public final class HloPrinter {
  private static final long MOST_SHORT_ELEMENTS = 10;

  private final StringBuilder out = new StringBuilder();
  private final HloNames names;
  private final boolean elide;
  private Map<HloInstruction, String> instructions = Map.of();

  private HloPrinter(HloModule module, boolean elide) {
    this.names = new HloNames(module);
    this.elide = elide;
  }

  /**
   * Returns the text of a module, called computations before those that call them.
   *
   * @throws io.lazytensor.xla.ir.UnsupportedException for an empty literal that XLA's syntax writes
   *     as millions of braces
   */
  public static String print(HloModule module) {
    return new HloPrinter(module, false).module(module);
  }

  /**
   * Returns the text of a module with <code>{...}</code> in place of constants of more than ten
   * elements: for people, nobody reads it back.
   */
  public static String printElided(HloModule module) {
    return new HloPrinter(module, true).module(module);
  }

  private String module(HloModule module) {
    out.append("HloModule ").append(HloNames.legal(module.name()));
    if (!module.aliases().isEmpty()) {
      boolean tuple = module.entry().root().shape() instanceof TupleShape;
      out.append(
          module.aliases().stream()
              .map(alias -> alias(alias, tuple))
              .collect(Collectors.joining(", ", ", input_output_alias={ ", " }")));
    }
    out.append(", entry_computation_layout={(")
        .append(
            ShapeText.indexed(
                module.parameterShapes().stream().map(ShapeText::withLayout).toList()))
        .append(")->")
        .append(ShapeText.withLayout(module.entry().root().shape()))
        .append('}');
    if (module.replicas() != 1) {
      out.append(", replica_count=").append(module.replicas());
    }
    if (module.partitions() != 1) {
      out.append(", num_partitions=").append(module.partitions());
    }
    out.append('\n');
    for (HloComputation computation : names.computations()) {
      out.append('\n').append(computation == module.entry() ? "ENTRY " : "");
      computation(computation);
    }
    return out.toString();
  }

  private static String alias(InputOutputAlias alias, boolean tuple) {
    return "{%s}: (%d, {}, %s)"
        .formatted(
            tuple ? alias.output() : "",
            alias.parameter(),
            alias.must() ? "must-alias" : "may-alias");
  }

  private void computation(HloComputation computation) {
    instructions = names.instructionsOf(computation);
    out.append('%').append(names.of(computation)).append(" (");
    out.append(
        computation.parameters().stream()
            .map(p -> name(p) + ": " + ShapeText.plain(p.shape()))
            .collect(Collectors.joining(", ")));
    out.append(") -> ").append(ShapeText.plain(computation.root().shape())).append(" {\n");
    for (HloInstruction instruction : computation.instructions()) {
      out.append(instruction == computation.root() ? "  ROOT %" : "  %");
      instruction(instruction);
      out.append('\n');
    }
    out.append("}\n");
  }

  private String name(HloInstruction x) {
    return instructions.getOrDefault(x, "?");
  }

  private void instruction(HloInstruction x) {
    out.append(name(x)).append(" = ");
    out.append(ShapeText.withLayout(x.shape(), resultLayouts(x))).append(' ');
    out.append(x.op().opcode()).append('(').append(operands(x)).append(')');
    for (String attribute : attributes(x)) {
      out.append(", ").append(attribute);
    }
  }

  private static Iterator<Dims> resultLayouts(HloInstruction x) {
    if (!(x.op() instanceof ControlOp.CustomCall call) || call.layouts().isEmpty()) {
      return Collections.emptyIterator();
    }
    int ofOperands = x.operands().stream().mapToInt(o -> ShapeText.arrays(o.shape())).sum();
    return call.layouts().stream().skip(ofOperands).iterator();
  }

  private String operands(HloInstruction x) {
    return switch (x.op()) {
      case HloOp.Parameter(int number, Shape _) -> Integer.toString(number);
      case HloOp.Constant(Literal literal) ->
          elide && literal.shape().elementCount() > MOST_SHORT_ELEMENTS
              ? "{...}"
              : LiteralText.of(literal);
      default -> ShapeText.indexed(x.operands().stream().map(o -> "%" + name(o)).toList());
    };
  }

  private List<String> attributes(HloInstruction x) {
    List<String> parts = new ArrayList<>(AttributeText.of(x, names));
    // XLA has two spellings of the branches; the index decides.
    if (x.op() instanceof ControlOp.Conditional conditional
        && conditional.branches().size() == 2
        && !x.operands().isEmpty()
        && x.operand(0).shape().equals(ArrayShape.scalar(DType.PRED))) {
      parts.clear();
      parts.add("true_computation=%" + names.of(conditional.branches().get(0)));
      parts.add("false_computation=%" + names.of(conditional.branches().get(1)));
    }
    metadata(x.metadata(), parts);
    if (x.op() instanceof ControlOp.CustomCall call && !call.backendConfig().isEmpty()) {
      parts.add("backend_config=" + BackendConfigText.of(call.backendConfig()));
    }
    return parts;
  }

  private static void metadata(Metadata metadata, List<String> parts) {
    List<String> fields = new ArrayList<>();
    if (!metadata.opName().isEmpty()) {
      fields.add("op_name=" + Quoted.text(metadata.opName()));
    }
    SourceLine source = metadata.source();
    if (!source.fileName().isEmpty()) {
      fields.add("source_file=" + Quoted.text(source.fileName()));
    }
    if (source.line() > 0) {
      fields.add("source_line=" + source.line());
    }
    if (!fields.isEmpty()) {
      parts.add("metadata={" + String.join(" ", fields) + "}");
    }
  }
}
