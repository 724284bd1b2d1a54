package io.lazytensor.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Ranks and what is counted of them. */
class RetrievalMetricsTest {
  @Test
  void theBestScoreHasRankOne() {
    assertEquals(1, RetrievalMetrics.rank(new float[] {0.1f, 0.9f, 0.5f}, 1));
    assertEquals(3, RetrievalMetrics.rank(new float[] {0.1f, 0.9f, 0.5f}, 0));
  }

  @Test
  void tiesAndNaNsCountAgainstTheRightItem() {
    assertEquals(3, RetrievalMetrics.rank(new float[] {0.5f, 0.5f, 0.5f}, 1));
    assertEquals(2, RetrievalMetrics.rank(new float[] {Float.NaN, 0.5f, 0.1f}, 1));
    assertEquals(3, RetrievalMetrics.rank(new float[] {0.2f, Float.NaN, 0.1f}, 1));
  }

  @Test
  void metricsAreMeansOverQueries() {
    RetrievalMetrics.Sums sums = new RetrievalMetrics.Sums();
    for (int rank : new int[] {1, 2, 10, 11}) {
      sums.add(rank);
    }
    RetrievalMetrics metrics = sums.metrics();
    assertEquals(4, metrics.queries());
    assertEquals(0.25, metrics.recallAt1());
    assertEquals(0.75, metrics.recallAt10());
    assertEquals((1 + 0.5 + 0.1 + 1.0 / 11) / 4, metrics.mrr(), 1e-15);
  }

  @Test
  void vectorsAreComparedByDotProduct() {
    float[] queries = {1, 0, 0, 1};
    float[] items = {0.6f, 0.8f, 0, 1};
    RetrievalMetrics metrics = RetrievalMetrics.ofVectors(queries, items, 2);
    // Query 0 scores 0.6 and 0, query 1 scores 0.8 and 1.
    assertEquals(1, metrics.recallAt1());
    RetrievalMetrics swapped =
        RetrievalMetrics.ofVectors(queries, new float[] {0, 1, 0.6f, 0.8f}, 2);
    assertEquals(0, swapped.recallAt1());
    assertEquals(0.5, swapped.mrr());
  }

  @Test
  void noQueriesAndOtherSizesAreRefused() {
    assertThrows(IllegalStateException.class, () -> new RetrievalMetrics.Sums().metrics());
    assertThrows(
        IllegalArgumentException.class,
        () -> RetrievalMetrics.ofVectors(new float[4], new float[2], 2));
  }
}
