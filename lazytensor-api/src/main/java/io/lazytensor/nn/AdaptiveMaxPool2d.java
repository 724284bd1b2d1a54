package io.lazytensor.nn;

import io.lazytensor.Tensor;
import java.util.List;

/**
 * Takes the greatest element of windows that share the input evenly. PyTorch: {@code
 * nn.AdaptiveMaxPool2d}.
 *
 * @param sizes the result's spatial sizes; -1 keeps one
 */
public record AdaptiveMaxPool2d(List<Integer> sizes) implements UnaryLayer {
  /** Copies the sizes. */
  public AdaptiveMaxPool2d {
    sizes = List.copyOf(Sizes.spread("AdaptiveMaxPool2d", "sizes", sizes, 2));
  }

  /** Returns a layer for a result of these sizes; one counts for all. */
  public static AdaptiveMaxPool2d of(int... sizes) {
    return new AdaptiveMaxPool2d(Sizes.boxed(sizes));
  }

  /** Applies the layer to {@code [batch, channels, height, width]}; the batch may be missing. */
  @Override
  public Tensor forward(Tensor x) {
    return F.adaptiveMaxPool(x, sizes);
  }
}
