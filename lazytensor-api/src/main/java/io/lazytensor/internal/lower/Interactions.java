package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.sub;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.widen;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Products of features, for ranking models. */
public final class Interactions {
  private Interactions() {}

  /**
   * Returns {@code x₁ᵀ A x₂ + bias} for each output, as {@code torch.nn.functional.bilinear}.
   *
   * @param left [..., in1]
   * @param right [..., in2]
   * @param weight [out, in1, in2]
   * @param bias [out], none if null
   */
  public static HloInstruction bilinear(
      HloBuilder b,
      HloInstruction left,
      HloInstruction right,
      HloInstruction weight,
      @Nullable HloInstruction bias) {
    boolean fits =
        rank(weight) == 3
            && rank(left) > 0
            && rank(left) == rank(right)
            && dims(left).get(rank(left) - 1) == dims(weight).get(1)
            && dims(right).get(rank(right) - 1) == dims(weight).get(2)
            && Shapes.removed(dims(left), rank(left) - 1)
                .equals(Shapes.removed(dims(right), rank(right) - 1));
    if (!fits) {
      throw refuse(
          b,
          "bilinear of "
              + left.shape()
              + " and "
              + right.shape()
              + ": expected a weight [out,in1,in2], got "
              + weight.shape());
    }
    int rows = Math.toIntExact(dims(left).product() / dims(weight).get(1));
    int out = dims(weight).get(0);
    HloInstruction x = Shapes.reshape(b, left, rows, dims(weight).get(1));
    HloInstruction y = Shapes.reshape(b, right, rows, dims(weight).get(2), 1);
    HloInstruction flat =
        Shapes.reshape(b, Shapes.transpose(b, weight, 0, 1), dims(weight).get(1), -1);
    HloInstruction half =
        Shapes.reshape(b, MatrixProducts.matmul(b, x, flat), rows, out, dims(weight).get(2));
    int[] sizes = dims(left).toArray();
    sizes[sizes.length - 1] = out;
    HloInstruction product = Shapes.reshape(b, MatrixProducts.matmul(b, half, y), sizes);
    return bias == null ? product : Elementwise.add(b, product, bias);
  }

  /**
   * Returns the dot products of all pairs of features: DLRM's interaction (Naumov et al., 2019).
   *
   * @param x [batch, features, width]
   * @param withSelf whether a feature is paired with itself
   * @return [batch, pairs], pairs (i, j) with j below i in the order of i, then j
   */
  public static HloInstruction pairs(HloBuilder b, HloInstruction x, boolean withSelf) {
    if (rank(x) != 3) {
      throw refuse(b, "pairwise dot: expected [batch,features,width], got " + x.shape());
    }
    HloInstruction products = MatrixProducts.matmul(b, x, Shapes.transpose(b, x, 1, 2));
    int features = dims(x).get(1);
    List<HloInstruction> rows = new ArrayList<>();
    for (int i = withSelf ? 0 : 1; i < features; i++) {
      HloInstruction row = Shapes.select(b, products, 1, i);
      rows.add(Shapes.range(b, row, 1, 0, withSelf ? i + 1 : i, 1));
    }
    if (rows.isEmpty()) {
      throw refuse(b, "pairwise dot: one feature has no pair, got " + x.shape());
    }
    return rows.size() == 1 ? rows.getFirst() : b.add(new HloOp.Concatenate(1), rows);
  }

  /**
   * Returns {@code x₀ ⊙ (projected) + x}: a cross layer of DCN-v2 (Wang et al., 2021) after its
   * matrix products.
   */
  public static HloInstruction cross(
      HloBuilder b, HloInstruction first, HloInstruction x, HloInstruction projected) {
    if (!dims(first).equals(dims(x)) || !dims(x).equals(dims(projected))) {
      throw refuse(
          b,
          "cross of "
              + first.shape()
              + " and "
              + x.shape()
              + ": the shapes must be equal, and that of"
              + " the projection "
              + projected.shape());
    }
    return Elementwise.add(b, Elementwise.mul(b, first, projected), x);
  }

  /**
   * Returns the sum of the dot products of all pairs of features, {@code ½ (‖Σv‖² - Σ‖v‖²)}: the
   * second order of a factorization machine (Rendle, 2010).
   *
   * @param x [batch, features, width]
   * @param sumWidth whether the width is summed too; else the bi-interaction [batch, width]
   */
  public static HloInstruction factorization(HloBuilder b, HloInstruction x, boolean sumWidth) {
    if (rank(x) != 3 || !type(x).isFloating()) {
      throw refuse(
          b, "factorization machine: expected floats [batch,features,width], got " + x.shape());
    }
    HloInstruction f = widen(b, x);
    HloInstruction sum = Reductions.fold(b, BinaryKind.ADD, f, Dims.of(1));
    HloInstruction squares = Reductions.fold(b, BinaryKind.ADD, mul(b, f, f), Dims.of(1));
    HloInstruction pairs = mul(b, sub(b, mul(b, sum, sum), squares), 0.5);
    HloInstruction out = sumWidth ? Reductions.fold(b, BinaryKind.ADD, pairs, Dims.of(1)) : pairs;
    return convert(b, out, type(x));
  }

  /** Returns {@code x · y} along the last dimension. */
  public static HloInstruction dot(HloBuilder b, HloInstruction x, HloInstruction y) {
    HloInstruction product = Elementwise.mul(b, x, y);
    return Reductions.sum(b, product, false, -1);
  }

  /** Joins x, y, |x - y| and x · y element by element along the last dimension. */
  public static HloInstruction compared(HloBuilder b, HloInstruction x, HloInstruction y) {
    HloInstruction difference = Elementwise.abs(b, Elementwise.sub(b, x, y));
    return Shapes.concat(b, List.of(x, y, difference, Elementwise.mul(b, x, y)), -1);
  }
}
