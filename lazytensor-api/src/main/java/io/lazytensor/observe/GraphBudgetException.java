package io.lazytensor.observe;

import io.lazytensor.xla.ir.LazyTensorException;

/** More graphs, or more un-cut nodes, than the program said it needs. */
public final class GraphBudgetException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public GraphBudgetException(String message) {
    super(message);
  }
}
