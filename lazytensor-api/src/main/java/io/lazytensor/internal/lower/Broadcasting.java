package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.broadcast;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.reshape;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.Arrays;
import java.util.List;

/** NumPy's broadcasting: dimensions are aligned at the end, a size of 1 repeats. */
public final class Broadcasting {
  private Broadcasting() {}

  /** Two operands of one shape and type. */
  record Pair(HloInstruction x, HloInstruction y) {}

  /**
   * Returns two operands in their common type and dimensions.
   *
   * @throws io.lazytensor.xla.ir.ShapeException if the shapes do not broadcast or have no common
   *     type
   */
  static Pair align(HloBuilder b, String op, HloInstruction x, HloInstruction y) {
    return align(b, op, x, y, Promotion.resultType(b, op, x, y));
  }

  /** Returns two operands in the given type and their common dimensions. */
  static Pair align(HloBuilder b, String op, HloInstruction x, HloInstruction y, DType type) {
    Dims common = common(b, op, List.of(x, y));
    return new Pair(expand(b, convert(b, x, type), common), expand(b, convert(b, y, type), common));
  }

  /** Returns the dimensions all operands broadcast to. */
  static Dims common(HloBuilder b, String op, List<HloInstruction> operands) {
    Dims first = dims(operands.getFirst());
    if (operands.stream().allMatch(x -> dims(x).equals(first))) {
      return first;
    }
    int rank = operands.stream().mapToInt(Primitives::rank).max().orElse(0);
    int[] common = new int[rank];
    Arrays.fill(common, 1);
    for (HloInstruction operand : operands) {
      Dims own = dims(operand);
      for (int i = 0; i < own.size(); i++) {
        int at = rank - own.size() + i;
        if (common[at] == 1) {
          common[at] = own.get(i);
        } else if (own.get(i) != 1 && own.get(i) != common[at]) {
          throw mismatch(b, op, operands, at - rank, common[at], own.get(i));
        }
      }
    }
    return Dims.of(common);
  }

  private static RuntimeException mismatch(
      HloBuilder b, String op, List<HloInstruction> operands, int dim, int one, int other) {
    StringBuilder shapes = new StringBuilder();
    for (HloInstruction operand : operands) {
      shapes.append(shapes.isEmpty() ? "" : " and ").append(operand.shape());
    }
    return refuse(
        b,
        op
            + " of "
            + shapes
            + ": the shapes do not broadcast, dimension "
            + dim
            + " is "
            + one
            + " and "
            + other
            + ", expected equal sizes or 1");
  }

  /** Repeats an operand to dimensions it broadcasts to; the caller has checked that it does. */
  static HloInstruction expand(HloBuilder b, HloInstruction x, Dims target) {
    if (dims(x).equals(target)) {
      return x;
    }
    HloInstruction source = withoutInsertedOnes(x);
    Dims own = dims(x);
    int offset = target.size() - own.size();
    Dims real = kept(own, target, false);
    if (!sizes(own, real).equals(dims(source))) {
      Dims all = kept(own, target, true);
      if (all.size() == own.size()) {
        return broadcast(b, x, target, shifted(all, offset));
      }
    }
    HloInstruction squeezed = reshape(b, source, sizes(own, real));
    return broadcast(b, squeezed, target, shifted(real, offset));
  }

  /** Returns the dimensions that are not repeated: broadcast cannot stretch a dimension. */
  private static Dims kept(Dims own, Dims target, boolean withOnes) {
    int offset = target.size() - own.size();
    return Dims.of(
        Dims.range(own.size()).stream()
            .filter(i -> own.get(i) == target.get(offset + i) && (withOnes || own.get(i) != 1))
            .toArray());
  }

  private static Dims sizes(Dims dims, Dims which) {
    return Dims.of(which.stream().map(dims::get).toArray());
  }

  private static Dims shifted(Dims dims, int by) {
    return Dims.of(dims.stream().map(d -> d + by).toArray());
  }

  /** Looks through a reshape that did nothing but add dimensions of size 1 (keepDim, unsqueeze). */
  private static HloInstruction withoutInsertedOnes(HloInstruction x) {
    if (x.op() instanceof HloOp.Reshape && x.annotation() == null) {
      HloInstruction source = x.operand(0);
      if (withoutOnes(dims(x)).equals(dims(source))) {
        return source;
      }
    }
    return x;
  }

  private static Dims withoutOnes(Dims dims) {
    return Dims.of(dims.stream().filter(d -> d != 1).toArray());
  }
}
