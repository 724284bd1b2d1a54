package io.lazytensor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PermutationTest {
  @Property(tries = 200, seed = "7")
  void everyPositionHasItsOwnRecord(
      @ForAll @IntRange(min = 1, max = 3_000) int size, @ForAll long key) {
    Permutation permutation = new Permutation(size, key);
    BitSet seen = new BitSet();
    for (int i = 0; i < size; i++) {
      long at = permutation.at(i);
      assertTrue(at >= 0 && at < size && !seen.get((int) at), "position " + i);
      seen.set((int) at);
    }
  }

  @Test
  void sizesBeyondIntsStayInRangeAndDistinct() {
    long size = 10_000_000_000L;
    Permutation permutation = new Permutation(size, 7);
    Set<Long> seen = new HashSet<>();
    for (long i = 0; i < 20_000; i++) {
      long at = permutation.at(i * 499_979);
      assertTrue(at >= 0 && at < size);
      assertTrue(seen.add(at));
    }
  }

  /** 5 records have 120 orders: with 24,000 keys each comes about 200 times. */
  @Test
  void allOrdersOfFewRecordsAreEquallyLikely() {
    int keys = 24_000;
    int[] counts = new int[3_125];
    for (int key = 0; key < keys; key++) {
      Permutation permutation = new Permutation(5, key);
      int order = 0;
      for (int i = 0; i < 5; i++) {
        order = order * 5 + (int) permutation.at(i);
      }
      counts[order]++;
    }
    double chiSquare = 0;
    int orders = 0;
    for (int count : counts) {
      if (count > 0) {
        orders++;
        chiSquare += (count - 200.0) * (count - 200.0) / 200;
      }
    }
    assertEquals(120, orders);
    // 119 degrees of freedom: 1 in 10,000 is above 182.
    assertTrue(chiSquare < 182, "chi-square " + chiSquare);
  }
}
