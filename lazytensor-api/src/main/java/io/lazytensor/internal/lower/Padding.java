package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.rank;
import static io.lazytensor.internal.lower.Primitives.refuse;

import io.lazytensor.nn.PadMode;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayList;
import java.util.List;

/** Padding with elements of the tensor itself. */
public final class Padding {
  private Padding() {}

  /**
   * Pads by low and high of the last dimension, then of the one before, as {@code
   * torch.nn.functional.pad} with a mode.
   */
  public static HloInstruction pad(HloBuilder b, HloInstruction x, PadMode mode, int... padding) {
    int rank = rank(x);
    if (padding.length % 2 != 0 || padding.length > 2 * rank) {
      throw refused(b, x, mode, padding, "expected pairs of low and high, at most " + rank);
    }
    HloInstruction out = x;
    for (int i = 0; i < padding.length / 2; i++) {
      int dim = rank - 1 - i;
      int low = padding[2 * i];
      int high = padding[2 * i + 1];
      int most = mode.most(dims(x).get(dim));
      if (low < 0 || high < 0 || low > most || high > most) {
        throw refused(b, x, mode, padding, "dimension " + dim + " takes 0 to " + most);
      }
      out = padded(b, out, mode, dim, low, high);
    }
    return out;
  }

  private static RuntimeException refused(
      HloBuilder b, HloInstruction x, PadMode mode, int[] padding, String why) {
    return refuse(
        b, "pad of " + x.shape() + " by [" + Dims.of(padding) + "], " + mode + ": " + why);
  }

  private static HloInstruction padded(
      HloBuilder b, HloInstruction x, PadMode mode, int dim, int low, int high) {
    int size = dims(x).get(dim);
    List<HloInstruction> parts = new ArrayList<>();
    if (low > 0) {
      parts.add(
          switch (mode) {
            case REFLECT -> reversed(b, x, dim, 1, 1 + low);
            case REPLICATE -> repeated(b, x, dim, 0, low);
            case CIRCULAR -> Shapes.range(b, x, dim, size - low, size, 1);
          });
    }
    parts.add(x);
    if (high > 0) {
      parts.add(
          switch (mode) {
            case REFLECT -> reversed(b, x, dim, size - 1 - high, size - 1);
            case REPLICATE -> repeated(b, x, dim, size - 1, high);
            case CIRCULAR -> Shapes.range(b, x, dim, 0, high, 1);
          });
    }
    return parts.size() == 1 ? x : b.add(new HloOp.Concatenate(dim), parts);
  }

  private static HloInstruction reversed(
      HloBuilder b, HloInstruction x, int dim, int start, int end) {
    return Shapes.flip(b, Shapes.range(b, x, dim, start, end, 1), dim);
  }

  private static HloInstruction repeated(
      HloBuilder b, HloInstruction x, int dim, int at, int times) {
    int[] target = dims(x).toArray();
    target[dim] = times;
    return Broadcasting.expand(b, Shapes.range(b, x, dim, at, at + 1, 1), Dims.of(target));
  }
}
