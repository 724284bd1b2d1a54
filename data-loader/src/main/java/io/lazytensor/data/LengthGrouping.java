package io.lazytensor.data;

import java.util.function.LongToIntFunction;

/**
 * Another sampler's order, in which records of similar length share batches. Positions stay within
 * their window; the batches of a window come in random order, but for a last one that is not full.
 */
final class LengthGrouping implements Sampler {
  private record Window(long epoch, long number, long[] indices) {}

  private final Sampler order;
  private final LongToIntFunction lengthOf;
  private final int batch;
  private final int batches;
  private final long seed;
  private volatile Window latest = new Window(-1, -1, new long[0]);

  LengthGrouping(Sampler order, LongToIntFunction lengthOf, int batch, int batches, long seed) {
    this.order = order;
    this.lengthOf = lengthOf;
    this.batch = batch;
    this.batches = batches;
    this.seed = seed;
    Math.multiplyExact(batch, batches);
  }

  @Override
  public long size() {
    return order.size();
  }

  @Override
  public long index(long epoch, long position) {
    int span = batch * batches;
    long number = position / span;
    Window window = latest;
    if (window.epoch != epoch || window.number != number) {
      window = new Window(epoch, number, window(epoch, number * span));
      latest = window;
    }
    return window.indices[(int) (position % span)];
  }

  private long[] window(long epoch, long from) {
    int count = (int) Math.min((long) batch * batches, size() - from);
    long[] keys = new long[count];
    long[] indices = new long[count];
    for (int i = 0; i < count; i++) {
      indices[i] = order.index(epoch, from + i);
      keys[i] = (long) lengthOf.applyAsInt(indices[i]) << 32 | i;
    }
    java.util.Arrays.sort(keys);
    int full = count / batch;
    Permutation shuffle = new Permutation(full, Mix.hash(seed, epoch, from));
    long[] out = new long[count];
    for (int i = 0; i < count; i++) {
      int at = i < full * batch ? (int) shuffle.at(i / batch) * batch + i % batch : i;
      out[i] = indices[(int) keys[at]];
    }
    return out;
  }

  @Override
  public String describe() {
    return "%s, grouped by length within %d batches".formatted(order.describe(), batches);
  }

  @Override
  public boolean repeats() {
    return order.repeats();
  }
}
