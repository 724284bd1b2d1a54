package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes what a module means: slow, in plain Java, one operation after the other. Every backend
 * is compared with it.
 *
 * <p>Semantics are those of XLA's {@code hlo_evaluator.cc}. Each operation's result is rounded to
 * its type; products and sums of a {@code dot} are summed in double and rounded once. NaNs lose
 * their payload.
 */
public final class HloEvaluator {
  private HloEvaluator() {}

  /**
   * Evaluates a module.
   *
   * @param arguments one for each parameter of its entry
   * @return one for each element of the root tuple, or the root alone
   * @throws ShapeException if the arguments do not fit
   */
  public static List<Literal> evaluate(HloModule module, List<Literal> arguments) {
    return evaluate(module.entry(), arguments);
  }

  /** Evaluates a computation. */
  public static List<Literal> evaluate(HloComputation computation, List<Literal> arguments) {
    if (arguments.size() != computation.parameters().size()) {
      throw new ShapeException(
          "%s takes %d arguments, got %d"
              .formatted(computation, computation.parameters().size(), arguments.size()));
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      Shape expected = computation.parameters().get(i).shape();
      if (!expected.equals(arguments.get(i).shape())) {
        throw new ShapeException(
            "argument %d of %s: expected %s, got %s"
                .formatted(i, computation, expected, arguments.get(i).shape()));
      }
      values.add(ArrayValue.of(arguments.get(i)));
    }
    Object result = run(computation, values);
    List<?> results = result instanceof List<?> tuple ? tuple : List.of(result);
    return results.stream().map(value -> ((ArrayValue) value).literal()).toList();
  }

  /** Returns the root: an {@link ArrayValue}, or a list of values for a tuple. */
  static Object run(HloComputation computation, List<Object> arguments) {
    Map<HloInstruction, Integer> uses = new IdentityHashMap<>();
    for (HloInstruction instruction : computation.instructions()) {
      instruction.operands().forEach(operand -> uses.merge(operand, 1, Integer::sum));
    }
    uses.merge(computation.root(), 1, Integer::sum);
    Map<HloInstruction, Object> values = new IdentityHashMap<>();
    for (HloInstruction instruction : computation.instructions()) {
      List<Object> operands = new ArrayList<>(instruction.operands().size());
      for (HloInstruction operand : instruction.operands()) {
        operands.add(value(values, operand));
      }
      values.put(instruction, evaluate(instruction, operands, arguments));
      for (HloInstruction operand : instruction.operands()) {
        if (uses.merge(operand, -1, Integer::sum) == 0) {
          values.remove(operand);
        }
      }
    }
    return value(values, computation.root());
  }

  private static Object value(Map<HloInstruction, Object> values, HloInstruction instruction) {
    Object value = values.get(instruction);
    if (value == null) {
      throw new AssertionError(instruction + " was not evaluated");
    }
    return value;
  }

  private static Object evaluate(HloInstruction x, List<Object> in, List<Object> arguments) {
    return switch (x.op()) {
      case HloOp.Parameter(int number, Shape _) -> arguments.get(number);
      case HloOp.Constant(Literal literal) -> ArrayValue.of(literal);
      case HloOp.Iota iota -> LayoutEvaluation.iota(iota);
      case HloOp.Unary unary -> ElementwiseEvaluation.unary(unary.kind(), array(in, 0));
      case HloOp.Binary binary ->
          ElementwiseEvaluation.binary(binary.kind(), array(in, 0), array(in, 1));
      case HloOp.IsFinite _ -> ElementwiseEvaluation.isFinite(array(in, 0));
      case HloOp.Compare op -> ElementwiseEvaluation.compare(op, array(in, 0), array(in, 1));
      case HloOp.Select _ -> ElementwiseEvaluation.select(array(in, 0), array(in, 1), array(in, 2));
      case HloOp.Clamp _ -> ElementwiseEvaluation.clamp(array(in, 0), array(in, 1), array(in, 2));
      case HloOp.Convert op -> ElementwiseEvaluation.convert(op.to(), array(in, 0));
      case HloOp.BitcastConvert _ -> ElementwiseEvaluation.bitcast(x.arrayShape(), array(in, 0));
      case HloOp.Broadcast op -> LayoutEvaluation.broadcast(op, array(in, 0));
      case HloOp.Reshape _ -> array(in, 0).withShape(x.arrayShape());
      case HloOp.Transpose op -> LayoutEvaluation.transpose(op, x.arrayShape(), array(in, 0));
      case HloOp.Reverse op -> LayoutEvaluation.reverse(op, array(in, 0));
      case HloOp.Slice op -> LayoutEvaluation.slice(op, x.arrayShape(), array(in, 0));
      case HloOp.Concatenate op ->
          LayoutEvaluation.concatenate(op, x.arrayShape(), arrays(in, 0, in.size()));
      case HloOp.Pad op -> LayoutEvaluation.pad(op, x.arrayShape(), array(in, 0), array(in, 1));
      case HloOp.DynamicSlice _ ->
          IndexEvaluation.dynamicSlice(x.arrayShape(), array(in, 0), arrays(in, 1, in.size()));
      case HloOp.DynamicUpdateSlice _ ->
          IndexEvaluation.dynamicUpdateSlice(array(in, 0), array(in, 1), arrays(in, 2, in.size()));
      case HloOp.Gather op ->
          IndexEvaluation.gather(op, x.arrayShape(), array(in, 0), array(in, 1));
      case HloOp.Scatter op -> scatter(op, in);
      case HloOp.Reduce op -> reduce(op, x.shape(), in);
      case HloOp.Dot op -> ContractEvaluation.dot(op, x.arrayShape(), array(in, 0), array(in, 1));
      case HloOp.Tuple _ -> in;
      case HloOp.GetTupleElement(int index) -> ((List<?>) in.getFirst()).get(index);
      case HloOp.Call(HloComputation computation) -> run(computation, in);
      case HloOp.Complex _,
          HloOp.Real _,
          HloOp.Imag _,
          HloOp.ReducePrecision _,
          HloOp.StochasticConvert _,
          HloOp.GetDimensionSize _,
          WindowOp _,
          OrderOp _,
          LibraryOp _,
          ControlOp _,
          CollectiveOp _ ->
          throw new UnsupportedException(x.op().opcode() + " is not evaluated yet");
    };
  }

  private static Object scatter(HloOp.Scatter op, List<Object> in) {
    int n = in.size() / 2;
    List<ArrayValue> out =
        IndexEvaluation.scatter(
            op,
            arrays(in, 0, n),
            array(in, n),
            arrays(in, n + 1, in.size()),
            new ScalarFunction(op.combiner()));
    return n == 1 ? out.getFirst() : List.copyOf(out);
  }

  private static Object reduce(HloOp.Reduce op, Shape shape, List<Object> in) {
    int n = in.size() / 2;
    List<ArrayValue> out =
        ContractEvaluation.reduce(op, shape, arrays(in, 0, n), arrays(in, n, in.size()));
    return shape instanceof ArrayShape ? out.getFirst() : List.copyOf(out);
  }

  private static ArrayValue array(List<Object> values, int index) {
    return (ArrayValue) values.get(index);
  }

  private static List<ArrayValue> arrays(List<Object> values, int from, int to) {
    List<ArrayValue> out = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      out.add(array(values, i));
    }
    return out;
  }
}
