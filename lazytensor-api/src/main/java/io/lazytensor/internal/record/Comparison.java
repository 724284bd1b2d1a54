package io.lazytensor.internal.record;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;
import org.jspecify.annotations.Nullable;

/** Lowers a call anew and compares: lowering must depend on nothing but the call. */
final class Comparison {
  private Comparison() {}

  static void requireSame(Call call) {
    HloInstruction[] fresh = call.kind().lowerMany(new HloBuilder(), call);
    HloInstruction[] known = call.results;
    if (fresh.length != known.length) {
      throw differs(call);
    }
    for (int i = 0; i < fresh.length; i++) {
      if (!same(known[i], fresh[i])) {
        throw differs(call);
      }
    }
  }

  private static boolean same(@Nullable HloInstruction known, @Nullable HloInstruction fresh) {
    if (known == null || fresh == null) {
      return known == fresh;
    }
    return known.hash() == fresh.hash()
        && known.shape().equals(fresh.shape())
        && known.op().equals(fresh.op())
        && (known.annotation() == null) == (fresh.annotation() == null);
  }

  private static AssertionError differs(Call call) {
    return new AssertionError(
        "lowering is not a function of the call: "
            + call.describe()
            + " gives other nodes than when it was first recorded");
  }
}
