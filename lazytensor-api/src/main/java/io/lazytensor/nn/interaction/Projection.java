package io.lazytensor.nn.interaction;

import io.lazytensor.Tensor;
import io.lazytensor.internal.ops.LayerOps;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.LayerException;
import io.lazytensor.nn.Linear;
import io.lazytensor.nn.Name;
import java.util.Optional;

/**
 * One cross layer: {@code x₀ ⊙ (U V x + b) + x}, with U V as one matrix or as two.
 *
 * @param outer U with the bias, or the one matrix
 * @param inner V, if there are two
 */
public record Projection(@Name("u") Linear outer, @Name("v") Optional<Linear> inner)
    implements Layer {
  /** Returns a layer with a full matrix. */
  public static Projection full(int width) {
    return new Projection(Linear.of(width, width), Optional.empty());
  }

  /** Returns a layer whose matrix is the product of two. */
  public static Projection lowRank(int width, int rank) {
    if (rank < 1 || rank > width) {
      throw new LayerException(
          "cross layer: expected a rank of 1 to %d, got %d".formatted(width, rank));
    }
    return new Projection(
        Linear.of(rank, width), Optional.of(Linear.of(width, rank).withoutBias()));
  }

  /** Crosses the first features with those of a layer, both {@code [batch, width]}. */
  public Tensor cross(Tensor first, Tensor x) {
    Tensor small = inner.isPresent() ? inner.get().forward(x) : x;
    return Calls.call(LayerOps.CROSS, first, x, outer.forward(small), 0, null);
  }
}
