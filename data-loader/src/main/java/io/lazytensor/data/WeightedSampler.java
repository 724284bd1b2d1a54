package io.lazytensor.data;

import io.lazytensor.Seed;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Records drawn with replacement, in constant time each.
 *
 * <p>Source of the table: Vose: A linear algorithm for generating random numbers with a given
 * distribution, 1991.
 */
final class WeightedSampler implements Sampler {
  private final long draws;
  private final Seed seed;
  private final double[] keep;
  private final int[] other;
  private final String described;

  WeightedSampler(double[] weights, long draws, Seed seed) {
    if (draws < 1) {
      throw new DataException("a weighted sampler draws at least 1 record an epoch, got " + draws);
    }
    this.draws = draws;
    this.seed = seed;
    this.keep = shares(weights);
    this.other = new int[weights.length];
    byte[] bytes = MemorySegment.ofArray(weights).toArray(ValueLayout.JAVA_BYTE);
    this.described =
        "weighted, %d draws, seed %d, %s"
            .formatted(draws, seed.value(), Fingerprint.of("weights").add(bytes));
    balance();
  }

  /** Returns the weights scaled to a mean of 1. */
  private static double[] shares(double[] weights) {
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      if (!(weights[i] >= 0) || !Double.isFinite(weights[i])) {
        throw new DataException(
            "weight %d is %s; weights are numbers from 0 on".formatted(i, weights[i]));
      }
      sum += weights[i];
    }
    if (!(sum > 0) || !Double.isFinite(sum)) {
      throw new DataException(
          "%d weights add up to %s; some must be above 0, and their sum finite"
              .formatted(weights.length, sum));
    }
    double[] shares = new double[weights.length];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = weights[i] / sum * shares.length;
    }
    return shares;
  }

  /** Fills each place below 1 from one above 1. */
  private void balance() {
    int[] small = new int[keep.length];
    int[] large = new int[keep.length];
    int smalls = 0;
    int larges = 0;
    for (int i = 0; i < keep.length; i++) {
      other[i] = i;
      if (keep[i] < 1) {
        small[smalls++] = i;
      } else {
        large[larges++] = i;
      }
    }
    while (smalls > 0 && larges > 0) {
      int less = small[--smalls];
      int more = large[larges - 1];
      other[less] = more;
      keep[more] -= 1 - keep[less];
      if (keep[more] < 1) {
        larges--;
        small[smalls++] = more;
      }
    }
    // What is left differs from 1 by rounding only.
    while (larges > 0) {
      keep[large[--larges]] = 1;
    }
    while (smalls > 0) {
      keep[small[--smalls]] = 1;
    }
  }

  @Override
  public long size() {
    return draws;
  }

  @Override
  public long index(long epoch, long position) {
    long hash = Mix.hash(seed.value(), epoch, position);
    int place = (int) (Mix.unit(hash) * keep.length);
    return Mix.unit(Mix.mix(hash ^ 1)) < keep[place] ? place : other[place];
  }

  @Override
  public String describe() {
    return described;
  }

  @Override
  public boolean repeats() {
    return true;
  }
}
