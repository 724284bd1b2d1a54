package io.lazytensor.xla.ir;

/** What an instruction produces: an array, a tuple or a token. */
public sealed interface Shape permits ArrayShape, TupleShape, TokenShape {
  /** Returns the bytes the value takes, dense. */
  long byteSize();

  /** Returns this as an array shape, or throws if it is none. */
  default ArrayShape asArray() {
    if (this instanceof ArrayShape array) {
      return array;
    }
    throw new ShapeException("expected an array, got " + this);
  }
}
