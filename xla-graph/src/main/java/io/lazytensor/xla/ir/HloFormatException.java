package io.lazytensor.xla.ir;

/**
 * Text or bytes that are no valid HLO module. The message says what, where, and what was expected.
 */
public final class HloFormatException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public HloFormatException(String message) {
    super(message);
  }
}
