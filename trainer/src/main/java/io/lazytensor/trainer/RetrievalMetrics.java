package io.lazytensor.trainer;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * How well scores find the one right item of each query.
 *
 * @param queries how many
 * @param recallAt1 share of queries whose right item has the best score
 * @param recallAt10 share of queries whose right item is among the best ten
 * @param mrr mean of one over the rank of the right item
 */
public record RetrievalMetrics(long queries, double recallAt1, double recallAt10, double mrr) {

  /** Returns the values by name, as they are logged. */
  public SequencedMap<String, Double> values() {
    SequencedMap<String, Double> out = new LinkedHashMap<>();
    out.put("recall@1", recallAt1);
    out.put("recall@10", recallAt10);
    out.put("mrr", mrr);
    return out;
  }

  /**
   * Returns the rank of an item among scores, 1 for the best. Items with the same score count as
   * better: an encoder that maps everything to one vector finds nothing. So does a score that is no
   * number.
   */
  public static int rank(float[] scores, int right) {
    float own = scores[right];
    int rank = scores.length;
    for (float score : scores) {
      if (score < own) {
        rank--;
      }
    }
    return rank;
  }

  /** Collects queries one after the other. */
  public static final class Sums {
    private long queries;
    private long first;
    private long amongTen;
    private double reciprocal;

    /** Adds a query by the rank of its right item, from 1. */
    public void add(int rank) {
      queries++;
      first += rank == 1 ? 1 : 0;
      amongTen += rank <= 10 ? 1 : 0;
      reciprocal += 1.0 / rank;
    }

    /**
     * Returns the metrics of all queries so far.
     *
     * @throws IllegalStateException if there was none
     */
    public RetrievalMetrics metrics() {
      if (queries == 0) {
        throw new IllegalStateException("no query was added");
      }
      double count = queries;
      return new RetrievalMetrics(queries, first / count, amongTen / count, reciprocal / count);
    }
  }

  /**
   * Returns the metrics of vectors: the right item of query i is item i, and the score is the dot
   * product.
   *
   * @param queries {@code [count, width]}, row-major
   * @param items {@code [count, width]}, row-major
   */
  public static RetrievalMetrics ofVectors(float[] queries, float[] items, int width) {
    if (width < 1 || queries.length != items.length || queries.length % width != 0) {
      throw new IllegalArgumentException(
          "queries and items are [count, %d]; got %d and %d numbers"
              .formatted(width, queries.length, items.length));
    }
    int count = queries.length / width;
    Sums sums = new Sums();
    float[] scores = new float[count];
    for (int q = 0; q < count; q++) {
      for (int i = 0; i < count; i++) {
        float dot = 0;
        for (int k = 0; k < width; k++) {
          dot += queries[q * width + k] * items[i * width + k];
        }
        scores[i] = dot;
      }
      sums.add(rank(scores, q));
    }
    return sums.metrics();
  }
}
