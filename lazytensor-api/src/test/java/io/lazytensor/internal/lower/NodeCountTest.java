package io.lazytensor.internal.lower;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many instructions the operations of a transformer take: none that changes nothing. */
class NodeCountTest {
  private final HloBuilder b = new HloBuilder();
  private final List<HloInstruction> parameters = new ArrayList<>();
  private final HloInstruction x = parameter(8, 16, 32);

  @Test
  void aLinearLayerIsProductBroadcastAndSum() {
    check(3, MatrixProducts.linear(b, x, parameter(64, 32), parameter(64)));
    check(1, MatrixProducts.linear(b, x, parameter(64, 32), null));
  }

  @Test
  void productsReadThroughTransposes() {
    HloInstruction q = Shapes.transpose(b, parameter(2, 5, 4, 8), 1, 2);
    HloInstruction k = Shapes.transpose(b, parameter(2, 5, 4, 8), 1, 2);
    check(1, MatrixProducts.matmul(b, q, Shapes.transpose(b, k, -1, -2)));
  }

  @Test
  void activationsAreShort() {
    check(3, Activations.relu(b, x));
    check(1, Activations.sigmoid(b, x));
    check(11, Activations.gelu(b, x));
    check(9, Activations.softmax(b, x, -1));
    check(23, Normalizations.layerNorm(b, x, 1, parameter(32), parameter(32), 1e-5));
  }

  @Test
  void anotherParameterOfTheSameShapeTakesFourteenInAdamW() {
    AdamRule rule = new AdamRule(0.9, 0.999, 1e-8, 0.01, true, false, false);
    UpdateRule.GroupUpdate update =
        rule.start(b, new UpdateRule.Inputs(parameter(), null, parameter()));
    HloInstruction first = updated(update);
    HloInstruction second = updated(update);
    assertEquals(14, count(b.add(new HloOp.Tuple(), first, second)) - count(first) - 1);
  }

  private HloInstruction updated(UpdateRule.GroupUpdate update) {
    return update
        .update(parameter(6), parameter(6), List.of(parameter(6), parameter(6)))
        .parameter();
  }

  private void check(int expected, HloInstruction root) {
    assertEquals(expected, count(root));
  }

  private int count(HloInstruction root) {
    HloComputation main = HloComputation.of("main", parameters, root);
    return main.instructions().size() - parameters.size();
  }

  private HloInstruction parameter(int... dims) {
    HloInstruction parameter =
        b.add(new HloOp.Parameter(parameters.size(), ArrayShape.of(DType.F32, dims)));
    parameters.add(parameter);
    return parameter;
  }
}
