package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.WindowOp;
import org.jspecify.annotations.Nullable;

/**
 * One vector-Jacobian product for every operation. Conventions where a derivative is not unique are
 * PyTorch's: {@code derivatives.yaml}.
 */
final class VectorJacobian {
  private VectorJacobian() {}

  /**
   * Returns the gradients of an instruction's operands, null where there is none.
   *
   * @param wanted for which operands; others may be null
   */
  static @Nullable HloInstruction[] of(
      HloBuilder b, HloInstruction x, HloInstruction gradient, boolean[] wanted) {
    return switch (x.op()) {
      case HloOp.Unary unary -> all(ElementwiseGradients.unary(b, unary.kind(), x, gradient));
      case HloOp.Binary binary ->
          ElementwiseGradients.binary(b, binary.kind(), x, gradient, wanted);
      case HloOp.Select _ -> ElementwiseGradients.select(b, x, gradient, wanted);
      case HloOp.Clamp _ -> ElementwiseGradients.clamp(b, x, gradient, wanted);
      case HloOp.Convert _ -> all(ElementwiseGradients.convert(b, x, gradient));
      case HloOp.Broadcast broadcast -> all(LayoutGradients.broadcast(b, broadcast, gradient));
      case HloOp.Reshape _ ->
          all(b.add(new HloOp.Reshape(x.operand(0).arrayShape().dims()), gradient));
      case HloOp.Transpose transpose -> all(LayoutGradients.transpose(b, transpose, gradient));
      case HloOp.Reverse reverse -> all(b.add(reverse, gradient));
      case HloOp.Slice slice -> all(LayoutGradients.slice(b, slice, x, gradient));
      case HloOp.Concatenate concatenate ->
          LayoutGradients.concatenate(b, concatenate, x, gradient, wanted);
      case HloOp.Pad pad -> LayoutGradients.pad(b, pad, x, gradient, wanted);
      case HloOp.DynamicSlice _ -> IndexGradients.dynamicSlice(b, x, gradient);
      case HloOp.DynamicUpdateSlice _ -> IndexGradients.dynamicUpdateSlice(b, x, gradient, wanted);
      case HloOp.Gather gather -> IndexGradients.gather(b, gather, x, gradient);
      case HloOp.Scatter scatter -> IndexGradients.scatter(b, scatter, x, gradient, wanted);
      case HloOp.Reduce reduce -> ContractGradients.reduce(b, reduce, x, gradient, wanted);
      case HloOp.Dot dot -> ContractGradients.dot(b, dot, x, gradient, wanted);
      case WindowOp window -> WindowGradients.of(b, window, x, gradient, wanted);
      // Calls, and elements of tuples made in the graph, are passed through before they get here;
      // what is left came out of an operation with several results.
      case HloOp.GetTupleElement _ -> throw refuse(x.operand(0));
      case HloOp.Tuple _, HloOp.Call _ -> throw refuse(x);
      case HloOp.RaggedDot _,
          HloOp.Complex _,
          HloOp.Real _,
          HloOp.Imag _,
          HloOp.ReducePrecision _,
          HloOp.StochasticConvert _,
          HloOp.GetDimensionSize _,
          OrderOp _,
          LibraryOp _,
          ControlOp _,
          CollectiveOp _ ->
          throw refuse(x);
      // Integers and truth values have no gradients, and neither has what counts or compares.
      case HloOp.Parameter _,
          HloOp.Constant _,
          HloOp.Iota _,
          HloOp.IsFinite _,
          HloOp.Compare _,
          HloOp.BitcastConvert _ ->
          new HloInstruction[x.operands().size()];
    };
  }

  private static @Nullable HloInstruction[] all(@Nullable HloInstruction gradient) {
    return new @Nullable HloInstruction[] {gradient};
  }

  static GradientException refuse(HloInstruction x) {
    return new GradientException(
        "%s has no gradient. Use stopGradient on its operands or result, or compose the value of"
                .formatted(x)
            + " operations that have one.");
  }
}
