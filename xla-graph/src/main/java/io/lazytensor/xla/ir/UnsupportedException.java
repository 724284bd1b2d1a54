package io.lazytensor.xla.ir;

/**
 * Something that is valid HLO, and that this library or this backend does not do. The message names
 * it. Nothing was computed.
 */
public final class UnsupportedException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public UnsupportedException(String message) {
    super(message);
  }
}
