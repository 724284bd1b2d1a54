package io.lazytensor.nn.interaction;

import io.lazytensor.Tensor;
import io.lazytensor.nn.Activation;
import io.lazytensor.nn.Dropout;
import io.lazytensor.nn.LayerException;
import io.lazytensor.nn.LayerNorm;
import io.lazytensor.nn.Linear;
import io.lazytensor.nn.UnaryLayer;
import java.util.ArrayList;
import java.util.List;

/**
 * Linear layers with something between them: implicit interactions.
 *
 * @param layers the linear layers
 * @param norms of their outputs, but the last's; none where there is no normalization
 * @param activation after each layer but the last
 * @param dropout after each activation
 */
public record Mlp(
    List<Linear> layers, List<LayerNorm> norms, Activation activation, Dropout dropout)
    implements UnaryLayer {
  /** Checks the counts. */
  public Mlp {
    if (layers.isEmpty() || (!norms.isEmpty() && norms.size() != layers.size() - 1)) {
      throw new LayerException(
          "Mlp: expected at least one layer, and a normalization for each but the last or none, got"
              + " %d and %d".formatted(layers.size(), norms.size()));
    }
    layers = List.copyOf(layers);
    norms = List.copyOf(norms);
  }

  /**
   * Returns layers with ReLU between them.
   *
   * @param sizes of the input, of what is between the layers, and of the output
   */
  public static Mlp of(int... sizes) {
    List<Linear> layers = new ArrayList<>();
    for (int i = 1; i < sizes.length; i++) {
      layers.add(Linear.of(sizes[i - 1], sizes[i]));
    }
    return new Mlp(layers, List.of(), new Activation.ReLU(), new Dropout(0));
  }

  /** Returns the same layers with another activation. */
  public Mlp withActivation(Activation value) {
    return new Mlp(layers, norms, value, dropout);
  }

  /** Returns the same layers with dropout after each activation. */
  public Mlp withDropout(double rate) {
    return new Mlp(layers, norms, activation, new Dropout(rate));
  }

  /** Returns the same layers with normalized inputs of the activations. */
  public Mlp withLayerNorm() {
    List<LayerNorm> made = new ArrayList<>();
    for (Linear layer : layers.subList(0, layers.size() - 1)) {
      made.add(LayerNorm.of(layer.weight().size(0)));
    }
    return new Mlp(layers, made, activation, dropout);
  }

  /** Applies the layers to {@code […, in]}. */
  @Override
  public Tensor forward(Tensor x) {
    Tensor y = x;
    for (int i = 0; i < layers.size(); i++) {
      y = layers.get(i).forward(y);
      if (i + 1 < layers.size()) {
        y = norms.isEmpty() ? y : norms.get(i).forward(y);
        y = dropout.forward(activation.forward(y));
      }
    }
    return y;
  }
}
