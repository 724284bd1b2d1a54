package io.lazytensor.internal.lower;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An equation of {@link Einsum} with a label for each dimension: a letter's code, and a negative
 * number for what {@code ...} stands for, counted from its end.
 *
 * @param operands the labels of each operand's dimensions
 * @param result the labels of the result's dimensions
 */
record EinsumEquation(List<List<Integer>> operands, List<Integer> result) {
  private static final String ELLIPSIS = "...";

  /**
   * Reads an equation.
   *
   * @param ranks the operands' numbers of dimensions
   * @throws IllegalArgumentException if it is none, or does not fit the ranks
   */
  static EinsumEquation parse(String text, List<Integer> ranks) {
    String plain = text.replace(" ", "");
    int arrow = plain.indexOf("->");
    String left = arrow < 0 ? plain : plain.substring(0, arrow);
    String[] parts = left.split(",", -1);
    if (parts.length != ranks.size()) {
      throw new IllegalArgumentException(
          "it names " + parts.length + " operands, given are " + ranks.size());
    }
    List<List<Integer>> operands = new ArrayList<>();
    int broadcast = 0;
    for (int i = 0; i < parts.length; i++) {
      int hidden = hidden(parts[i], ranks.get(i));
      broadcast = Math.max(broadcast, hidden);
      operands.add(labels(parts[i], hidden));
    }
    List<Integer> result =
        arrow < 0
            ? implicit(operands, broadcast)
            : explicit(plain.substring(arrow + 2), operands, broadcast);
    return new EinsumEquation(operands, result);
  }

  /** Returns how many dimensions the ellipsis of an operand stands for. */
  private static int hidden(String part, int rank) {
    boolean open = part.contains(ELLIPSIS);
    int named = part.length() - (open ? ELLIPSIS.length() : 0);
    if (open ? named > rank : named != rank) {
      throw new IllegalArgumentException(
          "\"%s\" names %d dimensions, the operand has %d".formatted(part, named, rank));
    }
    return rank - named;
  }

  private static List<Integer> labels(String part, int hidden) {
    List<Integer> labels = new ArrayList<>();
    int dots = part.indexOf(ELLIPSIS);
    for (int i = 0; i < part.length(); i++) {
      if (i == dots) {
        for (int k = hidden; k > 0; k--) {
          labels.add(-k);
        }
        i += ELLIPSIS.length() - 1;
        continue;
      }
      char letter = part.charAt(i);
      if (!(letter >= 'a' && letter <= 'z' || letter >= 'A' && letter <= 'Z')) {
        throw new IllegalArgumentException(
            "'" + letter + "' is no label; labels are letters, and ... once an operand");
      }
      labels.add((int) letter);
    }
    return labels;
  }

  /** Dimensions of the ellipsis, then labels that occur once, in alphabetical order. */
  private static List<Integer> implicit(List<List<Integer>> operands, int broadcast) {
    Map<Integer, Integer> counts = new TreeMap<>();
    operands.forEach(labels ->
        labels.stream().filter(l -> l > 0).forEach(l -> counts.merge(l, 1, Integer::sum)));
    List<Integer> result = labels(ELLIPSIS, broadcast);
    counts.forEach((label, count) -> {
      if (count == 1) {
        result.add(label);
      }
    });
    return result;
  }

  private static List<Integer> explicit(String part, List<List<Integer>> operands, int broadcast) {
    List<Integer> result = labels(part, broadcast);
    for (int label : result) {
      if (result.indexOf(label) != result.lastIndexOf(label)) {
        throw new IllegalArgumentException("\"" + name(label) + "\" occurs twice in the result");
      }
      if (operands.stream().noneMatch(labels -> labels.contains(label))) {
        throw new IllegalArgumentException("\"" + name(label) + "\" is in no operand");
      }
    }
    return result;
  }

  static String name(int label) {
    return label < 0 ? ELLIPSIS : Character.toString(label);
  }
}
