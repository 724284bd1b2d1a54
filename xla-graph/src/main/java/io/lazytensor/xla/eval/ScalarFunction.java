package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayList;
import java.util.List;

/** A reducer or combiner: maps what is there and what comes to what will be there. */
final class ScalarFunction {
  private final HloComputation computation;
  private final boolean binary;

  ScalarFunction(HloComputation computation) {
    this.computation = computation;
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
    Object result = HloEvaluator.run(computation, arguments);
    for (int i = 0; i < into.size(); i++) {
      Object element = result instanceof List<?> tuple ? tuple.get(i) : result;
      into.get(i).copy(position, (ArrayValue) element, 0);
    }
  }
}
