package io.lazytensor.cpu.reference.internal.plan;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.lazytensor.cpu.reference.internal.kernel.Kernel;
import io.lazytensor.cpu.reference.internal.kernel.Location;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * {@code ragged-dot} as a matrix product for each group. Where groups begin is read when the graph
 * runs; nothing is computed twice or masked.
 */
final class RaggedDotLowering {
  private final Emitter emitter;
  private final ElementwiseLowering elementwise;
  private final DotLowering dots;

  RaggedDotLowering(Emitter emitter, ElementwiseLowering elementwise, DotLowering dots) {
    this.emitter = emitter;
    this.elementwise = elementwise;
    this.dots = dots;
  }

  Value lower(HloInstruction origin, HloOp.RaggedDot op, List<Value> in) {
    RaggedDotDimensionNumbers n = op.dimensionNumbers();
    return switch (n.mode()) {
      case BATCH ->
          dots.dot(
              origin,
              new HloOp.Dot(n.dot(), op.resultType(), op.precision()),
              in.get(0),
              in.get(1),
              null);
      case FREE, CONTRACTING -> new Product(origin, n, in).lower();
    };
  }

  /** One product, its operands as batches of matrices. */
  private final class Product {
    private final HloInstruction origin;
    private final RaggedDotDimensionNumbers numbers;
    private final boolean summed;
    private final Value left;
    private final Value right;
    private final Value sizes;
    private final boolean unsigned;
    private final ArrayShape shape;

    Product(HloInstruction origin, RaggedDotDimensionNumbers numbers, List<Value> in) {
      this.origin = origin;
      this.numbers = numbers;
      this.summed = numbers.mode() == RaggedDotDimensionNumbers.Mode.CONTRACTING;
      DType result = origin.arrayShape().dtype();
      DType computed = DotLowering.computedType(result, in.get(0).dtype(), in.get(1).dtype());
      this.shape = origin.arrayShape().withDType(computed);
      this.left = elementwise.convert(origin, in.get(0), computed);
      this.right = elementwise.convert(origin, in.get(1), computed);
      this.unsigned = in.get(2).dtype() == DType.U64;
      this.sizes = emitter.dense(origin, elementwise.convert(origin, in.get(2), DType.S64));
    }

    Value lower() {
      DotDimensionNumbers n = numbers.dot();
      int ragged = numbers.lhsRagged().get(0);
      int[] batch = n.lhsBatch().toArray();
      int[] rows = DotLowering.free(left.rank(), n.lhsBatch(), n.lhsContracting());
      int[] inner = n.lhsContracting().toArray();
      int[] columns =
          IntStream.of(DotLowering.free(right.rank(), n.rhsBatch(), n.rhsContracting()))
              .filter(d -> !numbers.rhsGroup().contains(d))
              .toArray();
      int[] divided = summed ? inner : rows;
      int at = IntStream.range(0, divided.length).filter(i -> divided[i] == ragged).sum();
      long outer = DotLowering.product(left, IntStream.of(divided).limit(at).toArray());
      long extent = left.sizes()[ragged];
      long unit = DotLowering.product(left, IntStream.of(divided).skip(at + 1L).toArray());
      long batches = DotLowering.product(left, batch);
      long height = DotLowering.product(left, rows);
      long depth = DotLowering.product(left, inner);
      long width = DotLowering.product(right, columns);
      long groups = sizes.sizes()[sizes.rank() - 1];
      Layout layout = new Layout(batches, outer, groups, extent, unit, sizes.rank() == 1, unsigned);
      long[] leftSizes =
          summed
              ? new long[] {batches, height, outer, extent * unit}
              : new long[] {batches, outer, extent * unit, depth};
      long[] rightSizes =
          summed
              ? new long[] {batches, outer, extent * unit, width}
              : new long[] {groups, batches, depth, width};
      long[] outSizes =
          summed
              ? new long[] {groups, batches, height, width}
              : new long[] {batches, outer, extent * unit, width};
      Value a = dots.matrix(origin, left, DotLowering.join(batch, rows, inner), leftSizes);
      Value b =
          dots.matrix(
              origin,
              right,
              DotLowering.join(
                  numbers.rhsGroup().toArray(),
                  n.rhsBatch().toArray(),
                  n.rhsContracting().toArray(),
                  columns),
              rightSizes);
      Value out = emitter.temporary(shape);
      Step.Factory factory =
          summed
              ? (bindings, in, o) -> sums(layout, bindings, in, o.get(0))
              : (bindings, in, o) -> rows(layout, bindings, in, o.get(0));
      emitter.emit(
          origin, List.of(a, b, sizes), List.of(out.reshape(outSizes).orElseThrow()), factory);
      return elementwise.convert(origin, out, origin.arrayShape().dtype());
    }
  }

  /**
   * How groups lie along the divided dimensions.
   *
   * @param batches batches
   * @param outer indices of the dimensions before the ragged one
   * @param groups groups
   * @param extent the ragged dimension's size
   * @param unit indices of the dimensions behind it
   * @param shared whether groups are the same everywhere
   * @param unsigned whether a negative size is a huge one
   */
  private record Layout(
      long batches,
      long outer,
      long groups,
      long extent,
      long unit,
      boolean shared,
      boolean unsigned) {
    /** Returns where the group that begins at a place ends. */
    long end(Location sizes, long batch, long index, long group, long start) {
      long row = shared ? 0 : batch * outer + index;
      long size = sizes.memory().getAtIndex(JAVA_LONG_UNALIGNED, row * groups + group);
      boolean huge = unsigned && size < 0;
      return huge ? extent : start + Math.clamp(size, 0, extent - start);
    }
  }

  /** Each group of rows times its matrix: [b,x,m,k], [g,b,k,n] to [b,x,m,n]. */
  private static @Nullable Kernel rows(
      Layout layout, Step.Bindings bindings, List<Value> in, Value out) {
    if (out.elementCount() == 0) {
      return null;
    }
    Tensor[][] left = matrices(bindings, in.get(0), 0, 1);
    Tensor[][] right = matrices(bindings, in.get(1), 0, 1);
    Tensor[][] to = matrices(bindings, out, 0, 1);
    Location sizes = bindings.location(in.get(2));
    return () -> {
      for (int b = 0; b < layout.batches; b++) {
        for (int x = 0; x < layout.outer; x++) {
          long start = 0;
          for (int g = 0; g < layout.groups; g++) {
            long end = layout.end(sizes, b, x, g, start);
            if (end > start) {
              try (Tensor part = part(to[b][x], 0, start, end, layout.unit);
                  Tensor rows = part(left[b][x], 0, start, end, layout.unit)) {
                torch.mm_out(part, rows, right[g][b]);
              }
            }
            start = end;
          }
          if (start < layout.extent) {
            try (Tensor rest = part(to[b][x], 0, start, layout.extent, layout.unit)) {
              rest.zero_();
            }
          }
        }
      }
    };
  }

  /** Each group's own sum: [b,m,x,k], [b,x,k,n] to [g,b,m,n]. */
  private static @Nullable Kernel sums(
      Layout layout, Step.Bindings bindings, List<Value> in, Value out) {
    if (out.elementCount() == 0) {
      return null;
    }
    Tensor[][] left = matrices(bindings, in.get(0), 0, 2);
    Tensor[][] right = matrices(bindings, in.get(1), 0, 1);
    Tensor[][] to = matrices(bindings, out, 0, 1);
    Tensor all = bindings.tensor(out);
    Location sizes = bindings.location(in.get(2));
    return () -> {
      all.zero_();
      for (int b = 0; b < layout.batches; b++) {
        for (int x = 0; x < layout.outer; x++) {
          long start = 0;
          for (int g = 0; g < layout.groups; g++) {
            long end = layout.end(sizes, b, x, g, start);
            if (end > start) {
              try (Tensor columns = part(left[b][x], 1, start, end, layout.unit);
                  Tensor rows = part(right[b][x], 0, start, end, layout.unit)) {
                torch.addmm_out(to[g][b], to[g][b], columns, rows);
              }
            }
            start = end;
          }
        }
      }
    };
  }

  private static Tensor part(Tensor matrix, int dimension, long start, long end, long unit) {
    return matrix.narrow(dimension, start * unit, (end - start) * unit);
  }

  /** Returns the matrices of an array of rank 4 by two of its dimensions. */
  private static Tensor[][] matrices(Step.Bindings bindings, Value value, int first, int second) {
    long[] sizes = value.sizes();
    long[] strides = value.strides();
    int[] kept = IntStream.range(0, 4).filter(d -> d != first && d != second).toArray();
    long[] matrix = {sizes[kept[0]], sizes[kept[1]]};
    long[] steps = {strides[kept[0]], strides[kept[1]]};
    Tensor[][] out = new Tensor[(int) sizes[first]][(int) sizes[second]];
    for (int i = 0; i < out.length; i++) {
      for (int j = 0; j < out[i].length; j++) {
        out[i][j] =
            bindings.tensor(value.view(i * strides[first] + j * strides[second], matrix, steps));
      }
    }
    return out;
  }
}
