package io.lazytensor.internal.record;

import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.SourceLine;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Where recordings under one name, mode and precision start. */
final class Root {
  private static final CallKind START =
      CallKind.of(
          "start",
          (builder, call) -> {
            throw new AssertionError("the root of a trie is never lowered");
          });

  /**
   * What a recording depends on beside its calls.
   *
   * @param step the step's name; empty outside of steps
   * @param training whether layers train
   * @param compute the type of matrix products
   */
  record Key(String step, boolean training, DType compute) {}

  final Key key;
  Call start;

  /** Where a step of this name was first opened. */
  SourceLine openedAt = SourceLine.UNKNOWN;

  /** The latest cut; what follows it is predicted to be what followed it before. */
  @Nullable Call previousCut;

  private @Nullable AtomicLong number;

  Root(Key key) {
    this.key = key;
    this.start = fresh();
  }

  /** Returns the counter of cuts under this name, shared by threads and modes. */
  AtomicLong stepNumber(DeviceContext context) {
    AtomicLong known = number;
    if (known == null) {
      known = context.stepNumber(key.step());
      number = known;
    }
    return known;
  }

  /** Forgets all recordings. */
  void clear() {
    start = fresh();
    previousCut = null;
  }

  private static Call fresh() {
    return new Call(START, null, null, null, Call.NONE, 0, null, SourceLine.UNKNOWN, 0);
  }
}
