package io.lazytensor.internal.record;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;

/**
 * What a call does. Compared by identity: there is one object for each public operation.
 *
 * <p>Lowering must be a function of the builder and the call: operands, literal, attribute.
 * Whatever else a result depends on (mode, precision, a parameter being frozen) has to be one of
 * these.
 */
public final class CallKind {
  /** Lowers a call with one result. */
  public interface Lowering {
    /** Returns the node of the result. */
    HloInstruction lower(HloBuilder builder, Call call);
  }

  /** Lowers a call with any number of results. */
  public interface ManyLowering {
    /** Returns the nodes of the results. An element may be null where the kind says so. */
    HloInstruction[] lower(HloBuilder builder, Call call);
  }

  private final String name;
  private final ManyLowering many;
  private final Autocast autocast;

  private CallKind(String name, ManyLowering many) {
    this.name = name;
    this.many = many;
    this.autocast = Autocast.of(name);
  }

  /** Returns a kind whose calls have one result. */
  public static CallKind of(String name, Lowering lowering) {
    return new CallKind(
        name, (builder, call) -> new HloInstruction[] {lowering.lower(builder, call)});
  }

  /** Returns a kind whose calls have any number of results; the first stands for the call. */
  public static CallKind many(String name, ManyLowering lowering) {
    return new CallKind(name, lowering);
  }

  /** Returns the public operation's name. */
  public String name() {
    return name;
  }

  HloInstruction[] lowerMany(HloBuilder builder, Call call) {
    return many.lower(builder, autocast.apply(builder, call));
  }

  @Override
  public String toString() {
    return name;
  }
}
