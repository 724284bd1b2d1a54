package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.TupleShape;

/**
 * Refuses shardings that XLA refuses, and those under which a module means something else. A tiled
 * or replicated value is the same value wherever its parts lie.
 *
 * <p>Source: XLA {@code xla/xla_data.proto}, {@code OpSharding}; {@code
 * xla/hlo/ir/hlo_sharding.cc}.
 */
final class Sharding {
  private static final int TUPLE = 2;
  private static final int TILED = 3;
  private static final int MANUAL = 4;
  private static final int UNREDUCED = 6;

  private Sharding() {}

  static void check(WireReader message, InstructionProto in) {
    check(message, in, false);
  }

  private static void check(WireReader message, InstructionProto in, boolean element) {
    int type = 0;
    Numbers64 tiles = new Numbers64();
    Numbers64 devices = new Numbers64();
    Numbers64 iota = new Numbers64();
    Numbers64 lastTypes = new Numbers64();
    int last = 0;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> type = message.int32();
        case 3 -> message.varints(tiles);
        case 4 -> message.varints(devices);
        case 6 -> last = message.bool() ? 1 : 0;
        case 5 -> {
          requireTuple(in);
          check(message.message("OpSharding"), in, true);
        }
        case 8 -> message.varints(lastTypes);
        case 9 -> message.varints(iota);
        case 14 -> throw in.unsupported("named shardings are");
        default -> message.skip();
      }
    }
    checkType(type, in);
    for (int i = 0; i < lastTypes.size(); i++) {
      checkType((int) lastTypes.get(i), in);
    }
    int subgroups = last + lastTypes.size();
    if (type == TILED) {
      long expected = iota.size() > 0 ? product(iota) : devices.size();
      if (in.shape() instanceof ArrayShape array && tiles.size() - subgroups != array.rank()) {
        throw in.broken(
            "has %d dimensions but is sharded along %d"
                .formatted(array.rank(), tiles.size() - subgroups));
      }
      if (in.shape() instanceof TupleShape && !element) {
        throw in.broken("is a tuple but sharded as an array");
      }
      if (tiles.size() == 0 || product(tiles) != expected) {
        throw in.broken("is sharded into tiles for other devices than are listed");
      }
    }
  }

  private static void checkType(int type, InstructionProto in) {
    switch (type) {
      case TUPLE -> requireTuple(in);
      case MANUAL -> throw in.unsupported("manual sharding is");
      case UNREDUCED -> throw in.unsupported("unreduced sharding is");
      default -> {
        if (type < 0 || type > UNREDUCED) {
          throw in.broken("has the unknown sharding type " + type);
        }
      }
    }
  }

  private static void requireTuple(InstructionProto in) {
    if (!(in.shape() instanceof TupleShape)) {
      throw in.broken("is no tuple but sharded as one");
    }
  }

  /** Returns the product of positive factors; 0 if there are others, or it is out of range. */
  private static long product(Numbers64 factors) {
    long product = 1;
    for (int i = 0; i < factors.size(); i++) {
      long factor = factors.get(i);
      if (factor < 1 || factor > Integer.MAX_VALUE || product > Integer.MAX_VALUE) {
        return 0;
      }
      product *= factor;
    }
    return product;
  }
}
