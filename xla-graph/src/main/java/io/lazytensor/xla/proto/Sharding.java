package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.TupleShape;

/**
 * Refuses shardings under which a module means something else. A tiled or replicated value is the
 * same value wherever its parts lie.
 */
final class Sharding {
  private static final int TUPLE = 2;
  private static final int MANUAL = 4;
  private static final int UNREDUCED = 6;

  private Sharding() {}

  static void check(WireReader message, InstructionProto in) {
    while (message.next()) {
      switch (message.field()) {
        case 1 -> checkType(message.int32(), in);
        case 5 -> checkElement(message.message("OpSharding"), in);
        case 8 -> message.varints(type -> checkType((int) type, in));
        case 14 -> throw in.unsupported("named shardings are");
        default -> message.skip();
      }
    }
  }

  private static void checkElement(WireReader message, InstructionProto in) {
    if (!(in.shape() instanceof TupleShape)) {
      throw in.broken("is no tuple but sharded as one");
    }
    check(message, in);
  }

  private static void checkType(int type, InstructionProto in) {
    switch (type) {
      case TUPLE -> {
        if (!(in.shape() instanceof TupleShape)) {
          throw in.broken("is no tuple but sharded as one");
        }
      }
      case MANUAL -> throw in.unsupported("manual sharding is");
      case UNREDUCED -> throw in.unsupported("unreduced sharding is");
      default -> {
        if (type < 0 || type > UNREDUCED) {
          throw in.broken("has the unknown sharding type " + type);
        }
      }
    }
  }
}
