package io.lazytensor.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Metrics of two classes. */
class BinaryMetricsTest {
  @Test
  void decisionsAreCounted() {
    BinaryMetrics metrics =
        BinaryMetrics.of(
            new float[] {0.9f, 0.6f, 0.4f, 0.1f}, new boolean[] {true, false, true, false}, 0.5f);
    assertEquals(0.5, metrics.accuracy());
    assertEquals(0.5, metrics.precision());
    assertEquals(0.5, metrics.recall());
    assertEquals(0.5, metrics.f1());
    assertEquals(0.75, metrics.auc());
  }

  @Test
  void aucIsTheShareOfPairsInOrder() {
    Random random = new Random(3);
    for (int round = 0; round < 50; round++) {
      int count = 2 + random.nextInt(40);
      float[] scores = new float[count];
      boolean[] positive = new boolean[count];
      for (int i = 0; i < count; i++) {
        scores[i] = random.nextInt(8) / 4f;
        positive[i] = i == 0 || (i != 1 && random.nextBoolean());
      }
      double ordered = 0;
      double pairs = 0;
      for (int p = 0; p < count; p++) {
        for (int n = 0; n < count; n++) {
          if (positive[p] && !positive[n]) {
            pairs++;
            ordered += scores[p] > scores[n] ? 1 : scores[p] == scores[n] ? 0.5 : 0;
          }
        }
      }
      assertEquals(ordered / pairs, BinaryMetrics.of(scores, positive, 1).auc(), 1e-12);
    }
  }

  @Test
  void oneClassHasNoAucAndNothingFoundIsZero() {
    BinaryMetrics metrics =
        BinaryMetrics.of(new float[] {0.1f, 0.2f}, new boolean[] {false, false}, 0.5f);
    assertTrue(Double.isNaN(metrics.auc()));
    assertEquals(1, metrics.accuracy());
    assertEquals(0, metrics.precision());
    assertEquals(0, metrics.recall());
    assertEquals(0, metrics.f1());
  }

  @Test
  void otherSizesAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> BinaryMetrics.of(new float[2], new boolean[3], 0));
    assertThrows(
        IllegalArgumentException.class, () -> BinaryMetrics.of(new float[0], new boolean[0], 0));
  }
}
