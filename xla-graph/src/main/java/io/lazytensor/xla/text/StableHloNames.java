package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.PrecisionConfig;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.WindowOp;

/** Names of operations in StableHLO. */
final class StableHloNames {
  private StableHloNames() {}

  /** Returns the name of an operation; refuses those that StableHLO has no form of. */
  static String of(HloOp op) {
    return switch (op) {
      case HloOp.Unary(UnaryKind kind) -> unary(kind);
      case HloOp.Binary(BinaryKind kind) ->
          kind == BinaryKind.MULHI ? "chlo.mulhi" : spelled(op.opcode());
      case HloOp.StochasticConvert _ -> throw MlirText.noForm(op.opcode());
      case HloOp.Broadcast _ -> "stablehlo.broadcast_in_dim";
      case HloOp.Dot _ -> "stablehlo.dot_general";
      case HloOp.RaggedDot(_, _, PrecisionConfig precision) -> {
        if (precision.algorithm() != PrecisionConfig.Algorithm.UNSET) {
          throw MlirText.noForm("ragged-dot by a given algorithm");
        }
        yield "chlo.ragged_dot";
      }
      case HloOp.Constant _,
          HloOp.Iota _,
          HloOp.IsFinite _,
          HloOp.Compare _,
          HloOp.Select _,
          HloOp.Clamp _,
          HloOp.Convert _,
          HloOp.BitcastConvert _,
          HloOp.Complex _,
          HloOp.Real _,
          HloOp.Imag _,
          HloOp.ReducePrecision _,
          HloOp.Reshape _,
          HloOp.Transpose _,
          HloOp.Reverse _,
          HloOp.Slice _,
          HloOp.DynamicSlice _,
          HloOp.DynamicUpdateSlice _,
          HloOp.Concatenate _,
          HloOp.Pad _,
          HloOp.Gather _,
          HloOp.Scatter _,
          HloOp.Reduce _,
          HloOp.GetDimensionSize _,
          WindowOp _,
          LibraryOp _ ->
          spelled(op.opcode());
      case OrderOp.Sort _ -> "stablehlo.sort";
      case OrderOp.TopK topK -> {
        if (!topK.largest()) {
          throw MlirText.noForm("topk of the smallest");
        }
        yield "chlo.top_k";
      }
      case ControlOp control -> control(control);
      case CollectiveOp.AllToAll exchange -> {
        if (exchange.splitDimension() < 0) {
          throw MlirText.noForm("all-to-all of several operands");
        }
        yield "stablehlo.all_to_all";
      }
      case CollectiveOp _ -> spelled(op.opcode());
      case HloOp.Parameter _, HloOp.Tuple _, HloOp.GetTupleElement _, HloOp.Call _ ->
          throw new IllegalStateException(op.opcode() + " is no operation of StableHLO");
    };
  }

  private static String unary(UnaryKind kind) {
    return switch (kind) {
      case ACOS, ACOSH, ASIN, ASINH, ATANH, COSH, ERF, SINH -> "chlo." + kind.hloName();
      case ABS,
          CBRT,
          CEIL,
          COPY,
          COSINE,
          COUNT_LEADING_ZEROS,
          EXPONENTIAL,
          EXPONENTIAL_MINUS_ONE,
          FLOOR,
          LOG,
          LOG_PLUS_ONE,
          LOGISTIC,
          NEGATE,
          NOT,
          POPULATION_COUNT,
          ROUND_NEAREST_AFZ,
          ROUND_NEAREST_EVEN,
          RSQRT,
          SIGN,
          SINE,
          SQRT,
          TAN,
          TANH ->
          spelled(kind.hloName());
    };
  }

  private static String control(ControlOp op) {
    return switch (op) {
      case ControlOp.Scan _ -> throw MlirText.noForm(op.opcode());
      case ControlOp.OptimizationBarrier _ -> "stablehlo.optimization_barrier";
      case ControlOp.Map _, ControlOp.AfterAll _, ControlOp.CustomCall _ -> spelled(op.opcode());
      case ControlOp.While _,
          ControlOp.Conditional _,
          ControlOp.Fusion _,
          ControlOp.AddDependency _ ->
          throw new IllegalStateException(op.opcode() + " is written elsewhere");
    };
  }

  private static String spelled(String opcode) {
    return "stablehlo." + opcode.replace('-', '_');
  }
}
