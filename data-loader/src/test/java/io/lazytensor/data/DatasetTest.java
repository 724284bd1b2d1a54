package io.lazytensor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.Seed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DatasetTest {
  private final Dataset<Integer> ten = Batches.numbers(10);

  private static <T> List<T> all(Dataset<T> dataset) {
    return LongStream.range(0, dataset.size()).mapToObj(dataset::get).toList();
  }

  @Test
  void viewsKeepOrderAndIdentity() {
    assertEquals(List.of(0, 10, 20), all(ten.map(i -> i * 10).subset(0, 3)));
    assertEquals(List.of(7, 2), all(ten.select(7, 2)));
    assertEquals(List.of(0, 3, 6, 9), all(ten.filter(i -> i % 3 == 0)));
    assertEquals(List.of(8, 9, 0, 1), all(ten.subset(8, 10).concat(ten.subset(0, 2))));
    assertEquals(List.of(1, 3), all(ten.subset(0, 2).zip(ten.subset(1, 3), Integer::sum)));
    assertEquals("record 7", ten.select(7, 2).map(i -> i).describe(0));
    assertEquals("record 1", ten.subset(8, 10).concat(ten.subset(0, 2)).describe(3));
  }

  @Test
  void aSplitIsRandomCompleteAndDisjoint() {
    Dataset.Split<Integer> split = Batches.numbers(100).split(0.8, Seed.of(4));
    assertEquals(80, split.first().size());
    List<Integer> both = new ArrayList<>(all(split.first()));
    both.addAll(all(split.second()));
    assertNotEquals(all(Batches.numbers(100)), both);
    Collections.sort(both);
    assertEquals(all(Batches.numbers(100)), both);
  }

  @Test
  void whatIsOutOfRangeIsRefused() {
    DataException e = assertThrows(DataException.class, () -> ten.select(3, 10));
    assertEquals("index 10 is out of range: the data set has 10 records", e.getMessage());
    assertThrows(DataException.class, () -> ten.subset(5, 11));
    assertThrows(DataException.class, () -> ten.subset(0, 5).get(5));
    assertThrows(DataException.class, () -> ten.concat(ten).get(20));
    assertThrows(DataException.class, () -> ten.zip(ten.subset(0, 2), Integer::sum));
    assertThrows(DataException.class, () -> ten.split(1.5, Seed.of(0)));
  }

  @Test
  void fingerprintsTellDataApart() {
    List<String> prints =
        List.of(
            ten.fingerprint(),
            Batches.numbers(11).fingerprint(),
            ten.map(i -> i + 1).subset(0, 5).fingerprint(),
            ten.subset(0, 6).fingerprint(),
            ten.select(1, 0).fingerprint(),
            ten.select(0, 1).fingerprint(),
            ten.concat(ten).fingerprint(),
            Dataset.of(List.of("a", "b")).fingerprint(),
            Dataset.of(List.of("a", "c")).fingerprint(),
            ten.split(0.5, Seed.of(1)).first().fingerprint(),
            ten.split(0.5, Seed.of(2)).first().fingerprint());
    assertEquals(prints.size(), prints.stream().distinct().count());
    assertEquals(Batches.numbers(10).fingerprint(), ten.fingerprint());
    assertTrue(ten.fingerprint().matches("list:[0-9a-f]{16}"));
  }

  @Test
  void transformsAreRandomAsTheirGenerator() {
    Dataset<Integer> noisy = ten.transform((i, random) -> i + random.nextInt(1_000_000));
    assertEquals(noisy.get(3, new SplittableRandom(1)), noisy.get(3, new SplittableRandom(1)));
    assertNotEquals(noisy.get(3, new SplittableRandom(1)), noisy.get(3, new SplittableRandom(2)));
    assertEquals(noisy.get(3), noisy.get(3));
  }
}
