package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gradients of operations that read or write parts of arrays. Indices have none. */
final class IndexGradients {
  private IndexGradients() {}

  static @Nullable HloInstruction[] dynamicSlice(
      HloBuilder b, HloInstruction out, HloInstruction g) {
    @Nullable HloInstruction[] result = new @Nullable HloInstruction[out.operands().size()];
    List<HloInstruction> operands = new ArrayList<>(out.operands());
    operands.set(0, b.filledLike(out.operand(0), 0));
    operands.add(1, g);
    result[0] = b.add(new HloOp.DynamicUpdateSlice(), operands);
    return result;
  }

  static @Nullable HloInstruction[] dynamicUpdateSlice(
      HloBuilder b, HloInstruction out, HloInstruction g, boolean[] wanted) {
    @Nullable HloInstruction[] result = new @Nullable HloInstruction[out.operands().size()];
    if (wanted[0]) {
      List<HloInstruction> operands = new ArrayList<>(out.operands());
      operands.set(0, g);
      operands.set(1, b.filledLike(out.operand(1), 0));
      result[0] = b.add(new HloOp.DynamicUpdateSlice(), operands);
    }
    if (wanted[1]) {
      List<HloInstruction> operands = new ArrayList<>(out.operands());
      operands.set(0, g);
      operands.remove(1);
      result[1] = b.add(new HloOp.DynamicSlice(out.operand(1).arrayShape().dims()), operands);
    }
    return result;
  }

  static @Nullable HloInstruction[] gather(
      HloBuilder b, HloOp.Gather op, HloInstruction out, HloInstruction g) {
    GatherDimensionNumbers n = op.dimensionNumbers();
    DType type = g.arrayShape().dtype();
    HloInstruction indices = out.operand(1);
    HloInstruction last =
        lastStarts(
            b,
            out.operand(0).arrayShape().dims(),
            op.sliceSizes(),
            n.startIndexMap(),
            indices,
            n.indexVectorDim());
    // A gather moves windows that do not fit, a scatter would leave them out.
    HloInstruction starts = b.add(new HloOp.Clamp(), b.filledLike(indices, 0), indices, last);
    HloOp.Scatter scatter =
        new HloOp.Scatter(
            new ScatterDimensionNumbers(
                n.offsetDims(),
                n.collapsedSliceDims(),
                n.operandBatchingDims(),
                n.startIndicesBatchingDims(),
                n.startIndexMap(),
                n.indexVectorDim()),
            HloBuilder.scalarFunction(BinaryKind.ADD, type),
            op.indicesAreSorted() && n.startIndexMap().size() == 1,
            false);
    HloInstruction zeros = b.filledLike(out.operand(0), 0);
    return new @Nullable HloInstruction[] {b.add(scatter, zeros, starts, g), null};
  }

  /** Returns the greatest start at which a window fits, for every element of the indices. */
  private static HloInstruction lastStarts(
      HloBuilder b,
      Dims dims,
      Dims sizes,
      Dims addressed,
      HloInstruction indices,
      int indexVectorDim) {
    DType type = indices.arrayShape().dtype();
    Dims indexDims = indices.arrayShape().dims();
    int[] last = addressed.stream().map(d -> dims.get(d) - sizes.get(d)).toArray();
    if (last.length == 1) {
      return b.spread(b.constant(type, last[0]), indexDims);
    }
    byte[] bytes = new byte[last.length * type.byteSize()];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < last.length; i++) {
      Literal.writeBits(segment, i, type, Numbers.saturatingToInteger(type, last[i]));
    }
    ArrayShape shape = new ArrayShape(type, Dims.of(last.length));
    HloInstruction vector = b.add(new HloOp.Constant(Literal.ofBytes(shape, bytes)));
    return b.add(new HloOp.Broadcast(indexDims, Dims.of(indexVectorDim)), vector);
  }

  /** Of scatters that add: what was added to gets the gradient, updates read theirs from it. */
  static @Nullable HloInstruction[] scatter(
      HloBuilder b, HloOp.Scatter op, HloInstruction out, HloInstruction g, boolean[] wanted) {
    boolean adds =
        out.operands().size() == 3
            && ContractGradients.isBinary(op.combiner())
            && op.combiner().root().op() instanceof HloOp.Binary(BinaryKind kind)
            && kind == BinaryKind.ADD;
    if (!adds) {
      throw VectorJacobian.refuse(out);
    }
    return new @Nullable HloInstruction[] {g, null, wanted[2] ? windows(b, op, out, g) : null};
  }

  private static HloInstruction windows(
      HloBuilder b, HloOp.Scatter op, HloInstruction out, HloInstruction g) {
    ScatterDimensionNumbers n = op.dimensionNumbers();
    ArrayShape x = out.operand(0).arrayShape();
    ArrayShape update = out.operand(2).arrayShape();
    int[] sizes = new int[x.rank()];
    int k = 0;
    for (int i = 0; i < sizes.length; i++) {
      boolean dropped = n.insertedWindowDims().contains(i) || n.inputBatchingDims().contains(i);
      sizes[i] = dropped ? 1 : update.dim(n.updateWindowDims().get(k++));
    }
    HloOp.Gather gather =
        new HloOp.Gather(
            new GatherDimensionNumbers(
                n.updateWindowDims(),
                n.insertedWindowDims(),
                n.inputBatchingDims(),
                n.scatterIndicesBatchingDims(),
                n.scatterDimsToOperandDims(),
                n.indexVectorDim()),
            Dims.of(sizes),
            op.indicesAreSorted());
    HloInstruction read = b.add(gather, g, out.operand(1));
    // A scatter leaves windows out that do not fit, a gather moves them.
    HloInstruction fits = fits(b, n, x.dims(), Dims.of(sizes), out.operand(1), update.dims());
    return b.select(fits, read, b.filledLike(read, 0));
  }

  private static HloInstruction fits(
      HloBuilder b,
      ScatterDimensionNumbers n,
      Dims dims,
      Dims sizes,
      HloInstruction indices,
      Dims updateDims) {
    int vectorDim = n.indexVectorDim();
    HloInstruction last =
        lastStarts(b, dims, sizes, n.scatterDimsToOperandDims(), indices, vectorDim);
    HloInstruction fits =
        b.binary(
            BinaryKind.AND,
            b.compare(ComparisonDirection.GE, indices, b.filledLike(indices, 0)),
            b.compare(ComparisonDirection.LE, indices, last));
    if (vectorDim < indices.arrayShape().rank()) {
      HloOp.Reduce all =
          new HloOp.Reduce(
              Dims.of(vectorDim), HloBuilder.scalarFunction(BinaryKind.AND, DType.PRED));
      fits = b.add(all, fits, b.constant(DType.PRED, 1));
    }
    Dims batch = LayoutGradients.others(updateDims.size(), n.updateWindowDims());
    return b.add(new HloOp.Broadcast(updateDims, batch), fits);
  }
}
