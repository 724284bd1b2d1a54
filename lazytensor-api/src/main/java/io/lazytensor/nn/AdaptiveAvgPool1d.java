package io.lazytensor.nn;

import io.lazytensor.Tensor;
import java.util.List;

/**
 * Takes the mean of windows that share the input evenly. PyTorch: {@code nn.AdaptiveAvgPool1d}.
 *
 * @param sizes the result's spatial sizes; -1 keeps one
 */
public record AdaptiveAvgPool1d(List<Integer> sizes) implements UnaryLayer {
  /** Copies the sizes. */
  public AdaptiveAvgPool1d {
    sizes = List.copyOf(Sizes.spread("AdaptiveAvgPool1d", "sizes", sizes, 1));
  }

  /** Returns a layer for a result of these sizes; one counts for all. */
  public static AdaptiveAvgPool1d of(int... sizes) {
    return new AdaptiveAvgPool1d(Sizes.boxed(sizes));
  }

  /** Applies the layer to {@code [batch, channels, length]}; the batch may be missing. */
  @Override
  public Tensor forward(Tensor x) {
    return F.adaptiveAvgPool(x, sizes);
  }
}
