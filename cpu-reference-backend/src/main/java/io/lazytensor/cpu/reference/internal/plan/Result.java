package io.lazytensor.cpu.reference.internal.plan;

import java.util.List;

/** What an instruction produces, as the program sees it: a value, a tuple of results or a token. */
sealed interface Result permits Value, Result.TupleResult, Result.TokenResult {
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

  /** A token: steps run in the order of the instructions, so that nothing has to wait for it. */
  record TokenResult() implements Result {}
}
