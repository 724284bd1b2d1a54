package io.lazytensor.nn.interaction;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import io.lazytensor.nn.Embedding;
import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;

/**
 * A factorization machine over categorical features: bias, a weight for each category, and the dot
 * products of all pairs of factors (Rendle, 2010).
 *
 * @param bias {@code [1]}
 * @param weights {@code [categories, 1]}
 * @param factors {@code [categories, width]}
 */
public record FactorizationMachine(Parameter bias, Embedding weights, Embedding factors)
    implements Layer {
  /** Returns a layer whose factors start small. */
  public static FactorizationMachine of(int categories, int width) {
    return new FactorizationMachine(
        Parameter.of(Initializer.zeros(), 1),
        new Embedding(Parameter.of(Initializer.zeros(), categories, 1)),
        new Embedding(Parameter.of(Initializer.normal(0, 0.01), categories, width)));
  }

  /**
   * Scores a batch.
   *
   * @param indices the category of each feature, {@code s32[batch, features]}
   * @return {@code [batch]}
   */
  public Tensor forward(Tensor indices) {
    Tensor linear = weights.forward(indices).sum(1).squeeze(1);
    Tensor pairs = Interactions.factorizationMachine(factors.forward(indices));
    return linear.add(pairs).add(bias);
  }
}
