package io.lazytensor.cpu.reference.internal.plan;

import java.util.List;

/** What an instruction produces, as the program sees it: a value or a tuple of results. */
sealed interface Result permits Value, Result.TupleResult {
  /**
   * A tuple.
   *
   * @param elements in order
   */
  record TupleResult(List<Result> elements) implements Result {
    /** Copies the list. */
    public TupleResult {
      elements = List.copyOf(elements);
    }
  }
}
