package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloFormatException;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads modules from HLO text, as {@link HloPrinter}, XLA's tools and JAX's {@code as_text} write
 * it. The head of the module may be missing; so may {@code %}, signatures, shapes of operands and
 * shapes that follow from operands. A computation without {@code ROOT} returns its last
 * instruction. What is called comes before its callers, as in XLA.
 *
 * <p>Instructions keep names, order and declared shapes, also those nobody uses. Layouts,
 * shardings, schedules and backend configurations of anything but custom calls are read and
 * forgotten.
 *
 * <p>This checks syntax, not meaning: {@code HloVerifier} says whether operands fit, and whether
 * declared shapes are those that follow. Reading takes time and memory in proportion to the text.
 *
 * <p>Source: XLA {@code xla/hlo/parser/hlo_parser.cc}.
 */
public final class HloParser {
  private final HloLexer lexer;
  private final ShapeReader shapes;
  private final MetadataReader metadata;

  private String name = "";
  private int replicas = 1;
  private int partitions = 1;
  private List<Alias> aliases = List.of();
  private @Nullable Layout layout;

  private record Alias(int position, List<Integer> output, int parameter, boolean must) {}

  private record Layout(int position, List<Shape> parameters, Shape result) {}

  private HloParser(String text) {
    this.lexer = new HloLexer(text);
    this.shapes = new ShapeReader(lexer);
    this.metadata = new MetadataReader(lexer);
  }

  /**
   * Reads a module.
   *
   * @throws HloFormatException if the text is no HLO module, with line and column
   * @throws io.lazytensor.xla.ir.UnsupportedException if it contains what this library does not do:
   *     an unknown operation, dynamic dimensions, constants that were left out
   */
  public static HloModule parse(String text) {
    return new HloParser(text).module();
  }

  private HloModule module() {
    boolean headed = lexer.peekName().equals("HloModule");
    if (headed) {
      lexer.name("HloModule");
      name = lexer.name("the module's name");
      lexer.eat(':');
      header();
      metadata.readTables();
    }
    ComputationReader computations = new ComputationReader(lexer, shapes, metadata);
    HloComputation last = null;
    HloComputation entry = null;
    do {
      int from = lexer.position();
      boolean isEntry = lexer.peekName().equals("ENTRY");
      if (isEntry) {
        lexer.name("ENTRY");
        if (entry != null) {
          throw lexer.error(from, "there are two ENTRY computations");
        }
      }
      last = computations.read();
      entry = isEntry ? last : entry;
    } while (!lexer.atEnd());
    HloComputation main = entry == null ? last : entry;
    requireLayout(main);
    return new HloModule(
        headed ? name : "module_" + main.name(), main, aliases(main), replicas, partitions);
  }

  private void header() {
    Set<String> seen = new HashSet<>();
    while (lexer.eat(',')) {
      int from = lexer.position();
      String attribute = lexer.name("an attribute of the module");
      lexer.expect('=', "after " + attribute);
      if (!seen.add(attribute)) {
        throw lexer.error(from, attribute + " is given twice");
      }
      switch (attribute) {
        case "input_output_alias" -> readAliases();
        case "entry_computation_layout" -> readLayout();
        case "replica_count" -> replicas = count(attribute);
        case "num_partitions" -> partitions = count(attribute);
        // Permissions for the compiler, and orders the text has anyway.
        case "is_scheduled",
            "buffer_donor",
            "alias_passthrough_params",
            "frontend_attributes",
            "allow_spmd_sharding_propagation_to_parameters",
            "allow_spmd_sharding_propagation_to_output",
            "origin_recovery_table" -> {
          if (lexer.peek() == '{') {
            lexer.skipBracketed();
          } else {
            lexer.word("a value of " + attribute);
          }
        }
        default -> throw lexer.error(from, "a module has no attribute " + attribute);
      }
    }
  }

  private int count(String attribute) {
    int from = lexer.position();
    int count = lexer.int32(attribute);
    if (count < 1) {
      throw lexer.error(from, attribute + " starts at 1, got " + count);
    }
    return count;
  }

  // ---- signature --------------------------------------------------------------------------------

  private void readLayout() {
    int from = lexer.position();
    lexer.expect("{", "before the entry's layout");
    lexer.expect('(', "before the entry's parameters");
    List<Shape> parameters = new ArrayList<>();
    if (!lexer.eat(')')) {
      do {
        parameters.add(shapes.read());
      } while (lexer.eat(','));
      lexer.expect(')', "after the entry's parameters");
    }
    lexer.expect("->", "before the entry's result");
    layout = new Layout(from, parameters, shapes.read());
    lexer.expect('}', "after the entry's layout");
  }

  private void requireLayout(HloComputation entry) {
    Layout given = layout;
    if (given == null) {
      return;
    }
    List<Shape> parameters = entry.parameters().stream().map(p -> p.shape()).toList();
    if (!given.parameters.equals(parameters) || !given.result.equals(entry.root().shape())) {
      throw lexer.error(
          given.position,
          "the entry computation %s takes %s and returns %s"
              .formatted(entry.name(), parameters, entry.root().shape()));
    }
  }

  // ---- aliases ----------------------------------------------------------------------------------

  /** Reads {@code { {0}: (1, {}, may-alias) }}. */
  private void readAliases() {
    lexer.expect('{', "before the aliases");
    List<Alias> out = new ArrayList<>();
    if (!lexer.eat('}')) {
      do {
        int from = lexer.position();
        List<Integer> output = index();
        lexer.expect(':', "after an output");
        lexer.expect('(', "before a parameter");
        int parameter = lexer.int32("a parameter number");
        lexer.expect(',', "after a parameter number");
        int at = lexer.position();
        if (!index().isEmpty()) {
          throw lexer.unsupported(at, "aliases of parts of parameters are not supported");
        }
        boolean must = lexer.eat(',') && mustAlias();
        lexer.expect(')', "after a parameter");
        out.add(new Alias(from, output, parameter, must));
      } while (lexer.eat(','));
      lexer.expect('}', "after the aliases");
    }
    aliases = out;
  }

  private boolean mustAlias() {
    int from = lexer.position();
    String kind = lexer.name("may-alias or must-alias");
    if (!kind.equals("may-alias") && !kind.equals("must-alias")) {
      throw lexer.error(from, "expected may-alias or must-alias, got " + kind);
    }
    return kind.equals("must-alias");
  }

  private List<Integer> index() {
    lexer.expect('{', "before an index");
    List<Integer> index = new ArrayList<>();
    if (!lexer.eat('}')) {
      do {
        index.add(lexer.int32("an index"));
      } while (lexer.eat(','));
      lexer.expect('}', "after an index");
    }
    return index;
  }

  private List<InputOutputAlias> aliases(HloComputation entry) {
    boolean tuple = entry.root().shape() instanceof TupleShape;
    List<InputOutputAlias> out = new ArrayList<>();
    for (Alias alias : aliases) {
      int depth = alias.output.size();
      if (!tuple && depth > 0) {
        throw lexer.error(alias.position, "the entry returns no tuple: its output is {}");
      }
      if (tuple && depth != 1) {
        throw lexer.unsupported(
            alias.position, "aliases are supported of the elements of the entry's tuple");
      }
      out.add(new InputOutputAlias(tuple ? alias.output.get(0) : 0, alias.parameter, alias.must));
    }
    return out;
  }
}
