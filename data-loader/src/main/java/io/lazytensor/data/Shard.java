package io.lazytensor.data;

/**
 * Which part of each global batch a process trains.
 *
 * @param rank from 0 to {@code world - 1}
 * @param world how many processes train together
 */
record Shard(int rank, int world) {
  static final Shard WHOLE = new Shard(0, 1);

  Shard {
    if (world < 1 || rank < 0 || rank >= world) {
      throw new DataException(
          "shard(%d, %d): the rank is from 0 to the world size - 1".formatted(rank, world));
    }
  }

  /** Returns the rows of this rank in a batch. */
  int rows(int globalBatch) {
    if (globalBatch % world != 0) {
      throw new DataException(
          "a global batch of %d does not divide among %d ranks; give a multiple of %d"
              .formatted(globalBatch, world, world));
    }
    return globalBatch / world;
  }
}
