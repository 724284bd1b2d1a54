package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.Elementwise;
import io.lazytensor.internal.lower.Ordering;
import io.lazytensor.internal.lower.Promotion;
import io.lazytensor.internal.record.Call;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.List;

/** Makers of kinds of calls, by what they take. */
final class Kinds {
  private Kinds() {}

  interface Unary {
    HloInstruction lower(HloBuilder builder, HloInstruction x);
  }

  interface Binary {
    HloInstruction lower(HloBuilder builder, HloInstruction x, HloInstruction y);
  }

  interface Indexed {
    HloInstruction lower(HloBuilder builder, HloInstruction x, int[] integers);
  }

  interface Ordered {
    Ordering.Sorted lower(HloBuilder builder, HloInstruction x, int[] integers);
  }

  interface Pieces {
    List<HloInstruction> lower(HloBuilder builder, HloInstruction x, int[] integers);
  }

  static CallKind unary(String name, Unary lowering) {
    return CallKind.of(name, (b, c) -> lowering.lower(b, c.a()));
  }

  static CallKind function(String name, UnaryKind kind) {
    return unary(name, (b, x) -> Elementwise.function(b, kind, x));
  }

  static CallKind binary(String name, Binary lowering) {
    return CallKind.of(name, (b, c) -> lowering.lower(b, c.a(), c.b()));
  }

  /** A function of a tensor and a number. */
  static CallKind number(String name, Binary lowering) {
    return CallKind.of(
        name, (b, c) -> lowering.lower(b, c.a(), Promotion.literal(b, written(c), c.a())));
  }

  /** A function of a number and a tensor. */
  static CallKind reversed(String name, Binary lowering) {
    return CallKind.of(
        name, (b, c) -> lowering.lower(b, Promotion.literal(b, written(c), c.a()), c.a()));
  }

  /** A function of a tensor and integers. */
  static CallKind indexed(String name, Indexed lowering) {
    return CallKind.of(name, (b, c) -> lowering.lower(b, c.a(), c.integers()));
  }

  /** A function of a tensor and integers that returns values and their indices. */
  static CallKind ordered(String name, Ordered lowering) {
    return CallKind.many(
        name, (b, c) -> lowering.lower(b, c.operands().getFirst(), c.integers()).results());
  }

  /** A function of a tensor and integers that returns a list. */
  static CallKind pieces(String name, Pieces lowering) {
    return CallKind.many(
        name,
        (b, c) ->
            lowering
                .lower(b, c.operands().getFirst(), c.integers())
                .toArray(HloInstruction[]::new));
  }

  /**
   * Returns the number written in the program. An integral one does not turn an integer tensor into
   * a floating-point one: Java's {@code add(1)} cannot be told from {@code add(1.0)}.
   */
  static Number written(Call call) {
    return number(call.number(), call.a().arrayShape().dtype());
  }

  static Number number(double value, DType beside) {
    boolean integral = value == Math.rint(value) && Math.abs(value) < 1L << 53;
    return !beside.isFloating() && integral ? (Number) (long) value : (Number) value;
  }
}
