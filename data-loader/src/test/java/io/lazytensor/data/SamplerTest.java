package io.lazytensor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.Seed;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static List<Long> order(Sampler sampler, long epoch) {
    return LongStream.range(0, sampler.size()).mapToObj(i -> sampler.index(epoch, i)).toList();
  }

  @Test
  void epochsAreShuffledDifferentlyAndSeedsToo() {
    Sampler sampler = Sampler.shuffled(100, Seed.of(1));
    List<Long> first = order(sampler, 0);
    assertEquals(order(Sampler.sequential(100), 3), first.stream().sorted().toList());
    assertNotEquals(first, order(sampler, 1));
    assertNotEquals(first, order(Sampler.shuffled(100, Seed.of(2)), 0));
    assertEquals(first, order(sampler, 0));
  }

  @Test
  void weightsAreHowOftenRecordsAreDrawn() {
    double[] weights = {1, 0, 3, 0.5, 5.5, 0};
    Sampler sampler = Sampler.weighted(weights, 100_000, Seed.of(5));
    int[] counts = new int[weights.length];
    for (long i = 0; i < sampler.size(); i++) {
      counts[(int) sampler.index(0, i)]++;
    }
    for (int i = 0; i < weights.length; i++) {
      double expected = weights[i] / 10 * 100_000;
      // Five standard deviations of a binomial distribution.
      assertTrue(Math.abs(counts[i] - expected) <= 5 * Math.sqrt(expected), i + ": " + counts[i]);
    }
    assertNotEquals(order(sampler, 0), order(sampler, 1));
  }

  @Test
  void impossibleWeightsAreRefused() {
    for (double[] weights : List.of(new double[] {1, -1}, new double[] {0, 0}, new double[] {})) {
      assertThrows(DataException.class, () -> Sampler.weighted(weights, 10, Seed.of(1)));
    }
    assertThrows(
        DataException.class, () -> Sampler.weighted(new double[] {Double.NaN}, 10, Seed.of(1)));
    assertThrows(DataException.class, () -> Sampler.weighted(new double[] {1}, 0, Seed.of(1)));
  }

  @Test
  void batchesOfAGroupedOrderHaveSimilarLengths() {
    int[] lengths = LongStream.range(0, 100).mapToInt(i -> (int) (i * 37 % 100)).toArray();
    Sampler plain = Sampler.shuffled(100, Seed.of(3));
    Sampler grouped = new LengthGrouping(plain, i -> lengths[(int) i], 8, 5, 3);
    List<Long> order = order(grouped, 0);
    assertEquals(order(Sampler.sequential(100), 0), order.stream().sorted().toList());
    assertTrue(spread(order, lengths) * 3 < spread(order(plain, 0), lengths));
    // A window has the same records as before.
    assertEquals(
        order(plain, 0).subList(40, 80).stream().sorted().toList(),
        order.subList(40, 80).stream().sorted().toList());
  }

  private static int spread(List<Long> order, int[] lengths) {
    int sum = 0;
    for (int from = 0; from + 8 <= 96; from += 8) {
      var batch =
          order.subList(from, from + 8).stream()
              .mapToInt(i -> lengths[i.intValue()])
              .summaryStatistics();
      sum += batch.getMax() - batch.getMin();
    }
    return sum;
  }
}
