package io.lazytensor.nn;

import io.lazytensor.Tensor;

/** A layer that makes one tensor of one tensor, so that {@link Sequential} can chain it. */
public interface UnaryLayer extends Layer {
  /** Applies the layer. */
  Tensor forward(Tensor x);
}
