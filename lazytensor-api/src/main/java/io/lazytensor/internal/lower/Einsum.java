package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Sums of products by Einstein's convention, as {@code torch.einsum}: operands are multiplied from
 * the left to the right, each product one {@code dot}.
 */
public final class Einsum {
  /** An operand and the label of each of its dimensions, each once. */
  private record Term(HloInstruction x, List<Integer> labels) {}

  private final HloBuilder b;
  private final EinsumEquation equation;

  private Einsum(HloBuilder b, EinsumEquation equation) {
    this.b = b;
    this.equation = equation;
  }

  /**
   * Returns the sum of products.
   *
   * @param text such as {@code "bij,bjk->bik"}, {@code "...ij->...ji"}, {@code "ii"}
   * @throws io.lazytensor.xla.ir.ShapeException if the equation is none, or does not fit
   */
  public static HloInstruction einsum(HloBuilder b, String text, List<HloInstruction> operands) {
    List<Integer> ranks = operands.stream().map(Primitives::rank).toList();
    EinsumEquation equation;
    try {
      equation = EinsumEquation.parse(text, ranks);
    } catch (IllegalArgumentException e) {
      List<String> shapes = operands.stream().map(x -> x.shape().toString()).toList();
      throw refuse(b, "einsum \"" + text + "\" of " + shapes + ": " + e.getMessage());
    }
    return new Einsum(b, equation).apply(text, operands);
  }

  private HloInstruction apply(String text, List<HloInstruction> operands) {
    Map<Integer, Integer> sizes = sizes(text, operands);
    List<Term> terms = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      MatrixProducts.refuseMixed(b, "einsum", operands.getFirst(), operands.get(i));
      Term term = diagonals(new Term(operands.get(i), equation.operands().get(i)));
      terms.add(withoutBroadcastOnes(term, sizes));
    }
    Term product = summed(terms.getFirst(), needed(terms, 1));
    for (int i = 1; i < terms.size(); i++) {
      Set<Integer> later = needed(terms, i + 1);
      product = times(product, terms.get(i), later);
    }
    return ordered(summed(product, needed(terms, terms.size())), sizes);
  }

  private Map<Integer, Integer> sizes(String text, List<HloInstruction> operands) {
    Map<Integer, Integer> sizes = new TreeMap<>();
    for (int i = 0; i < operands.size(); i++) {
      List<Integer> labels = equation.operands().get(i);
      for (int d = 0; d < labels.size(); d++) {
        int size = dims(operands.get(i)).get(d);
        int known = sizes.getOrDefault(labels.get(d), 1);
        if (known != 1 && size != 1 && known != size) {
          throw refuse(
              b,
              "einsum \"%s\": \"%s\" is %d and %d, the latter in %s"
                  .formatted(
                      text,
                      EinsumEquation.name(labels.get(d)),
                      known,
                      size,
                      operands.get(i).shape()));
        }
        sizes.put(labels.get(d), known == 1 ? size : known);
      }
    }
    return sizes;
  }

  /** Replaces dimensions of one label by their diagonal. */
  private Term diagonals(Term term) {
    Term out = term;
    for (int d = 0; d < out.labels().size(); d++) {
      int again = out.labels().lastIndexOf(out.labels().get(d));
      if (again == d) {
        continue;
      }
      int label = out.labels().get(d);
      if (dims(out.x()).get(d) != dims(out.x()).get(again)) {
        throw refuse(
            b,
            "einsum: \"%s\" occurs twice in %s with sizes %d and %d"
                .formatted(
                    EinsumEquation.name(label),
                    out.x().shape(),
                    dims(out.x()).get(d),
                    dims(out.x()).get(again)));
      }
      List<Integer> labels = new ArrayList<>(out.labels());
      labels.remove(again);
      labels.remove(d);
      labels.add(label);
      out = new Term(Rearrangements.diagonal(b, out.x(), 0, d, again), labels);
      d = -1;
    }
    return out;
  }

  /** Drops dimensions of size 1 that repeat to another operand's size. */
  private Term withoutBroadcastOnes(Term term, Map<Integer, Integer> sizes) {
    List<Integer> labels = new ArrayList<>();
    List<Integer> kept = new ArrayList<>();
    for (int d = 0; d < rank(term.x()); d++) {
      int size = dims(term.x()).get(d);
      if (size == sizes.getOrDefault(term.labels().get(d), size)) {
        labels.add(term.labels().get(d));
        kept.add(size);
      }
    }
    return new Term(Primitives.reshape(b, term.x(), ints(kept)), labels);
  }

  /** Returns the labels that the result or a later operand has. */
  private Set<Integer> needed(List<Term> terms, int from) {
    Set<Integer> needed = new LinkedHashSet<>(equation.result());
    terms.stream().skip(from).forEach(term -> needed.addAll(term.labels()));
    return needed;
  }

  private Term summed(Term term, Set<Integer> needed) {
    List<Integer> gone = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int d = 0; d < term.labels().size(); d++) {
      int label = term.labels().get(d);
      if (needed.contains(label)) {
        labels.add(label);
      } else {
        gone.add(d);
      }
    }
    if (gone.isEmpty()) {
      return term;
    }
    HloInstruction wide = Primitives.widen(b, term.x());
    HloInstruction sum = Reductions.fold(b, BinaryKind.ADD, wide, ints(gone));
    return new Term(Primitives.convert(b, sum, Primitives.type(term.x())), labels);
  }

  /** Multiplies, and sums what neither the result nor a later operand has. */
  private Term times(Term left, Term right, Set<Integer> later) {
    // What only one of the two has and nobody needs is summed before the product.
    Set<Integer> leftNeeds = new LinkedHashSet<>(later);
    leftNeeds.addAll(right.labels());
    Set<Integer> rightNeeds = new LinkedHashSet<>(later);
    rightNeeds.addAll(left.labels());
    Term x = summed(left, leftNeeds);
    Term y = summed(right, rightNeeds);
    List<Integer> batch = new ArrayList<>();
    List<Integer> contracted = new ArrayList<>();
    for (int label : x.labels()) {
      if (y.labels().contains(label)) {
        (later.contains(label) ? batch : contracted).add(label);
      }
    }
    List<Integer> labels = new ArrayList<>(batch);
    x.labels().stream().filter(l -> !y.labels().contains(l)).forEach(labels::add);
    y.labels().stream().filter(l -> !x.labels().contains(l)).forEach(labels::add);
    if (batch.size() == labels.size() && contracted.isEmpty() && x.labels().equals(y.labels())) {
      return new Term(Primitives.mul(b, x.x(), y.x()), x.labels());
    }
    HloInstruction product =
        MatrixProducts.dot(
            b,
            x.x(),
            places(x, contracted),
            places(x, batch),
            y.x(),
            places(y, contracted),
            places(y, batch));
    return new Term(product, labels);
  }

  private static Dims places(Term term, List<Integer> labels) {
    return Dims.of(labels.stream().mapToInt(label -> term.labels().indexOf(label)).toArray());
  }

  private HloInstruction ordered(Term term, Map<Integer, Integer> sizes) {
    List<Integer> present = equation.result().stream().filter(term.labels()::contains).toList();
    HloInstruction laidOut = Primitives.transpose(b, term.x(), places(term, present));
    List<Integer> all = equation.result().stream().map(sizes::get).toList();
    return Primitives.reshape(b, laidOut, ints(all));
  }

  private static Dims ints(List<Integer> values) {
    return Dims.of(values.stream().mapToInt(i -> i).toArray());
  }
}
