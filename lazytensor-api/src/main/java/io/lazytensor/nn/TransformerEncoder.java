package io.lazytensor.nn;

import io.lazytensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Encoder layers one after another. PyTorch: {@code nn.TransformerEncoder}; unlike its copies of
 * one layer, each starts with weights of its own.
 *
 * @param layers the layers
 * @param norm of the result
 */
public record TransformerEncoder(List<TransformerEncoderLayer> layers, Optional<LayerNorm> norm)
    implements UnaryLayer {
  /** Checks that there are layers. */
  public TransformerEncoder {
    if (layers.isEmpty()) {
      throw new LayerException("TransformerEncoder: expected at least one layer, got none");
    }
    layers = List.copyOf(layers);
  }

  /** Returns an encoder without a last normalization, PyTorch's default. */
  public static TransformerEncoder of(int layers, TransformerOptions options) {
    List<TransformerEncoderLayer> made = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      made.add(TransformerEncoderLayer.of(options));
    }
    return new TransformerEncoder(made, Optional.empty());
  }

  /** Returns the encoder with a last normalization. */
  public TransformerEncoder withNorm(LayerNorm last) {
    return new TransformerEncoder(layers, Optional.of(last));
  }

  @Override
  public Tensor forward(Tensor x) {
    return forward(x, AttentionMasks.NONE);
  }

  /** Applies the layers, all with the same masks. */
  public Tensor forward(Tensor x, AttentionMasks masks) {
    Tensor y = x;
    for (TransformerEncoderLayer layer : layers) {
      y = layer.forward(y, masks);
    }
    return norm.isPresent() ? norm.get().forward(y) : y;
  }
}
