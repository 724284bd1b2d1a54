package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.xla.ir.Literal;
import org.jspecify.annotations.Nullable;

/** Memory a program needs, before and after it is decided where. */
final class Place {
  /** What it holds. */
  enum Kind {
    /** An intermediate value. */
    TEMPORARY,
    /** An argument; {@code index} is its number. */
    PARAMETER,
    /** A result; {@code index} is its number. */
    OUTPUT,
    /** Bytes known at compile time. */
    CONSTANT
  }

  Kind kind;
  int index;
  final long bytes;
  final @Nullable Literal content;

  /** The place whose memory this one shares. */
  @Nullable Place sharedWith;

  int firstWrite = -1;
  int lastUse = -1;

  /** Where it is among the temporaries or constants. */
  long offset;

  private Place(Kind kind, int index, long bytes, @Nullable Literal content) {
    this.kind = kind;
    this.index = index;
    this.bytes = bytes;
    this.content = content;
  }

  static Place temporary(long bytes) {
    return new Place(Kind.TEMPORARY, 0, bytes, null);
  }

  static Place parameter(int number, long bytes) {
    return new Place(Kind.PARAMETER, number, bytes, null);
  }

  static Place output(int number, long bytes) {
    return new Place(Kind.OUTPUT, number, bytes, null);
  }

  static Place constant(Literal content) {
    return new Place(Kind.CONSTANT, 0, content.shape().byteSize(), content);
  }

  /** Returns the place whose memory this really is. */
  Place root() {
    Place place = this;
    while (place.sharedWith != null) {
      place = place.sharedWith;
    }
    return place;
  }
}
