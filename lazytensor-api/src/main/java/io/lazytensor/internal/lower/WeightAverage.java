package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.constant;
import static io.lazytensor.internal.lower.Primitives.type;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.List;

/**
 * Exponential moving averages of weights, as PyTorch's {@code AveragedModel} with {@code
 * get_ema_multi_avg_fn}: the first update copies.
 */
public final class WeightAverage {
  private WeightAverage() {}

  /**
   * Returns the next count and averages.
   *
   * @param operands the count, an integer scalar; then each average and what is averaged
   * @param kept the share of an average that stays
   */
  public static List<HloInstruction> update(
      HloBuilder b, List<HloInstruction> operands, double kept) {
    UpdateMath math = new UpdateMath(b);
    HloInstruction count = operands.getFirst();
    HloInstruction first = compare(b, ComparisonDirection.EQ, count, 0);
    List<HloInstruction> out = new ArrayList<>();
    out.add(add(b, count, constant(b, type(count), 1)));
    for (int i = 1; i < operands.size(); i += 2) {
      HloInstruction current = operands.get(i + 1);
      HloInstruction average = math.lerp(operands.get(i), current, 1 - kept);
      out.add(Elementwise.where(b, first, current, average));
    }
    return out;
  }
}
