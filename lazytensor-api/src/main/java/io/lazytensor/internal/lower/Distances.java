package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;

/** Distances of vectors. */
public final class Distances {
  private Distances() {}

  /**
   * Returns the p-norm of x - y + eps along the last dimension, as {@code
   * torch.nn.functional.pairwise_distance}.
   *
   * @param eps PyTorch's default is 1e-6
   */
  public static HloInstruction pairwise(
      HloBuilder b, HloInstruction x, HloInstruction y, double p, double eps, boolean keepDim) {
    HloInstruction apart = Promotion.floating(b, Elementwise.sub(b, x, y));
    if (rank(apart) == 0) {
      throw refuse(b, "pairwiseDistance of scalars: the last dimension is missing");
    }
    return Reductions.norm(b, Primitives.add(b, apart, eps), p, keepDim, -1);
  }

  /**
   * Returns the p-norms of the differences of all rows of x to all rows of y.
   *
   * @param x [..., n, d]
   * @param y [..., m, d]
   * @return [..., n, m]
   */
  public static HloInstruction cdist(HloBuilder b, HloInstruction x, HloInstruction y, double p) {
    if (rank(x) < 2 || rank(y) < 2 || dims(x).get(rank(x) - 1) != dims(y).get(rank(y) - 1)) {
      throw refuse(
          b,
          "cdist of "
              + x.shape()
              + " and "
              + y.shape()
              + ": expected rows [...,n,d] and [...,m,d]");
    }
    HloInstruction rows = Shapes.unsqueeze(b, x, -2);
    HloInstruction columns = Shapes.unsqueeze(b, y, -3);
    return Reductions.norm(b, Elementwise.sub(b, rows, columns), p, false, -1);
  }
}
