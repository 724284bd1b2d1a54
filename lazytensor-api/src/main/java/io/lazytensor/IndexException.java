package io.lazytensor;

import io.lazytensor.xla.ir.LazyTensorException;

/** An index from the host that points outside of a tensor. */
public final class IndexException extends LazyTensorException {
  private static final long serialVersionUID = 1;

  /** Creates it. */
  public IndexException(String message) {
    super(message);
  }
}
