package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Reads the values of attributes. */
final class AttributeReader {
  private static final int MOST_PARTICIPANTS = 1 << 20;

  private final HloLexer lexer;
  private final ShapeReader shapes;
  private final Supplier<HloComputation> computation;

  /**
   * Creates a reader.
   *
   * @param computation reads a computation by name or in braces
   */
  AttributeReader(HloLexer lexer, ShapeReader shapes, Supplier<HloComputation> computation) {
    this.lexer = lexer;
    this.shapes = shapes;
    this.computation = computation;
  }

  HloComputation computation() {
    return computation.get();
  }

  List<HloComputation> computations() {
    return list('{', ',', '}', "computations", computation);
  }

  List<ShapeReader.Laid> shapes() {
    return list('{', ',', '}', "shapes", shapes::readLaid);
  }

  boolean flag() {
    int from = lexer.position();
    String word = lexer.word("true or false");
    if (!word.equals("true") && !word.equals("false")) {
      throw lexer.error(from, "expected true or false, got \"" + word + "\"");
    }
    return word.equals("true");
  }

  float real() {
    int from = lexer.position();
    try {
      return Float.intBitsToFloat((int) FloatText.parse(DType.F32, lexer.word("a number")));
    } catch (NumberFormatException e) {
      throw lexer.error(from, String.valueOf(e.getMessage()));
    }
  }

  List<String> words(String what) {
    return list('{', ',', '}', what, () -> lexer.word(what));
  }

  Dims dims(String what) {
    return dims('{', ',', '}', what);
  }

  List<Dims> lists(String what) {
    return list('{', ',', '}', what, () -> dims(what));
  }

  private Dims dims(char open, char separator, char close, String what) {
    List<Integer> values = list(open, separator, close, what, () -> lexer.int32(what));
    return Dims.of(values.stream().mapToInt(Integer::intValue).toArray());
  }

  private <T> List<T> list(
      char open, char separator, char close, String what, Supplier<T> element) {
    lexer.expect(open, "before the list of " + what);
    List<T> out = new ArrayList<>();
    if (!lexer.eat(close)) {
      do {
        out.add(element.get());
      } while (lexer.eat(separator));
      lexer.expect(close, "after the list of " + what);
    }
    return out;
  }

  /** Reads {@code {[0:8:2], [1:3]}} as triples. */
  List<int[]> slices() {
    return list(
        '{',
        ',',
        '}',
        "slices",
        () -> {
          int from = lexer.position();
          Dims range = dims('[', ':', ']', "bounds of a slice");
          if (range.size() != 2 && range.size() != 3) {
            throw lexer.error(
                from, "expected [start:limit] or [start:limit:stride], got " + range.size());
          }
          return new int[] {range.get(0), range.get(1), range.size() == 3 ? range.get(2) : 1};
        });
  }

  /** Reads {@code {{0,1},{2,3}}}, or counted out {@code [2,2]<=[4]}, {@code [2,2]<=[2,2]T(1,0)}. */
  List<Dims> groups(String what) {
    int from = lexer.position();
    if (lexer.peek() != '[') {
      if (lexer.peek() != '{') {
        throw lexer.expected("replica groups such as {{0,1}} or [2,4]<=[8]");
      }
      return lists(what);
    }
    Dims groups = dims('[', ',', ']', what);
    lexer.expect("<=", "between the groups and the numbers they count out");
    Dims reshape = dims('[', ',', ']', what);
    Dims order = lexer.eat('T') ? dims('(', ',', ')', "dimensions") : Dims.range(reshape.size());
    long members = product(from, groups);
    if (groups.size() != 2 || product(from, reshape) != members) {
      throw lexer.error(
          from,
          "expected [groups,members]<=[sizes] of equal products, got [%s]<=[%s]"
              .formatted(groups, reshape));
    }
    boolean[] seen = new boolean[reshape.size()];
    for (int i = 0; i < order.size(); i++) {
      int d = order.get(i);
      if (order.size() != reshape.size() || d < 0 || d >= seen.length || seen[d]) {
        throw lexer.error(
            from, "T(" + order + ") is no order of " + reshape.size() + " dimensions");
      }
      seen[d] = true;
    }
    lexer.countOut(from, members);
    return countedOut(groups, reshape, order);
  }

  private long product(int from, Dims dims) {
    long product = 1;
    for (int i = 0; i < dims.size(); i++) {
      product *= dims.get(i);
      if (dims.get(i) < 1 || product > MOST_PARTICIPANTS) {
        throw lexer.error(from, "replica groups have 1 to " + MOST_PARTICIPANTS + " members");
      }
    }
    return product;
  }

  private static List<Dims> countedOut(Dims groups, Dims reshape, Dims order) {
    int rank = reshape.size();
    int[] stride = new int[rank];
    for (int d = rank - 1, step = 1; d >= 0; d--) {
      stride[d] = step;
      step *= reshape.get(d);
    }
    List<Dims> out = new ArrayList<>();
    int[] members = new int[groups.get(1)];
    int[] index = new int[rank];
    for (int g = 0; g < groups.get(0); g++) {
      for (int m = 0; m < members.length; m++) {
        members[m] = 0;
        for (int i = 0; i < rank; i++) {
          members[m] += index[i] * stride[order.get(i)];
        }
        for (int i = rank - 1; i >= 0 && ++index[i] == reshape.get(order.get(i)); i--) {
          index[i] = 0;
        }
      }
      out.add(Dims.of(members));
    }
    return out;
  }

  // ---- padding, windows, labels -----------------------------------------------------------------

  /** Reads {@code 1_2x0_0_3}: low, high and interior of each dimension. */
  PaddingConfig padding() {
    int from = lexer.position();
    String word = lexer.word("padding such as 1_2x0_0_3");
    List<int[]> dimensions = numbers(from, word, 2, 3);
    return new PaddingConfig(
        column(dimensions, 0, 0), column(dimensions, 1, 0), column(dimensions, 2, 0));
  }

  private static Dims column(List<int[]> rows, int index, int otherwise) {
    return Dims.of(rows.stream().mapToInt(r -> index < r.length ? r[index] : otherwise).toArray());
  }

  /** Reads numbers joined by underscores, in groups joined by x. */
  private List<int[]> numbers(int from, String word, int least, int most) {
    List<int[]> out = new ArrayList<>();
    for (String group : word.split("x", -1)) {
      String[] parts = group.split("_", -1);
      if (parts.length < least || parts.length > most) {
        throw lexer.error(
            from, "expected %d to %d numbers a dimension, got \"%s\"".formatted(least, most, word));
      }
      try {
        out.add(Arrays.stream(parts).mapToInt(Integer::parseInt).toArray());
      } catch (NumberFormatException e) {
        throw lexer.error(from, "expected 32-bit numbers, got \"" + word + "\"");
      }
    }
    return out;
  }

  /** Reads {@code {size=3x3 stride=2x2 pad=1_1x1_1 lhs_dilate=1x1 rhs_dilate=1x1}}. */
  Window window() {
    int from = lexer.position();
    lexer.expect('{', "before a window");
    Map<String, List<int[]>> fields = new HashMap<>();
    while (!lexer.eat('}')) {
      lexer.eat(',');
      int at = lexer.position();
      String name = lexer.name("a part of a window");
      lexer.expect('=', "after " + name);
      boolean pad = name.equals("pad");
      int value = lexer.position();
      List<int[]> numbers = numbers(value, lexer.word("numbers"), pad ? 2 : 1, pad ? 2 : 1);
      switch (name) {
        case "size", "stride", "pad", "lhs_dilate", "rhs_dilate", "rhs_reversal" -> {}
        default -> throw lexer.error(at, "a window has no part " + name);
      }
      if (fields.put(name, numbers) != null) {
        throw lexer.error(at, name + " is given twice");
      }
    }
    int rank = fields.getOrDefault("size", List.of()).size();
    for (Map.Entry<String, List<int[]>> field : fields.entrySet()) {
      if (field.getValue().size() != rank) {
        throw lexer.error(
            from,
            "%s of the window has %d dimensions, size has %d"
                .formatted(field.getKey(), field.getValue().size(), rank));
      }
    }
    List<WindowDimension> dimensions = new ArrayList<>();
    for (int d = 0; d < rank; d++) {
      dimensions.add(
          new WindowDimension(
              field(fields, "size", d, 0, 1),
              field(fields, "stride", d, 0, 1),
              field(fields, "pad", d, 0, 0),
              field(fields, "pad", d, 1, 0),
              field(fields, "lhs_dilate", d, 0, 1),
              field(fields, "rhs_dilate", d, 0, 1),
              field(fields, "rhs_reversal", d, 0, 0) != 0));
    }
    return new Window(dimensions);
  }

  private static int field(
      Map<String, List<int[]>> fields, String name, int dimension, int index, int otherwise) {
    List<int[]> values = fields.get(name);
    return values == null ? otherwise : values.get(dimension)[index];
  }

  /** Reads {@code b01f_01io->b01f}: what each dimension of input, kernel and result stands for. */
  ConvolutionDimensionNumbers dimLabels() {
    int from = lexer.position();
    String word = lexer.dimLabels();
    int underscore = word.indexOf('_');
    int arrow = word.indexOf("->");
    if (underscore < 0 || arrow < underscore || !word.matches("[0-9bf?]+_[0-9io?]+->[0-9bf?]+")) {
      throw lexer.error(from, "expected labels such as b01f_01io->b01f, got \"" + word + "\"");
    }
    String input = word.substring(0, underscore);
    String kernel = word.substring(underscore + 1, arrow);
    String output = word.substring(arrow + 2);
    if (input.length() != kernel.length() || input.length() != output.length()) {
      throw lexer.error(from, "input, kernel and result have different ranks in " + word);
    }
    if (word.contains("?")) {
      throw lexer.unsupported(from, "dimensions of no meaning (?) in " + word);
    }
    return new ConvolutionDimensionNumbers(
        place(from, input, 'b'),
        place(from, input, 'f'),
        spatial(from, input),
        place(from, kernel, 'i'),
        place(from, kernel, 'o'),
        spatial(from, kernel),
        place(from, output, 'b'),
        place(from, output, 'f'),
        spatial(from, output));
  }

  private Dims spatial(int from, String labels) {
    int[] out = new int[labels.length() - 2];
    for (int i = 0; i < out.length; i++) {
      out[i] = i > 9 ? place(from, labels, '?') : place(from, labels, (char) ('0' + i));
    }
    return Dims.of(out);
  }

  private int place(int from, String labels, char label) {
    int at = labels.indexOf(label);
    if (at < 0 || labels.indexOf(label, at + 1) >= 0 || labels.length() < 2) {
      throw lexer.error(from, "expected one " + label + " in the labels " + labels);
    }
    return at;
  }
}
