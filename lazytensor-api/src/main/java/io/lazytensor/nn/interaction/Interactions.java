package io.lazytensor.nn.interaction;

import io.lazytensor.Tensor;
import io.lazytensor.internal.ops.LayerOps;
import io.lazytensor.internal.record.Calls;

/** Explicit interactions of two towers or of many features, without parameters. */
public final class Interactions {
  private Interactions() {}

  /** Returns {@code Σ x y} along the last dimension: {@code […, width]} becomes {@code […]}. */
  public static Tensor dot(Tensor x, Tensor y) {
    return Calls.call(LayerOps.DOT, x, y, 0, null);
  }

  /** Returns x, y, |x - y| and x · y joined along the last dimension: four times its size. */
  public static Tensor compared(Tensor x, Tensor y) {
    return Calls.call(LayerOps.COMPARED, x, y, 0, null);
  }

  /**
   * Returns the dot products of all pairs of features (DLRM; Naumov et al., 2019).
   *
   * @param x {@code [batch, features, width]}
   * @param withSelf whether a feature is paired with itself
   * @return {@code [batch, pairs]}: (1,0), (2,0), (2,1), …
   */
  public static Tensor pairwiseDot(Tensor x, boolean withSelf) {
    return Calls.call(LayerOps.PAIRWISE_DOT, x, withSelf ? 1 : 0, null);
  }

  /**
   * Returns the sum of the dot products of all pairs of features, in time linear in their number:
   * the second order of a factorization machine (Rendle, 2010).
   *
   * @param x {@code [batch, features, width]}
   * @return {@code [batch]}
   */
  public static Tensor factorizationMachine(Tensor x) {
    return Calls.call(LayerOps.FACTORIZATION, x, 1, null);
  }

  /**
   * Returns the sum of the element-wise products of all pairs of features (He and Chua, 2017).
   *
   * @param x {@code [batch, features, width]}
   * @return {@code [batch, width]}
   */
  public static Tensor biInteraction(Tensor x) {
    return Calls.call(LayerOps.FACTORIZATION, x, 0, null);
  }
}
