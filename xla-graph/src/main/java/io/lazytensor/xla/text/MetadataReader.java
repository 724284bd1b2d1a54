package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.SourceLine;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads where instructions come from: {@code metadata={op_name="…" source_file="…" source_line=1}},
 * or {@code stack_frame_id=1} and tables at the module's head.
 */
final class MetadataReader {
  private static final SourceLine UNKNOWN = SourceLine.UNKNOWN;

  private final HloLexer lexer;
  private final Map<Integer, String> files = new HashMap<>();
  private final Map<Integer, String> functions = new HashMap<>();
  private final Map<Integer, Map<String, Integer>> locations = new HashMap<>();
  private final Map<Integer, Map<String, Integer>> frames = new HashMap<>();

  MetadataReader(HloLexer lexer) {
    this.lexer = lexer;
  }

  /** Reads the tables of files, functions, locations and frames, if they are here. */
  void readTables() {
    if (!lexer.peekName().equals("FileNames")) {
      return;
    }
    names("FileNames", files);
    names("FunctionNames", functions);
    records("FileLocations", locations);
    records("StackFrames", frames);
  }

  private void heading(String heading) {
    int from = lexer.position();
    if (!lexer.name(heading).equals(heading)) {
      throw lexer.error(from, "expected the table " + heading);
    }
  }

  private boolean atEntry() {
    char c = lexer.peek();
    return c >= '0' && c <= '9';
  }

  private void names(String heading, Map<Integer, String> table) {
    heading(heading);
    while (atEntry()) {
      table.put(lexer.int32("a number"), Quoted.toText(lexer.quoted("a name")));
    }
  }

  private void records(String heading, Map<Integer, Map<String, Integer>> table) {
    heading(heading);
    while (atEntry()) {
      int number = lexer.int32("a number");
      Map<String, Integer> fields = new HashMap<>();
      lexer.expect('{', "before the fields of " + heading);
      while (!lexer.eat('}')) {
        lexer.eat(',');
        String name = lexer.name("a field of " + heading);
        lexer.expect('=', "after " + name);
        fields.put(name, lexer.int32(name));
      }
      table.put(number, fields);
    }
  }

  /**
   * Reads an instruction's metadata.
   *
   * @param position of the opening brace
   * @param name the instruction's name
   */
  Metadata read(int position, String name) {
    lexer.moveTo(position);
    lexer.expect('{', "before metadata");
    String opName = "";
    String file = "";
    int line = -1;
    SourceLine frame = UNKNOWN;
    while (!lexer.eat('}')) {
      lexer.eat(',');
      String field = lexer.name("a field of metadata");
      lexer.expect('=', "after " + field);
      switch (field) {
        case "op_name" -> opName = text();
        case "source_file" -> file = text();
        case "source_line" -> line = lexer.int32(field);
        case "stack_frame_id" -> frame = frame(lexer.int32(field));
        default -> skip();
      }
    }
    SourceLine source =
        file.isEmpty() && line <= 0 ? frame : new SourceLine("", "", file, line > 0 ? line : -1);
    return new Metadata(opName, source, name);
  }

  private String text() {
    return Quoted.toText(lexer.quoted("a string"));
  }

  private void skip() {
    char c = lexer.peek();
    if (c == '{') {
      lexer.skipBracketed();
    } else if (c == '"' || c == '\'') {
      lexer.quoted("a string");
    } else {
      lexer.word("a value");
    }
  }

  private SourceLine frame(int id) {
    Map<String, Integer> location =
        locations.getOrDefault(
            frames.getOrDefault(id, Map.of()).getOrDefault("file_location_id", 0), Map.of());
    String file = files.getOrDefault(location.getOrDefault("file_name_id", 0), "");
    int line = location.getOrDefault("line", 0);
    return file.isEmpty() && line <= 0
        ? UNKNOWN
        : new SourceLine(
            "",
            functions.getOrDefault(location.getOrDefault("function_name_id", 0), ""),
            file,
            line > 0 ? line : -1);
  }
}
