package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.type;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Products that sum over a dimension, each one {@code dot} as far as possible. */
public final class MatrixProducts {
  private MatrixProducts() {}

  /**
   * Returns the matrix product as {@code torch.matmul}: vectors are rows on the left and columns on
   * the right and lose that dimension, dimensions before the last two broadcast.
   *
   * @throws io.lazytensor.xla.ir.ShapeException if the summed sizes or the types differ
   */
  public static HloInstruction matmul(HloBuilder b, HloInstruction x, HloInstruction y) {
    int rows = Math.max(rank(y) - 2, 0);
    if (rank(x) == 0 || rank(y) == 0) {
      throw refuse(b, "matmul of " + x.shape() + " and " + y.shape() + ": use mul for scalars");
    }
    int k = dims(x).get(rank(x) - 1);
    if (k != dims(y).get(rows)) {
      throw refuse(
          b, "matmul: lhs " + x.shape() + " needs " + k + " rows on the right, got " + y.shape());
    }
    refuseMixed(b, "matmul", x, y);
    if (rank(y) <= 2) {
      return dot(b, x, Dims.of(rank(x) - 1), Dims.of(), y, Dims.of(rows), Dims.of());
    }
    if (rank(x) == 1) {
      // The free dimensions of the batched side come first and are already in order.
      return dot(b, y, Dims.of(rows), Dims.of(), x, Dims.of(0), Dims.of());
    }
    return rank(x) == 2 ? sharedLeft(b, x, y) : batched(b, x, y);
  }

  /** [m, k] times [..., k, n]: one product for all batches, then m moves behind them. */
  private static HloInstruction sharedLeft(HloBuilder b, HloInstruction x, HloInstruction y) {
    int rank = rank(y);
    HloInstruction product = dot(b, y, Dims.of(rank - 2), Dims.of(), x, Dims.of(1), Dims.of());
    return Shapes.transpose(b, product, -1, -2);
  }

  private static HloInstruction batched(HloBuilder b, HloInstruction x, HloInstruction y) {
    Dims xBatch = leading(dims(x));
    Dims yBatch = leading(dims(y));
    HloInstruction left = x;
    HloInstruction right = y;
    if (!xBatch.equals(yBatch)) {
      Dims common = commonBatch(b, x, y);
      left = Broadcasting.expand(b, x, withMatrix(common, dims(x)));
      right = Broadcasting.expand(b, y, withMatrix(common, dims(y)));
    }
    int rank = rank(left);
    Dims batch = Dims.range(rank - 2);
    return dot(b, left, Dims.of(rank - 1), batch, right, Dims.of(rank - 2), batch);
  }

  private static Dims commonBatch(HloBuilder b, HloInstruction x, HloInstruction y) {
    int[] xs = leading(dims(x)).toArray();
    int[] ys = leading(dims(y)).toArray();
    int[] common = new int[Math.max(xs.length, ys.length)];
    for (int i = 1; i <= common.length; i++) {
      int one = i <= xs.length ? xs[xs.length - i] : 1;
      int other = i <= ys.length ? ys[ys.length - i] : 1;
      if (one != other && one != 1 && other != 1) {
        throw refuse(
            b,
            "matmul of "
                + x.shape()
                + " and "
                + y.shape()
                + ": the dimensions before the last two do not broadcast");
      }
      common[common.length - i] = one == 1 ? other : one;
    }
    return Dims.of(common);
  }

  /**
   * Returns {@code x Wᵀ + bias} without transposing the weight.
   *
   * @param x [..., in]
   * @param weight [out, in], as PyTorch stores it
   * @param bias [out], none if null
   * @return [..., out]
   */
  public static HloInstruction linear(
      HloBuilder b, HloInstruction x, HloInstruction weight, @Nullable HloInstruction bias) {
    if (rank(weight) != 2 || rank(x) == 0 || dims(x).get(rank(x) - 1) != dims(weight).get(1)) {
      String in = rank(x) == 0 ? "in" : "" + dims(x).get(rank(x) - 1);
      throw refuse(
          b, "linear: x " + x.shape() + " needs a weight [out," + in + "], got " + weight.shape());
    }
    refuseMixed(b, "linear", x, weight);
    HloInstruction product =
        wideDot(b, x, Dims.of(rank(x) - 1), Dims.of(), weight, Dims.of(1), Dims.of());
    if (bias == null) {
      return Primitives.convert(b, product, type(x));
    }
    if (!dims(bias).equals(Dims.of(dims(weight).get(0)))) {
      throw refuse(
          b,
          "linear: weight "
              + weight.shape()
              + " needs a bias ["
              + dims(weight).get(0)
              + "], got "
              + bias.shape());
    }
    refuseMixed(b, "linear", x, bias);
    HloInstruction wide = Primitives.convert(b, bias, type(product));
    HloInstruction sum = Primitives.add(b, product, Broadcasting.expand(b, wide, dims(product)));
    return Primitives.convert(b, sum, type(x));
  }

  /** Returns an {@code f32} operand in the type that the step computes products in. */
  public static HloInstruction lowered(HloBuilder b, HloInstruction x, DType compute) {
    return compute != DType.F32 && type(x) == DType.F32 ? Elementwise.cast(b, x, compute) : x;
  }

  static void refuseMixed(HloBuilder b, String op, HloInstruction x, HloInstruction y) {
    if (type(x) != type(y)) {
      throw refuse(
          b,
          op + " of " + x.shape() + " and " + y.shape() + ": the types differ, cast one of them");
    }
  }

  /** Returns the matrix product of operands of given ranks: {@code torch.mm}, bmm, mv, dot. */
  public static HloInstruction ranked(
      HloBuilder b, HloInstruction x, int xRank, HloInstruction y, int yRank) {
    String op = b.metadata().opName();
    if (rank(x) != xRank || rank(y) != yRank) {
      throw refuse(
          b,
          "%s of %s and %s: expected %d and %d dimensions"
              .formatted(op, x.shape(), y.shape(), xRank, yRank));
    }
    if (xRank == 3 && dims(x).get(0) != dims(y).get(0)) {
      throw refuse(
          b, "%s of %s and %s: the batch sizes differ".formatted(op, x.shape(), y.shape()));
    }
    return matmul(b, x, y);
  }

  /** Returns the products of all elements of two vectors, [n, m]. */
  public static HloInstruction outer(HloBuilder b, HloInstruction x, HloInstruction y) {
    if (rank(x) != 1 || rank(y) != 1) {
      throw refuse(b, "outer of " + x.shape() + " and " + y.shape() + ": expected two vectors");
    }
    return Elementwise.mul(b, Shapes.unsqueeze(b, x, 1), y);
  }

  /** Returns {@code beta x + alpha y z} for a matrix product of y and z. */
  public static HloInstruction addProduct(
      HloBuilder b, HloInstruction x, HloInstruction product, double beta, double alpha) {
    HloInstruction scaled = MathFunctions.scaled(b, product, alpha);
    // As in PyTorch a beta of 0 takes nothing of x, not even NaN.
    return beta == 0
        ? Broadcasting.expand(b, scaled, Broadcasting.common(b, "add", List.of(x, scaled)))
        : Elementwise.add(b, MathFunctions.scaled(b, x, beta), scaled);
  }

  /** Makes a dot in the operands' type, whose sums are {@code f32} for 16-bit ones. */
  static HloInstruction dot(
      HloBuilder b,
      HloInstruction x,
      Dims xContracting,
      Dims xBatch,
      HloInstruction y,
      Dims yContracting,
      Dims yBatch) {
    HloInstruction product = wideDot(b, x, xContracting, xBatch, y, yContracting, yBatch);
    return Primitives.convert(b, product, type(x));
  }

  /**
   * Makes a dot whose sums and result are {@code f32} for 16-bit operands.
   *
   * <p>Reads through transposes of its operands where the result stays the same.
   */
  private static HloInstruction wideDot(
      HloBuilder b,
      HloInstruction x,
      Dims xContracting,
      Dims xBatch,
      HloInstruction y,
      Dims yContracting,
      Dims yBatch) {
    Side left = Side.of(x, xContracting, xBatch);
    Side right = Side.of(y, yContracting, yBatch);
    DotDimensionNumbers numbers =
        new DotDimensionNumbers(
            left.contracting(), right.contracting(), left.batch(), right.batch());
    return b.add(new HloOp.Dot(numbers, Primitives.wide(type(x))), left.operand(), right.operand());
  }

  /** An operand of a dot and the roles of its dimensions. */
  private record Side(HloInstruction operand, Dims contracting, Dims batch) {
    static Side of(HloInstruction x, Dims contracting, Dims batch) {
      if (!(x.op() instanceof HloOp.Transpose(Dims permutation)) || x.annotation() != null) {
        return new Side(x, contracting, batch);
      }
      List<Integer> free = new ArrayList<>();
      for (int d = 0; d < permutation.size(); d++) {
        if (!contracting.contains(d) && !batch.contains(d)) {
          free.add(permutation.get(d));
        }
      }
      boolean inOrder = free.equals(free.stream().sorted().toList());
      return inOrder
          ? of(x.operand(0), through(permutation, contracting), through(permutation, batch))
          : new Side(x, contracting, batch);
    }

    private static Dims through(Dims permutation, Dims which) {
      return Dims.of(which.stream().map(permutation::get).toArray());
    }
  }

  private static Dims leading(Dims dims) {
    return Dims.of(dims.stream().limit(dims.size() - 2L).toArray());
  }

  private static Dims withMatrix(Dims batch, Dims of) {
    int n = batch.size();
    return Shapes.inserted(
        Shapes.inserted(batch, n, of.get(of.size() - 2)), n + 1, of.get(of.size() - 1));
  }
}
