package io.lazytensor.trainer;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * How well scores tell positives from negatives.
 *
 * @param auc area under the ROC curve: the chance that a positive has the greater score, ties
 *     counting half; not a number if there is only one class
 * @param accuracy share of right decisions
 * @param precision share of positives among those taken for positive; 0 if none is
 * @param recall share of positives that are found; 0 if there is none
 * @param f1 harmonic mean of precision and recall; 0 if both are
 */
public record BinaryMetrics(
    double auc, double accuracy, double precision, double recall, double f1) {

  /** Returns the values by name, as they are logged. */
  public SequencedMap<String, Double> values() {
    SequencedMap<String, Double> out = new LinkedHashMap<>();
    out.put("auc", auc);
    out.put("accuracy", accuracy);
    out.put("precision", precision);
    out.put("recall", recall);
    out.put("f1", f1);
    return out;
  }

  /**
   * Returns the metrics of scores.
   *
   * @param scores greater for what is rather positive
   * @param positive the truth
   * @param threshold scores from here on are taken for positive
   * @throws IllegalArgumentException if there are none, or not as many of each
   */
  public static BinaryMetrics of(float[] scores, boolean[] positive, float threshold) {
    if (scores.length == 0 || scores.length != positive.length) {
      throw new IllegalArgumentException(
          "there are %d scores for %d truths".formatted(scores.length, positive.length));
    }
    long truePositive = 0;
    long falsePositive = 0;
    long positives = 0;
    for (int i = 0; i < scores.length; i++) {
      positives += positive[i] ? 1 : 0;
      if (scores[i] >= threshold) {
        truePositive += positive[i] ? 1 : 0;
        falsePositive += positive[i] ? 0 : 1;
      }
    }
    long negatives = scores.length - positives;
    double right = truePositive + (negatives - falsePositive);
    double precision = share(truePositive, truePositive + falsePositive);
    double recall = share(truePositive, positives);
    double f1 = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    return new BinaryMetrics(
        auc(scores, positive, positives, negatives), right / scores.length, precision, recall, f1);
  }

  private static double share(long some, long all) {
    return all == 0 ? 0 : (double) some / all;
  }

  /** By the sum of the positives' ranks, where equal scores share the mean of their ranks. */
  private static double auc(float[] scores, boolean[] positive, long positives, long negatives) {
    if (positives == 0 || negatives == 0) {
      return Double.NaN;
    }
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> scores[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double ranks = 0;
    int from = 0;
    while (from < order.length) {
      int to = from;
      long tied = 0;
      while (to < order.length && scores[order[to]] == scores[order[from]]) {
        tied += positive[order[to]] ? 1 : 0;
        to++;
      }
      // A score that is no number equals nothing, itself included.
      if (to == from) {
        tied = positive[order[to]] ? 1 : 0;
        to++;
      }
      ranks += tied * (from + 1 + to) / 2.0;
      from = to;
    }
    return (ranks - positives * (positives + 1) / 2.0) / ((double) positives * negatives);
  }
}
