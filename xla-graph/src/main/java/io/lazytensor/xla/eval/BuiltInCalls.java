package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The custom calls JAX and PyTorch/XLA emit for every device, and what they mean on one. */
final class BuiltInCalls {
  private static final List<String> MARKS =
      List.of(
          "Sharding",
          "SPMDFullToShardShape",
          "SPMDShardToFullShape",
          "LayoutConstraint",
          "MoveToDevice",
          "MoveToHost",
          "annotate_device_placement",
          "xla.sdy.FuncResultSharding");

  private static final Map<String, UnaryKind> FUNCTIONS =
      Map.of(
          "mhlo.acos", UnaryKind.ACOS,
          "mhlo.acosh", UnaryKind.ACOSH,
          "mhlo.asin", UnaryKind.ASIN,
          "mhlo.asinh", UnaryKind.ASINH,
          "mhlo.atanh", UnaryKind.ATANH,
          "mhlo.cosh", UnaryKind.COSH,
          "mhlo.erf", UnaryKind.ERF,
          "mhlo.sinh", UnaryKind.SINH,
          "mhlo.tan", UnaryKind.TAN);

  private static final Pattern SMALLEST = Pattern.compile("\"?largest\"?\\s*[=:]\\s*false");

  private BuiltInCalls() {}

  static Map<String, CustomCalls.Implementation> all() {
    Map<String, CustomCalls.Implementation> out = new HashMap<>();
    MARKS.forEach(name -> out.put(name, (_, x, in, _) -> same(x, in)));
    FUNCTIONS.forEach((name, kind) ->
        out.put(name, (_, _, in, _) -> ElementwiseEvaluation.unary(kind, Values.array(in, 0))));
    out.putAll(LapackCalls.all());
    out.put("TopK", BuiltInCalls::topK);
    out.put("mhlo.topk", BuiltInCalls::topK);
    return out;
  }

  /** A mark for the compiler: the operand itself. */
  private static Object same(HloInstruction x, List<Object> in) {
    if (in.size() != 1 || !x.operand(0).shape().equals(x.shape())) {
      throw new UnsupportedException(
          x
              + " changes the shape of its operand, as it does on several partitions;"
              + " partition the module first");
    }
    return in.getFirst();
  }

  /** Operand x to (values, indices); a comparator of (left, right, …), if there is one, orders. */
  private static Object topK(
      ControlOp.CustomCall call, HloInstruction x, List<Object> in, HloEvaluator evaluator) {
    ArrayValue array = Values.array(in, 0);
    Shape shape = x.shape();
    boolean smallest = SMALLEST.matcher(call.backendConfig()).find();
    if (call.computations().isEmpty()) {
      return OrderEvaluation.topK(!smallest, shape, array);
    }
    ScalarPredicate before = new ScalarPredicate(call.computations().getFirst(), evaluator);
    int operands = call.computations().getFirst().parameters().size() / 2;
    ArrayValue indices = OrderEvaluation.indices(array, Values.elements(shape).get(1).asArray());
    List<ArrayValue> arrays = operands == 1 ? List.of(array) : List.of(array, indices);
    return OrderEvaluation.topK(
        shape, array, (i, j) -> before.test(arrays, i, j), array.shape().rank() - 1);
  }
}
