package io.lazytensor.cli.run;

import io.lazytensor.xla.ir.LazyTensorException;

/** A case folder that does not keep to the protocol. */
final class CaseException extends LazyTensorException {
  private static final long serialVersionUID = 1L;

  CaseException(String message) {
    super(message);
  }
}
