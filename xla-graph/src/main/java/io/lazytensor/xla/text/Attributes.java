package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.Window;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The attributes after an instruction's operands: {@code , name=value} in any order. First only
 * their places are found; each value is read once it is known what it has to be.
 */
final class Attributes {
  // Say something about compilation, layout or origin, and nothing about values.
  private static final Set<String> HARMLESS =
      Set.of(
          "backend_config",
          "constrain_layout",
          "control-predecessors",
          "conv_kind",
          "frontend_attributes",
          "inferred_dimension",
          "is_composite",
          "metadata",
          "mode",
          "origin",
          "output_to_operand_aliasing",
          "parameter_replication",
          "result_accuracy",
          "schedule",
          "sharding",
          "statistics");

  private record Span(int name, int value, int end) {}

  private final HloLexer lexer;
  private final AttributeReader reader;
  private final int start;
  private final int end;
  private final Map<String, Span> spans = new LinkedHashMap<>();
  private final Set<String> used = new HashSet<>();

  /** Finds the attributes that follow here. */
  Attributes(HloLexer lexer, AttributeReader reader, boolean allowed) {
    this.lexer = lexer;
    this.reader = reader;
    this.start = lexer.end();
    while (allowed && lexer.eat(',')) {
      int from = lexer.position();
      String name = lexer.name("an attribute");
      lexer.expect('=', "after the attribute " + name);
      int value = lexer.position();
      skip(name);
      if (spans.put(name, new Span(from, value, lexer.end())) != null) {
        throw lexer.error(from, "the attribute " + name + " is given twice");
      }
    }
    this.end = lexer.end();
  }

  private void skip(String name) {
    char c = lexer.peek();
    if (c == '{' && name.equals("backend_config")) {
      lexer.dictionary();
    } else if (c == '{') {
      int from = lexer.position();
      lexer.skipBracketed();
      if (name.equals("sharding")) {
        requirePlacement(from, lexer.textSince(from));
      }
    } else if (c == '[') {
      // Replica groups counted out: [2,4]<=[4,2]T(1,0).
      lexer.skipBracketed();
      if (lexer.eat("<=")) {
        lexer.skipBracketed();
        if (lexer.eat('T')) {
          lexer.skipBracketed();
        }
      }
    } else if (c == '"' || c == '\'') {
      lexer.quoted("a string");
    } else if (c == '@') {
      throw lexer.unsupported(
          lexer.position(), "groups by axes of a mesh are not supported; list the replicas");
    } else if (name.equals("dim_labels")) {
      lexer.dimLabels();
    } else if (c == '%') {
      lexer.name("a name");
    } else {
      lexer.word("a value of " + name);
    }
  }

  // Where the parts of a value lie does not change it; these say that it is another value.
  private void requirePlacement(int from, String sharding) {
    for (String kind : List.of("manual", "unreduced", "mesh")) {
      if (sharding.contains(kind)) {
        throw lexer.unsupported(from, kind + " sharding is not supported");
      }
    }
  }

  /** Returns where the attributes begin, for errors about missing ones. */
  int position() {
    return start;
  }

  boolean has(String name) {
    return spans.containsKey(name);
  }

  /** Returns where a value begins. */
  int position(String name) {
    Span span = spans.get(name);
    return span == null ? start : span.value;
  }

  /** Goes on behind the attributes, and refuses those nobody has asked for. */
  void finish(String opcode) {
    for (Map.Entry<String, Span> entry : spans.entrySet()) {
      if (!used.contains(entry.getKey()) && !HARMLESS.contains(entry.getKey())) {
        throw lexer.error(entry.getValue().name, opcode + " has no attribute " + entry.getKey());
      }
    }
    lexer.moveTo(end);
  }

  private <T> Optional<T> read(String name, Supplier<T> value) {
    used.add(name);
    Span span = spans.get(name);
    if (span == null) {
      return Optional.empty();
    }
    lexer.moveTo(span.value);
    T result = value.get();
    if (lexer.end() != span.end) {
      int at = lexer.end();
      throw lexer.error(at, "expected the end of the attribute " + name);
    }
    return Optional.of(result);
  }

  private <T> T require(String name, Supplier<T> value) {
    return read(name, value)
        .orElseThrow(() -> lexer.error(start, "the attribute " + name + " is missing"));
  }

  // ---- numbers and words ------------------------------------------------------------------------

  int integer(String name) {
    return require(name, () -> lexer.int32(name));
  }

  int integer(String name, int otherwise) {
    return read(name, () -> lexer.int32(name)).orElse(otherwise);
  }

  long longInteger(String name, long otherwise) {
    return read(name, () -> lexer.int64(name)).orElse(otherwise);
  }

  float real(String name) {
    return require(name, reader::real);
  }

  Optional<Boolean> flag(String name) {
    return read(name, reader::flag);
  }

  boolean flag(String name, boolean otherwise) {
    return flag(name).orElse(otherwise);
  }

  String string(String name) {
    return Quoted.toText(require(name, () -> lexer.quoted("a string")));
  }

  /** Reads a string or a dictionary in braces as bytes, one character a byte; empty if absent. */
  String stringOrDictionary(String name) {
    return read(name, () -> lexer.peek() == '{' ? lexer.dictionary() : lexer.quoted("a string"))
        .orElse("");
  }

  String word(String name) {
    return require(name, () -> lexer.word("a value of " + name));
  }

  /** Reads a constant of an enumeration by its spelling in text. */
  <E extends Enum<E>> Optional<E> constant(
      String name, List<E> constants, Function<E, String> spelling) {
    return read(
        name,
        () -> {
          int from = lexer.position();
          String word = lexer.word("a value of " + name);
          return constants.stream()
              .filter(c -> spelling.apply(c).equals(word))
              .findFirst()
              .orElseThrow(() ->
                  lexer.error(
                      from,
                      "expected one of %s, got \"%s\""
                          .formatted(constants.stream().map(spelling).toList(), word)));
        });
  }

  <E extends Enum<E>> E requireConstant(
      String name, List<E> constants, Function<E, String> spelling) {
    return constant(name, constants, spelling)
        .orElseThrow(() -> lexer.error(start, "the attribute " + name + " is missing"));
  }

  // ---- lists ------------------------------------------------------------------------------------

  Dims dims(String name) {
    return require(name, () -> reader.dims(name));
  }

  Dims dimsOrNone(String name) {
    return read(name, () -> reader.dims(name)).orElse(Dims.of());
  }

  /** Reads a list of exactly one dimension. */
  int dimension(String name) {
    int at = position(name);
    Dims dims = dims(name);
    if (dims.size() != 1) {
      throw lexer.error(at, "expected one dimension, got " + dims.size());
    }
    return dims.get(0);
  }

  List<Dims> pairs(String name) {
    int at = position(name);
    List<Dims> pairs = require(name, () -> reader.lists(name));
    if (pairs.stream().anyMatch(p -> p.size() != 2)) {
      throw lexer.error(at, "expected a list of pairs");
    }
    return pairs;
  }

  List<Dims> groups(String name) {
    return read(name, () -> reader.groups(name)).orElse(List.of());
  }

  List<int[]> slices(String name) {
    return require(name, reader::slices);
  }

  List<String> words(String name) {
    return read(name, () -> reader.words(name)).orElse(List.of());
  }

  /** Reads {@code {f32[2]{0}, s32[]}}; nothing if absent. */
  Optional<List<ShapeReader.Laid>> shapes(String name) {
    return read(name, reader::shapes);
  }

  PaddingConfig padding(String name) {
    return require(name, reader::padding);
  }

  Window window(String name) {
    return read(name, reader::window).orElse(Window.of());
  }

  ConvolutionDimensionNumbers dimLabels(String name) {
    return require(name, reader::dimLabels);
  }

  HloComputation computation(String name) {
    return require(name, reader::computation);
  }

  Optional<HloComputation> optionalComputation(String name) {
    return read(name, reader::computation);
  }

  List<HloComputation> computations(String name) {
    return read(name, reader::computations).orElse(List.of());
  }
}
