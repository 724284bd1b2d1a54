package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayList;
import java.util.List;

/** A reducer or combiner: maps what is there and what comes to what will be there. */
final class ScalarFunction {
  private final HloComputation computation;
  private final HloEvaluator evaluator;
  private final boolean binary;

  ScalarFunction(HloComputation computation, HloEvaluator evaluator) {
    this.computation = computation;
    this.evaluator = evaluator;
    HloInstruction root = computation.root();
    this.binary =
        computation.parameters().size() == 2
            && root.op() instanceof HloOp.Binary
            && root.operand(0) == computation.parameters().get(0)
            && root.operand(1) == computation.parameters().get(1);
  }

  /** Returns whether this adds two numbers. */
  boolean isSum() {
    return binary && ((HloOp.Binary) computation.root().op()).kind() == BinaryKind.ADD;
  }

  /** Returns the type to accumulate a type in: sums of floats are kept in double. */
  DType accumulatorType(DType type) {
    DType wide = type.isComplex() ? DType.C128 : type.isFloating() ? DType.F64 : type;
    return isSum() ? wide : type;
  }

  /** Returns an array of an initial value to accumulate into. */
  ArrayValue accumulator(ArrayShape shape, ArrayValue initial) {
    ArrayValue out = ArrayValue.zeros(shape.withDType(accumulatorType(shape.dtype())));
    ArrayValue start = ElementwiseEvaluation.convert(out.dtype(), initial);
    for (int i = 0; i < out.count(); i++) {
      out.copy(i, start, 0);
    }
    return out;
  }

  /** Replaces one element of each of some arrays by its combination with one of each other. */
  void combine(List<ArrayValue> into, int position, List<ArrayValue> from, int fromPosition) {
    if (binary) {
      BinaryKind kind = ((HloOp.Binary) computation.root().op()).kind();
      ArrayValue out = into.getFirst();
      ElementwiseEvaluation.combine(
          kind, out, position, from.getFirst(), fromPosition, out, position);
      return;
    }
    List<Object> arguments = new ArrayList<>();
    into.forEach(array -> arguments.add(array.element(position)));
    from.forEach(array -> arguments.add(array.element(fromPosition)));
    Object result = evaluator.run(computation, arguments);
    for (int i = 0; i < into.size(); i++) {
      Object element = result instanceof List<?> tuple ? tuple.get(i) : result;
      into.get(i).copy(position, (ArrayValue) element, 0);
    }
  }
}
