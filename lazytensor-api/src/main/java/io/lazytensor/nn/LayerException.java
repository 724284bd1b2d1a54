package io.lazytensor.nn;

import io.lazytensor.xla.ir.LazyTensorException;

/** A model that breaks the rules of layers, or a state dict that does not fit it. */
public final class LayerException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public LayerException(String message) {
    super(message);
  }
}
