package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gradients of what moves a window over arrays: folds, and by {@link ConvolutionGradients}. */
final class WindowGradients {
  private WindowGradients() {}

  static @Nullable HloInstruction[] of(
      HloBuilder b, WindowOp op, HloInstruction x, HloInstruction gradient, boolean[] wanted) {
    return switch (op) {
      case WindowOp.Convolution convolution ->
          ConvolutionGradients.of(b, convolution, x, gradient, wanted);
      case WindowOp.ReduceWindow fold -> fold(b, fold, x, gradient, wanted);
      case WindowOp.SelectAndScatter _ -> throw VectorJacobian.refuse(x);
    };
  }

  private static @Nullable HloInstruction[] fold(
      HloBuilder b,
      WindowOp.ReduceWindow op,
      HloInstruction x,
      HloInstruction g,
      boolean[] wanted) {
    if (x.operands().size() != 2 || wanted[1] || !ContractGradients.isBinary(op.reducer())) {
      throw VectorJacobian.refuse(x);
    }
    BinaryKind kind = ((HloOp.Binary) op.reducer().root().op()).kind();
    HloInstruction operand =
        switch (kind) {
          case ADD -> sum(b, op, x, g);
          case MAXIMUM -> extremum(b, op, x, g, ComparisonDirection.GE);
          case MINIMUM -> extremum(b, op, x, g, ComparisonDirection.LE);
          case AND,
              ATAN2,
              DIVIDE,
              MULHI,
              MULTIPLY,
              OR,
              POWER,
              REMAINDER,
              SHIFT_LEFT,
              SHIFT_RIGHT_ARITHMETIC,
              SHIFT_RIGHT_LOGICAL,
              SUBTRACT,
              XOR ->
              throw VectorJacobian.refuse(x);
        };
    return new @Nullable HloInstruction[] {operand, null};
  }

  /** An element belongs to the windows that end at it: pad with holes and sum windows again. */
  private static HloInstruction sum(
      HloBuilder b, WindowOp.ReduceWindow op, HloInstruction x, HloInstruction g) {
    ArrayShape shape = x.operand(0).arrayShape();
    int rank = shape.rank();
    int[] low = new int[rank];
    int[] high = new int[rank];
    int[] interior = new int[rank];
    List<WindowDimension> dimensions = new ArrayList<>();
    for (int d = 0; d < rank; d++) {
      WindowDimension w = op.window().get(d);
      if (w.baseDilation() != 1) {
        throw VectorJacobian.refuse(x);
      }
      int reach = (w.size() - 1) * w.windowDilation();
      int places = g.arrayShape().dim(d);
      interior[d] = w.stride() - 1;
      low[d] = reach - w.paddingLow();
      int spread = places == 0 ? 0 : (places - 1) * w.stride() + 1;
      high[d] = shape.dim(d) + reach - low[d] - spread;
      dimensions.add(new WindowDimension(w.size(), 1, 0, 0, 1, w.windowDilation(), false));
    }
    PaddingConfig padding = new PaddingConfig(Dims.of(low), Dims.of(high), Dims.of(interior));
    HloInstruction zero = b.constant(shape.dtype(), 0);
    HloInstruction spread = b.add(new HloOp.Pad(padding), g, zero);
    return b.add(new WindowOp.ReduceWindow(new Window(dimensions), op.reducer()), spread, zero);
  }

  /** The first extreme of a window gets its gradient, as in PyTorch's max_pool. */
  private static HloInstruction extremum(
      HloBuilder b,
      WindowOp.ReduceWindow op,
      HloInstruction x,
      HloInstruction g,
      ComparisonDirection stays) {
    for (WindowDimension w : op.window().dimensions()) {
      if (w.baseDilation() != 1 || w.windowDilation() != 1) {
        throw VectorJacobian.refuse(x);
      }
    }
    DType type = x.operand(0).arrayShape().dtype();
    HloBuilder s = new HloBuilder();
    ArrayShape scalar = ArrayShape.scalar(type);
    HloInstruction chosen = s.add(new HloOp.Parameter(0, scalar));
    HloInstruction candidate = s.add(new HloOp.Parameter(1, scalar));
    HloComputation select =
        HloComputation.of(
            "first_" + type, List.of(chosen, candidate), s.compare(stays, chosen, candidate));
    return b.add(
        new WindowOp.SelectAndScatter(
            op.window(), select, HloBuilder.scalarFunction(BinaryKind.ADD, type)),
        x.operand(0),
        g,
        b.constant(type, 0));
  }
}
