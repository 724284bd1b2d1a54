package io.lazytensor.xla.ir;

/** The shape of a token: no data, only an order between operations with side effects. */
public record TokenShape() implements Shape {
  /** The only one. */
  public static final TokenShape TOKEN = new TokenShape();

  @Override
  public long byteSize() {
    return 0;
  }

  @Override
  public String toString() {
    return "token[]";
  }
}
