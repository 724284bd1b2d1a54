package io.lazytensor.nn;

import io.lazytensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Layers one after another, under the keys {@code 0}, {@code 1}, …. PyTorch: {@code nn.Sequential}.
 */
public final class Sequential implements UnaryLayer {
  private final List<UnaryLayer> layers;

  private Sequential(List<UnaryLayer> layers) {
    this.layers = layers;
  }

  /** Chains layers; none is the identity. */
  public static Sequential of(UnaryLayer... layers) {
    return new Sequential(List.of(layers));
  }

  /** Chains layers; none is the identity. */
  public static Sequential of(List<? extends UnaryLayer> layers) {
    return new Sequential(List.copyOf(layers));
  }

  /** Returns the layers in their order. */
  public List<UnaryLayer> layers() {
    return layers;
  }

  @Override
  public SequencedMap<String, Object> members() {
    SequencedMap<String, Object> members = new LinkedHashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      members.put(Integer.toString(i), layers.get(i));
    }
    return members;
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = x;
    for (UnaryLayer layer : layers) {
      y = layer.forward(y);
    }
    return y;
  }
}
