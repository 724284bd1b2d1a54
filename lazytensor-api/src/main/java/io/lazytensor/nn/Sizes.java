package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.xla.ir.ShapeException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Lists of sizes among a layer's options. */
final class Sizes {
  private Sizes() {}

  static List<Integer> boxed(int... sizes) {
    return Arrays.stream(sizes).boxed().toList();
  }

  static List<Integer> of(Tensor tensor) {
    return tensor.shape().dims().stream().boxed().toList();
  }

  /** Returns a copy; there must be at least one, and none below 1. */
  static List<Integer> required(String layer, List<Integer> sizes) {
    if (sizes.isEmpty() || sizes.stream().anyMatch(s -> s < 1)) {
      throw new LayerException(layer + ": expected sizes of at least 1, got " + sizes);
    }
    return List.copyOf(sizes);
  }

  /** Returns one number for each of some dimensions; a single one counts for all. */
  static List<Integer> spread(String layer, String option, List<Integer> given, int count) {
    if (given.size() == 1) {
      return Collections.nCopies(count, given.getFirst());
    }
    if (given.size() != count) {
      throw new LayerException(
          "%s: %s takes 1 or %d numbers, got %s".formatted(layer, option, count, given));
    }
    return given;
  }

  static void requireLast(String layer, Tensor x, List<Integer> sizes) {
    List<Integer> own = of(x);
    int from = own.size() - sizes.size();
    if (from < 0 || !own.subList(from, own.size()).equals(sizes)) {
      throw new ShapeException(
          "%s: expected last dimensions %s, got %s".formatted(layer, sizes, x.shape()));
    }
  }

  /** Checks what is to be at least 1. */
  static int positive(String layer, String option, int value) {
    if (value < 1) {
      throw new LayerException("%s: %s must be at least 1, got %d".formatted(layer, option, value));
    }
    return value;
  }

  /** Checks a share of elements. */
  static double rate(String layer, double rate) {
    if (!(rate >= 0 && rate <= 1)) {
      throw new LayerException(layer + ": dropout is between 0 and 1, got " + rate);
    }
    return rate;
  }
}
