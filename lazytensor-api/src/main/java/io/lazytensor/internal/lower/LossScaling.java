package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.constant;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.select;
import static io.lazytensor.internal.lower.Primitives.type;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;

/** The scale of a loss in f16: PyTorch's {@code _amp_update_scale_}, and what it is decided by. */
public final class LossScaling {
  private LossScaling() {}

  /**
   * Settings.
   *
   * @param growth what the scale is multiplied by after {@code interval} steps without overflow
   * @param backoff what it is multiplied by after an overflow
   * @param interval steps
   */
  public record Policy(double growth, double backoff, int interval) {}

  /** Returns whether all elements of all arrays are finite, {@code pred[]}. */
  public static HloInstruction allFinite(HloBuilder b, List<HloInstruction> arrays) {
    HloInstruction all = constant(b, DType.PRED, 1);
    for (HloInstruction array : arrays) {
      HloInstruction finite = Reductions.all(b, Elementwise.isFinite(b, array), false);
      all = binary(b, BinaryKind.AND, all, finite);
    }
    return all;
  }

  /**
   * Returns the next scale, count of steps since the last change, and count of skipped steps.
   *
   * @param scale f32[]
   * @param tracker s32[]
   * @param skipped s32[]
   * @param overflow pred[]
   */
  public static List<HloInstruction> update(
      HloBuilder b,
      HloInstruction scale,
      HloInstruction tracker,
      HloInstruction skipped,
      HloInstruction overflow,
      Policy policy) {
    HloInstruction next = add(b, tracker, constant(b, type(tracker), 1));
    HloInstruction grows = compare(b, ComparisonDirection.EQ, next, policy.interval());
    HloInstruction grown = mul(b, scale, constant(b, DType.F32, policy.growth()));
    // A scale that would be infinite stays.
    HloInstruction growing = binary(b, BinaryKind.AND, grows, Elementwise.isFinite(b, grown));
    HloInstruction reduced = mul(b, scale, constant(b, DType.F32, policy.backoff()));
    HloInstruction newScale = select(b, overflow, reduced, select(b, growing, grown, scale));
    HloInstruction starts = binary(b, BinaryKind.OR, overflow, grows);
    HloInstruction newTracker = select(b, starts, constant(b, type(tracker), 0), next);
    HloInstruction count = add(b, skipped, convert(b, overflow, type(skipped)));
    return List.of(newScale, newTracker, count);
  }
}
