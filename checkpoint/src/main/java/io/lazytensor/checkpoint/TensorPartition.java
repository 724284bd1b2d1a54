package io.lazytensor.checkpoint;

/**
 * How a tensor is cut over the ranks of tensor parallelism: evenly along a dimension, in as many
 * rounds as the stride says. With a stride of 2, as for fused gate and up projections, rank 0 has
 * the first piece of each half.
 *
 * @param dimension which dimension is cut, from 0
 * @param stride how many pieces of it each rank has; 1 for one slice
 */
public record TensorPartition(int dimension, int stride) {
  /** Checks the numbers. */
  public TensorPartition {
    if (dimension < 0 || stride < 1) {
      throw new CheckpointException(
          "a tensor cannot be cut along dimension %d with stride %d".formatted(dimension, stride));
    }
  }

  /** Returns a cut into one slice a rank. */
  public static TensorPartition along(int dimension) {
    return new TensorPartition(dimension, 1);
  }
}
