package io.lazytensor.xla.ir;

/** What an instruction produces: an array or a tuple. */
public sealed interface Shape permits ArrayShape, TupleShape {
  /** Returns the bytes the value takes, dense. */
  long byteSize();

  /** Returns this as an array shape, or throws if it is a tuple. */
  default ArrayShape asArray() {
    if (this instanceof ArrayShape array) {
      return array;
    }
    throw new ShapeException("expected an array, got the tuple " + this);
  }
}
