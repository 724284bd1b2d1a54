package io.lazytensor.nn;

import io.lazytensor.Tensor;
import java.util.List;

/**
 * Takes the mean of windows that share the input evenly. PyTorch: {@code nn.AdaptiveAvgPool2d}.
 *
 * @param sizes the result's spatial sizes; -1 keeps one
 */
public record AdaptiveAvgPool2d(List<Integer> sizes) implements UnaryLayer {
  /** Copies the sizes. */
  public AdaptiveAvgPool2d {
    sizes = List.copyOf(Sizes.spread("AdaptiveAvgPool2d", "sizes", sizes, 2));
  }

  /** Returns a layer for a result of these sizes; one counts for all. */
  public static AdaptiveAvgPool2d of(int... sizes) {
    return new AdaptiveAvgPool2d(Sizes.boxed(sizes));
  }

  /** Applies the layer to {@code [batch, channels, height, width]}; the batch may be missing. */
  @Override
  public Tensor forward(Tensor x) {
    return F.adaptiveAvgPool(x, sizes);
  }
}
