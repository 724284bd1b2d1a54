package io.lazytensor.xla.ir;

/**
 * Which dimensions a {@code ragged-dot} sums over, runs along and divides into groups.
 *
 * <p>Sizes of groups are {@code [b…, x…, g]}: the left operand's batch dimensions before the ragged
 * one, then what {@link Mode} says, then one size for each of the {@code g} groups; or {@code [g]},
 * the same for all.
 *
 * @param dot what is summed and what is batched, as for {@code dot}
 * @param lhsRagged the dimension of the left operand that is divided: exactly one
 * @param rhsGroup the dimension of the right operand that has one matrix for each group: exactly
 *     one if the ragged dimension is free, else none
 */
public record RaggedDotDimensionNumbers(DotDimensionNumbers dot, Dims lhsRagged, Dims rhsGroup) {
  /** What the ragged dimension is to the product. */
  public enum Mode {
    /**
     * A free dimension: {@code [b…,m…,k…], [g,b…,k…,n…] -> [b…,m…,n…]}. Each group of rows is
     * multiplied by its own matrix; {@code x…} are the left operand's free dimensions before it.
     */
    FREE,

    /**
     * A summed dimension: {@code [b…,m…,k…], [b…,k…,n…] -> [g,b…,m…,n…]}. Each group is a sum of
     * its own; {@code x…} are the summed dimensions listed before it.
     */
    CONTRACTING,

    /** A batch dimension: {@code dot}, whatever the groups are; there are no {@code x…}. */
    BATCH
  }

  /** Returns the mode; there has to be a ragged dimension. */
  public Mode mode() {
    int ragged = lhsRagged.get(0);
    return dot.lhsBatch().contains(ragged)
        ? Mode.BATCH
        : dot.lhsContracting().contains(ragged) ? Mode.CONTRACTING : Mode.FREE;
  }
}
