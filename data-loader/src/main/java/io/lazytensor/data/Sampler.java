package io.lazytensor.data;

import io.lazytensor.Seed;

/**
 * Which record is at which position of an epoch: a pure function, so that any worker, rank or later
 * process finds the same. PyTorch: {@code Sampler}.
 */
public interface Sampler {
  /** Returns how many positions an epoch has. */
  long size();

  /**
   * Returns the index of the record at a position. Called by several threads.
   *
   * @param epoch from 0
   * @param position from 0 to {@code size() - 1}
   */
  long index(long epoch, long position);

  /** Returns what the order depends on, for {@link LoaderState}: {@code shuffled, seed 42}. */
  String describe();

  /** Returns whether a record may be at several positions of an epoch. */
  default boolean repeats() {
    return false;
  }

  /** Returns the order of the data set. PyTorch: {@code SequentialSampler}. */
  static Sampler sequential(long size) {
    return new Sequential(size);
  }

  /**
   * Returns another order in each epoch, every record once. It holds no array: the order is a keyed
   * permutation. PyTorch: {@code RandomSampler}.
   */
  static Sampler shuffled(long size, Seed seed) {
    return new Shuffled(size, seed);
  }

  /**
   * Returns records drawn with replacement. PyTorch: {@code WeightedRandomSampler}.
   *
   * @param weights how likely each record is, relative to the others
   * @param draws positions of an epoch
   * @throws DataException if a weight is negative or no number, or all are 0
   */
  static Sampler weighted(double[] weights, long draws, Seed seed) {
    return new WeightedSampler(weights, draws, seed);
  }

  /**
   * The order of the data set.
   *
   * @param size positions of an epoch
   */
  record Sequential(long size) implements Sampler {
    @Override
    public long index(long epoch, long position) {
      return position;
    }

    @Override
    public String describe() {
      return "sequential";
    }
  }

  /** Another order in each epoch. */
  final class Shuffled implements Sampler {
    private record Order(long epoch, Permutation permutation) {}

    private final long size;
    private final Seed seed;
    private volatile Order latest;

    Shuffled(long size, Seed seed) {
      this.size = size;
      this.seed = seed;
      this.latest = order(0);
    }

    private Order order(long epoch) {
      return new Order(epoch, new Permutation(size, Mix.hash(seed.value(), epoch)));
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public long index(long epoch, long position) {
      Order order = latest;
      if (order.epoch != epoch) {
        order = order(epoch);
        latest = order;
      }
      return order.permutation.at(position);
    }

    @Override
    public String describe() {
      return "shuffled, seed " + seed.value();
    }
  }
}
