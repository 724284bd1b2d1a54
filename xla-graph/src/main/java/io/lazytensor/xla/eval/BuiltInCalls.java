package io.lazytensor.xla.eval;

import io.lazytensor.xla.infer.ShapeInference;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.Arrays;
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
    FUNCTIONS.forEach(
        (name, kind) -> out.put(name, (call, x, in, _) -> function(kind, call, x, in)));
    out.putAll(LapackCalls.all());
    out.put("TopK", BuiltInCalls::topK);
    out.put("mhlo.topk", BuiltInCalls::topK);
    return out;
  }

  private static Object function(
      UnaryKind kind, ControlOp.CustomCall call, HloInstruction x, List<Object> in) {
    List<Shape> operands = x.operands().stream().map(HloInstruction::shape).toList();
    Shape expected = ShapeInference.infer(new HloOp.Unary(kind), operands);
    CustomCalls.require(x.shape().equals(expected), call, x, "an array to one like it");
    return ElementwiseEvaluation.unary(kind, Values.array(in, 0));
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

  private static boolean isTopK(HloInstruction x) {
    List<ArrayShape> in =
        CustomCalls.arrays(x.operands().stream().map(HloInstruction::shape).toList());
    List<ArrayShape> out = CustomCalls.arrays(Values.elements(x.shape()));
    if (in.size() != 1 || out.size() != 2 || in.getFirst().isScalar()) {
      return false;
    }
    ArrayShape array = in.getFirst();
    int last = array.rank() - 1;
    Dims dims = out.getFirst().dims();
    return dims.size() == array.rank()
        && dims.get(last) <= array.dim(last)
        && Dims.of(Arrays.copyOf(dims.toArray(), last))
            .contentEquals(Arrays.copyOf(array.dims().toArray(), last))
        && out.getFirst().dtype() == array.dtype()
        && out.get(1).dims().equals(dims)
        && out.get(1).dtype().isInteger();
  }

  /** Operand x to (values, indices); a comparator of (left, right, …), if there is one, orders. */
  private static Object topK(
      ControlOp.CustomCall call, HloInstruction x, List<Object> in, HloEvaluator evaluator) {
    CustomCalls.require(isTopK(x), call, x, "x[…, n] to (x[…, k], integers[…, k]), k up to n");
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
