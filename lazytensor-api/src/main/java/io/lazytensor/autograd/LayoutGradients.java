package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.PaddingConfig;
import org.jspecify.annotations.Nullable;

/** Gradients of operations that move elements. */
final class LayoutGradients {
  private LayoutGradients() {}

  static HloInstruction broadcast(HloBuilder b, HloOp.Broadcast op, HloInstruction g) {
    return ContractGradients.sum(b, g, others(op.resultDims().size(), op.dimensions()));
  }

  /** Returns the dimension numbers below a rank that are not among the given. */
  static Dims others(int rank, Dims dimensions) {
    int[] out = new int[rank - dimensions.size()];
    int k = 0;
    for (int d = 0; d < rank; d++) {
      if (!dimensions.contains(d)) {
        out[k++] = d;
      }
    }
    return Dims.of(out);
  }

  static HloInstruction transpose(HloBuilder b, HloOp.Transpose op, HloInstruction g) {
    return b.transpose(g, inverse(op.permutation()));
  }

  static Dims inverse(Dims permutation) {
    int[] out = new int[permutation.size()];
    for (int i = 0; i < out.length; i++) {
      out[permutation.get(i)] = i;
    }
    return Dims.of(out);
  }

  static HloInstruction slice(HloBuilder b, HloOp.Slice op, HloInstruction out, HloInstruction g) {
    ArrayShape x = out.operand(0).arrayShape();
    if (g.arrayShape().elementCount() == 0) {
      return b.filledLike(out.operand(0), 0);
    }
    int rank = x.rank();
    int[] high = new int[rank];
    int[] interior = new int[rank];
    for (int i = 0; i < rank; i++) {
      int last = op.start().get(i) + (g.arrayShape().dim(i) - 1) * op.stride().get(i);
      high[i] = x.dim(i) - 1 - last;
      interior[i] = op.stride().get(i) - 1;
    }
    PaddingConfig padding = new PaddingConfig(op.start(), Dims.of(high), Dims.of(interior));
    return b.add(new HloOp.Pad(padding), g, b.constant(x.dtype(), 0));
  }

  static @Nullable HloInstruction[] concatenate(
      HloBuilder b, HloOp.Concatenate op, HloInstruction out, HloInstruction g, boolean[] wanted) {
    @Nullable HloInstruction[] pieces = new @Nullable HloInstruction[wanted.length];
    Dims dims = g.arrayShape().dims();
    Dims strides = Dims.filled(dims.size(), 1);
    int at = 0;
    for (int i = 0; i < wanted.length; i++) {
      int size = out.operand(i).arrayShape().dim(op.dimension());
      if (wanted[i]) {
        int[] start = new int[dims.size()];
        int[] limit = dims.toArray();
        start[op.dimension()] = at;
        limit[op.dimension()] = at + size;
        pieces[i] = b.add(new HloOp.Slice(Dims.of(start), Dims.of(limit), strides), g);
      }
      at += size;
    }
    return pieces;
  }

  static @Nullable HloInstruction[] pad(
      HloBuilder b, HloOp.Pad op, HloInstruction out, HloInstruction g, boolean[] wanted) {
    return new @Nullable HloInstruction[] {
      wanted[0] ? unpadded(b, op.padding(), out.operand(0), g) : null,
      wanted[1] ? padded(b, op, out.operand(0), g) : null
    };
  }

  /** Sums what lies in the padding. */
  private static HloInstruction padded(
      HloBuilder b, HloOp.Pad op, HloInstruction x, HloInstruction g) {
    HloInstruction inside = b.spread(b.constant(DType.PRED, 0), x.arrayShape().dims());
    HloInstruction isPadding = b.add(op, inside, b.constant(DType.PRED, 1));
    HloInstruction parts = b.select(isPadding, g, b.filledLike(g, 0));
    return ContractGradients.sum(b, parts, Dims.range(g.arrayShape().rank()));
  }

  private static HloInstruction unpadded(
      HloBuilder b, PaddingConfig padding, HloInstruction x, HloInstruction g) {
    ArrayShape shape = x.arrayShape();
    if (shape.elementCount() == 0) {
      return b.filledLike(x, 0);
    }
    int rank = shape.rank();
    int[] low = new int[rank];
    int[] high = new int[rank];
    int[] limit = new int[rank];
    int[] stride = new int[rank];
    for (int i = 0; i < rank; i++) {
      low[i] = -padding.low().get(i);
      high[i] = -padding.high().get(i);
      stride[i] = padding.interior().get(i) + 1;
      limit[i] = (shape.dim(i) - 1) * stride[i] + 1;
    }
    Dims none = Dims.filled(rank, 0);
    HloInstruction core =
        b.add(
            new HloOp.Pad(new PaddingConfig(Dims.of(low), Dims.of(high), none)),
            g,
            b.constant(shape.dtype(), 0));
    return b.add(new HloOp.Slice(none, Dims.of(limit), Dims.of(stride)), core);
  }
}
