package io.lazytensor.xla.ir;

/** Operands whose shapes or types do not fit the operation. */
public final class ShapeException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message names the operation, the operand shapes and the rule. */
  public ShapeException(String message) {
    super(message);
  }
}
