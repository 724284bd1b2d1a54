package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A question about two elements of each of some arrays: a comparator or a selector. */
final class ScalarPredicate {
  private final HloComputation computation;
  private final HloEvaluator evaluator;
  private final HloOp.@Nullable Compare compare;
  private final int left;
  private final int right;

  ScalarPredicate(HloComputation computation, HloEvaluator evaluator) {
    this.computation = computation;
    this.evaluator = evaluator;
    HloInstruction root = computation.root();
    if (root.op() instanceof HloOp.Compare op
        && root.operand(0).op() instanceof HloOp.Parameter(int first, Shape shape)
        && root.operand(1).op() instanceof HloOp.Parameter(int second, Shape _)
        && !shape.asArray().dtype().isComplex()) {
      this.compare = op;
      this.left = first;
      this.right = second;
    } else {
      this.compare = null;
      this.left = 0;
      this.right = 0;
    }
  }

  /**
   * Answers for the elements at two positions; parameters are (left 0, right 0, left 1, right 1,
   * …).
   */
  boolean test(List<ArrayValue> arrays, int i, int j) {
    if (compare != null) {
      return holds(
          compare,
          arrays.get(left / 2),
          left % 2 == 0 ? i : j,
          arrays.get(right / 2),
          right % 2 == 0 ? i : j);
    }
    List<Object> arguments = new ArrayList<>(2 * arrays.size());
    for (ArrayValue array : arrays) {
      arguments.add(array.element(i));
      arguments.add(array.element(j));
    }
    return ((ArrayValue) evaluator.run(computation, arguments)).truth(0);
  }

  private static boolean holds(HloOp.Compare op, ArrayValue x, int xi, ArrayValue y, int yi) {
    if (!x.isFloating()) {
      return ScalarMath.holds(
          op.direction(), ScalarMath.compare(x.dtype(), x.integer(xi), y.integer(yi)));
    }
    return op.totalOrder()
        ? ScalarMath.holds(op.direction(), ScalarMath.totalOrder(x.dtype(), x.bits(xi), y.bits(yi)))
        : ScalarMath.holds(op.direction(), x.real(xi), y.real(yi));
  }
}
