package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.LayoutShapes.distinctWithin;
import static io.lazytensor.xla.infer.ShapeInference.array;
import static io.lazytensor.xla.infer.ShapeInference.count;
import static io.lazytensor.xla.infer.ShapeInference.require;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers.Mode;
import io.lazytensor.xla.ir.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The shape of a matrix product over groups.
 *
 * <p>Source: StableHLO {@code ChloOps.cpp}, whose rules are those of XLA's shape inference.
 */
final class RaggedShapes {
  private RaggedShapes() {}

  static ArrayShape raggedDot(HloOp.RaggedDot op, List<Shape> operands) {
    count(op, operands, 3);
    ArrayShape x = array(op, operands, 0);
    ArrayShape y = array(op, operands, 1);
    ArrayShape sizes = array(op, operands, 2);
    RaggedDotDimensionNumbers n = op.dimensionNumbers();
    DotDimensionNumbers dot = n.dot();
    ContractShapes.requireProductType(op, x, y, op.resultType());
    ContractShapes.requirePaired(op, dot, x, y);
    require(
        n.lhsRagged().size() == 1 && distinctWithin(n.lhsRagged(), x.rank()),
        "ragged-dot of %s and %s has the ragged dimensions {%s}; one of the left operand's is"
            + " expected",
        x,
        y,
        n.lhsRagged());
    requireSizes(n, x, sizes);
    int groups = sizes.dim(sizes.rank() - 1);
    requireGroups(n, x, y, groups);
    IntStream grouped = n.mode() == Mode.CONTRACTING ? IntStream.of(groups) : IntStream.empty();
    IntStream batch = dot.lhsBatch().stream().map(x::dim);
    IntStream left = free(x, dot.lhsBatch(), dot.lhsContracting(), Dims.of()).map(x::dim);
    IntStream right = free(y, dot.rhsBatch(), dot.rhsContracting(), n.rhsGroup()).map(y::dim);
    IntStream dims =
        IntStream.concat(IntStream.concat(grouped, batch), IntStream.concat(left, right));
    return new ArrayShape(op.resultType(), Dims.of(dims.toArray()));
  }

  /** Sizes are given once, or for each index of the dimensions outside of the ragged one. */
  private static void requireSizes(RaggedDotDimensionNumbers n, ArrayShape x, ArrayShape sizes) {
    Dims outer = Dims.of(outer(n, x).map(x::dim).toArray());
    int rank = sizes.rank();
    boolean fits = rank == 1;
    if (rank == outer.size() + 1) {
      fits = outer.contentEquals(sizes.dims().stream().limit(outer.size()).toArray());
    }
    require(
        fits && sizes.dtype().isInteger(),
        "ragged-dot of %s along {%s} takes integer sizes of groups [%s] or [groups], got %s",
        x,
        n.lhsRagged(),
        outer.isEmpty() ? "groups" : outer + ",groups",
        sizes);
  }

  private static IntStream outer(RaggedDotDimensionNumbers n, ArrayShape x) {
    int ragged = n.lhsRagged().get(0);
    Dims batch = n.dot().lhsBatch();
    Dims contracting = n.dot().lhsContracting();
    return switch (n.mode()) {
      case BATCH -> batch.stream().limit(batch.indexOf(ragged));
      case CONTRACTING ->
          IntStream.concat(batch.stream(), contracting.stream().limit(contracting.indexOf(ragged)));
      case FREE ->
          IntStream.concat(
              batch.stream(), free(x, batch, contracting, Dims.of()).filter(d -> d < ragged));
    };
  }

  private static void requireGroups(
      RaggedDotDimensionNumbers n, ArrayShape x, ArrayShape y, int groups) {
    Dims group = n.rhsGroup();
    if (n.mode() != Mode.FREE) {
      require(
          group.isEmpty(),
          "ragged-dot of %s along {%s}, which is no free dimension: the right operand has the group"
              + " dimensions {%s}, none are expected",
          x,
          n.lhsRagged(),
          group);
      return;
    }
    require(
        group.size() == 1
            && distinctWithin(group, y.rank())
            && !n.dot().rhsBatch().contains(group.get(0))
            && !n.dot().rhsContracting().contains(group.get(0))
            && y.dim(group.get(0)) == groups,
        "ragged-dot of %s and %s in %s groups: the right operand has the group dimensions {%s}; one"
            + " of that size that is neither summed nor a batch is expected",
        x,
        y,
        groups,
        group);
  }

  private static IntStream free(ArrayShape x, Dims batch, Dims contracting, Dims group) {
    return IntStream.range(0, x.rank())
        .filter(d -> !batch.contains(d) && !contracting.contains(d) && !group.contains(d));
  }
}
