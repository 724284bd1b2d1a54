package io.lazytensor.internal.record;

import io.lazytensor.IndexException;
import io.lazytensor.Input;
import io.lazytensor.Tensor;
import io.lazytensor.internal.run.InputSlot;

/** Checks indices that come from the host; a device cannot refuse any. */
public final class HostIndices {
  private HostIndices() {}

  /**
   * Checks indices into a dimension.
   *
   * @throws IndexException if the indices are host data and one is out of range
   */
  public static void require(CallKind kind, Tensor of, int dim, Tensor index) {
    int rank = of.rank();
    if (index instanceof Input && dim >= -rank && dim < rank) {
      require(kind, of.shape() + " along dimension " + dim, of.size(dim), index);
    }
  }

  /**
   * Checks that indices are 0 to size - 1.
   *
   * @param what the indices point into
   * @throws IndexException if the indices are host data and one is out of range
   */
  public static void require(CallKind kind, String what, int size, Tensor index) {
    if (!(index instanceof Input) || !(((Handle) index).slot() instanceof InputSlot slot)) {
      return;
    }
    InputSlot.Range range = slot.range();
    if (range == null || (range.least() >= 0 && range.greatest() < size)) {
      return;
    }
    long wrong = range.least() < 0 ? range.least() : range.greatest();
    throw new IndexException(
        "%s of %s: %s has the index %d, expected 0 to %d (%s)"
            .formatted(kind.name(), what, index, wrong, size - 1, UserLine.capture()));
  }
}
