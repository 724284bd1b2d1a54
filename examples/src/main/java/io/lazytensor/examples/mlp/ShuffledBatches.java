package io.lazytensor.examples.mlp;

import io.lazytensor.PlainValue;
import io.lazytensor.Resumable;
import io.lazytensor.StateException;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/**
 * Where in the data a run is. Each epoch has an order of its own, a function of seed and epoch; the
 * last rows that do not fill a batch wait for another epoch's order.
 */
final class ShuffledBatches implements Resumable {
  private final int images;
  private final int batchSize;
  private final long seed;
  private int epoch;
  private int batch;
  private int[] order;

  ShuffledBatches(int images, int batchSize, long seed) {
    this.images = images;
    this.batchSize = batchSize;
    this.seed = seed;
    this.order = shuffled(0);
  }

  /** Returns how many batches an epoch has. */
  int perEpoch() {
    return images / batchSize;
  }

  /** Returns the order of the current epoch's images. */
  int[] order() {
    return order;
  }

  /** Returns where in the order the next batch starts. */
  int offset() {
    return batch * batchSize;
  }

  /**
   * Counts a batch as trained.
   *
   * @return whether it was the last of its epoch
   */
  boolean advance() {
    batch++;
    if (batch < perEpoch()) {
      return false;
    }
    batch = 0;
    epoch++;
    order = shuffled(epoch);
    return true;
  }

  private int[] shuffled(int ofEpoch) {
    RandomGenerator random =
        RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 1_000_003 + ofEpoch);
    int[] out = IntStream.range(0, images).toArray();
    for (int i = images - 1; i > 0; i--) {
      int k = random.nextInt(i + 1);
      int other = out[k];
      out[k] = out[i];
      out[i] = other;
    }
    return out;
  }

  @Override
  public SequencedMap<String, PlainValue> position() {
    SequencedMap<String, PlainValue> out = new LinkedHashMap<>();
    out.put("epoch", PlainValue.of(epoch));
    out.put("batch", PlainValue.of(batch));
    out.put("batch_size", PlainValue.of(batchSize));
    out.put("images", PlainValue.of(images));
    out.put("seed", PlainValue.of(seed));
    return out;
  }

  @Override
  public void resume(SequencedMap<String, PlainValue> position) {
    long savedEpoch = number(position, "epoch");
    long savedBatch = number(position, "batch");
    require("--batch-size", number(position, "batch_size"), batchSize);
    require("--seed", number(position, "seed"), seed);
    require("the number of training images", number(position, "images"), images);
    if (savedEpoch < 0
        || savedEpoch > Integer.MAX_VALUE
        || savedBatch < 0
        || savedBatch >= perEpoch()) {
      throw new StateException(
          "there is no batch %d in epoch %d: an epoch has %d"
              .formatted(savedBatch, savedEpoch, perEpoch()));
    }
    epoch = (int) savedEpoch;
    batch = (int) savedBatch;
    order = shuffled(epoch);
  }

  private static long number(SequencedMap<String, PlainValue> position, String name) {
    PlainValue value = position.get(name);
    if (value == null) {
      throw new StateException("the position in the data has no " + name + ": " + position);
    }
    return value.asLong();
  }

  private static void require(String what, long saved, long now) {
    if (saved != now) {
      throw new StateException(
          "the run to resume has another order of images: %s was %d, and is %d now"
              .formatted(what, saved, now));
    }
  }
}
