package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Gradients of reductions and of the general matrix product. */
final class ContractGradients {
  private ContractGradients() {}

  // ---- reductions -------------------------------------------------------------------------------

  static @Nullable HloInstruction[] reduce(
      HloBuilder b, HloOp.Reduce op, HloInstruction out, HloInstruction g, boolean[] wanted) {
    if (out.operands().size() != 2 || !isBinary(op.reducer())) {
      throw VectorJacobian.refuse(out);
    }
    BinaryKind kind = ((HloOp.Binary) op.reducer().root().op()).kind();
    if (kind == BinaryKind.ADD) {
      Dims all = Dims.range(g.arrayShape().rank());
      return new @Nullable HloInstruction[] {
        wanted[0] ? restored(b, op, out.operand(0), g) : null, wanted[1] ? sum(b, g, all) : null
      };
    }
    if (wanted[1]) {
      throw VectorJacobian.refuse(out);
    }
    return new @Nullable HloInstruction[] {ofOperand(b, op, kind, out, g), null};
  }

  private static HloInstruction ofOperand(
      HloBuilder b, HloOp.Reduce op, BinaryKind kind, HloInstruction out, HloInstruction g) {
    HloInstruction x = out.operand(0);
    return switch (kind) {
      case ADD -> restored(b, op, x, g);
      case MAXIMUM, MINIMUM -> extremum(b, op, x, out, g);
      case MULTIPLY -> product(b, op, x, out.operand(1), g);
      case AND,
          ATAN2,
          DIVIDE,
          MULHI,
          OR,
          POWER,
          REMAINDER,
          SHIFT_LEFT,
          SHIFT_RIGHT_ARITHMETIC,
          SHIFT_RIGHT_LOGICAL,
          SUBTRACT,
          XOR ->
          throw VectorJacobian.refuse(out);
    };
  }

  /** Sums along dimensions, 16-bit types in f32 as PyTorch does. */
  static HloInstruction sum(HloBuilder b, HloInstruction x, Dims dimensions) {
    DType type = x.arrayShape().dtype();
    return dimensions.isEmpty() ? x : b.convert(b.sum(widened(b, x), dimensions), type);
  }

  private static HloInstruction widened(HloBuilder b, HloInstruction x) {
    DType type = x.arrayShape().dtype();
    return type == DType.F16 || type == DType.BF16 ? b.convert(x, DType.F32) : x;
  }

  /** Returns whether a computation is one operation on its two parameters. */
  static boolean isBinary(HloComputation reducer) {
    HloInstruction root = reducer.root();
    return root.op() instanceof HloOp.Binary
        && reducer.parameters().size() == 2
        && root.operand(0).op() instanceof HloOp.Parameter
        && root.operand(1).op() instanceof HloOp.Parameter
        && root.operand(0) != root.operand(1);
  }

  /** Repeats along what was reduced away. */
  private static HloInstruction restored(
      HloBuilder b, HloOp.Reduce op, HloInstruction x, HloInstruction reduced) {
    Dims dims = x.arrayShape().dims();
    Dims kept = LayoutGradients.others(dims.size(), op.dimensions());
    return b.add(new HloOp.Broadcast(dims, kept), reduced);
  }

  /** Equal extremes share the gradient evenly, as in PyTorch's amax. */
  private static HloInstruction extremum(
      HloBuilder b, HloOp.Reduce op, HloInstruction x, HloInstruction out, HloInstruction g) {
    DType type = x.arrayShape().dtype();
    HloInstruction isExtreme = b.compare(ComparisonDirection.EQ, x, restored(b, op, x, out));
    HloInstruction wide = widened(b, g);
    HloInstruction mask = b.convert(isExtreme, wide.arrayShape().dtype());
    HloInstruction share = b.convert(b.over(wide, b.sum(mask, op.dimensions())), type);
    // Where the initial value won, there is no extreme element and the share is infinite.
    return b.select(isExtreme, restored(b, op, x, share), b.filledLike(x, 0));
  }

  /** The product of the others, also where one or more factors are zero. */
  private static HloInstruction product(
      HloBuilder b, HloOp.Reduce op, HloInstruction x, HloInstruction initial, HloInstruction g) {
    DType type = x.arrayShape().dtype();
    HloInstruction zero = b.filledLike(x, 0);
    HloInstruction isZero = b.compare(ComparisonDirection.EQ, x, zero);
    HloInstruction factors = b.select(isZero, b.filledLike(x, 1), x);
    HloInstruction product = b.add(op, factors, initial);
    HloInstruction scaled = restored(b, op, x, b.times(g, product));
    HloInstruction zeros = restored(b, op, x, b.sum(b.convert(isZero, type), op.dimensions()));
    HloInstruction alone =
        b.compare(ComparisonDirection.EQ, b.minus(zeros, b.convert(isZero, type)), zero);
    return b.select(alone, b.over(scaled, factors), zero);
  }

  // ---- products ---------------------------------------------------------------------------------

  static @Nullable HloInstruction[] dot(
      HloBuilder b, HloOp.Dot op, HloInstruction out, HloInstruction g, boolean[] wanted) {
    DotDimensionNumbers n = op.dimensionNumbers();
    Side left = new Side(out.operand(0), n.lhsBatch(), n.lhsContracting());
    Side right = new Side(out.operand(1), n.rhsBatch(), n.rhsContracting());
    int batch = n.lhsBatch().size();
    int leftFrom = batch;
    int rightFrom = batch + left.free().size();
    return new @Nullable HloInstruction[] {
      wanted[0] ? gradient(b, op.resultType(), g, left, rightFrom, right) : null,
      wanted[1] ? gradient(b, op.resultType(), g, right, leftFrom, left) : null
    };
  }

  /** One operand of a product and how it takes part. */
  private record Side(HloInstruction x, Dims batch, Dims contracting) {
    Dims free() {
      int[] used = Arrays.copyOf(batch.toArray(), batch.size() + contracting.size());
      System.arraycopy(contracting.toArray(), 0, used, batch.size(), contracting.size());
      return LayoutGradients.others(x.arrayShape().rank(), Dims.of(used));
    }
  }

  /**
   * Returns the gradient of one side: the product of the result's gradient and the other side,
   * summed over the other side's free dimensions.
   *
   * @param otherFrom where the other's free dimensions start in the result
   */
  private static HloInstruction gradient(
      HloBuilder b, DType type, HloInstruction g, Side own, int otherFrom, Side other) {
    int batch = own.batch().size();
    Dims otherFree = other.free();
    int[] summedDims = new int[otherFree.size()];
    Arrays.setAll(summedDims, i -> otherFrom + i);
    Dims summed = Dims.of(summedDims);
    int[] gradientFirst = target(own, other, batch, true);
    boolean first = isSorted(gradientFirst);
    int[] target = first ? gradientFirst : target(own, other, batch, false);
    DotDimensionNumbers n =
        first
            ? new DotDimensionNumbers(summed, otherFree, Dims.range(batch), other.batch())
            : new DotDimensionNumbers(otherFree, summed, other.batch(), Dims.range(batch));
    HloInstruction like = narrowed(b, g, other.x().arrayShape().dtype());
    HloInstruction product =
        first
            ? b.add(new HloOp.Dot(n, type), like, other.x())
            : b.add(new HloOp.Dot(n, type), other.x(), like);
    HloInstruction laidOut = b.transpose(product, LayoutGradients.inverse(Dims.of(target)));
    return b.convert(laidOut, own.x().arrayShape().dtype());
  }

  /**
   * Returns the gradient of a product that was summed in a wider type than its operands', in
   * theirs: what was widened to get here is taken as it was.
   */
  private static HloInstruction narrowed(HloBuilder b, HloInstruction g, DType type) {
    boolean small = type == DType.F16 || type == DType.BF16;
    if (!small || g.arrayShape().dtype() == type) {
      return g;
    }
    boolean widened = g.op() instanceof HloOp.Convert && g.operand(0).arrayShape().dtype() == type;
    return widened ? g.operand(0) : b.convert(g, type);
  }

  /** Returns the own dimension that each dimension of the product stands for. */
  private static int[] target(Side own, Side other, int batch, boolean gradientFirst) {
    Dims free = own.free();
    int[] contracted = new int[own.contracting().size()];
    int k = 0;
    for (int d = 0; d < other.x().arrayShape().rank(); d++) {
      int pair = other.contracting().indexOf(d);
      if (pair >= 0) {
        contracted[k++] = own.contracting().get(pair);
      }
    }
    int[] out = new int[batch + free.size() + contracted.length];
    int at = 0;
    for (; at < batch; at++) {
      out[at] = own.batch().get(at);
    }
    int[] firstPart = gradientFirst ? free.toArray() : contracted;
    int[] secondPart = gradientFirst ? contracted : free.toArray();
    System.arraycopy(firstPart, 0, out, at, firstPart.length);
    System.arraycopy(secondPart, 0, out, at + firstPart.length, secondPart.length);
    return out;
  }

  private static boolean isSorted(int[] values) {
    for (int i = 1; i < values.length; i++) {
      if (values[i] < values[i - 1]) {
        return false;
      }
    }
    return true;
  }
}
