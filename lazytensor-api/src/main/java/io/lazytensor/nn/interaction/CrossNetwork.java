package io.lazytensor.nn.interaction;

import io.lazytensor.Tensor;
import io.lazytensor.nn.LayerException;
import io.lazytensor.nn.UnaryLayer;
import java.util.ArrayList;
import java.util.List;

/**
 * Cross layers, each {@code x₀ ⊙ (W x + b) + x}: explicit interactions of an order that grows with
 * each layer. DCN-v2 (Wang et al., 2021).
 *
 * @param layers what projects x in each layer
 */
public record CrossNetwork(List<Projection> layers) implements UnaryLayer {
  /** Checks that there are layers. */
  public CrossNetwork {
    if (layers.isEmpty()) {
      throw new LayerException("CrossNetwork: expected at least one layer, got none");
    }
    layers = List.copyOf(layers);
  }

  /** Returns layers with full matrices. */
  public static CrossNetwork of(int width, int layers) {
    List<Projection> made = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      made.add(Projection.full(width));
    }
    return new CrossNetwork(made);
  }

  /** Returns layers whose matrices are products of two of a low rank. */
  public static CrossNetwork lowRank(int width, int rank, int layers) {
    List<Projection> made = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      made.add(Projection.lowRank(width, rank));
    }
    return new CrossNetwork(made);
  }

  /** Applies the layers to {@code [batch, width]}. */
  @Override
  public Tensor forward(Tensor x) {
    Tensor y = x;
    for (Projection layer : layers) {
      y = layer.cross(x, y);
    }
    return y;
  }
}
