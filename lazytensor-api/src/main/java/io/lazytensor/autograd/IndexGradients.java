package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.GatherDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.ScatterDimensionNumbers;
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
            op.indicesAreSorted(),
            false);
    HloInstruction zeros = b.filledLike(out.operand(0), 0);
    return new @Nullable HloInstruction[] {b.add(scatter, zeros, out.operand(1), g), null};
  }

  /** Of scatters that add: what was added to gets the gradient, updates read theirs from it. */
  static @Nullable HloInstruction[] scatter(
      HloBuilder b, HloOp.Scatter op, HloInstruction out, HloInstruction g, boolean[] wanted) {
    boolean adds =
        out.operands().size() == 3
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
    return b.add(gather, g, out.operand(1));
  }
}
