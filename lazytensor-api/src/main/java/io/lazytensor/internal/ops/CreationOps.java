package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.Creation;
import io.lazytensor.internal.lower.Elementwise;
import io.lazytensor.internal.lower.Primitives;
import io.lazytensor.internal.lower.RandomNumbers;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;

/** New tensors. Random ones have the key as their last operand and the stream as literal. */
public final class CreationOps {
  private CreationOps() {}

  /** Numbers at equal distances: the first, and the step or the last. */
  public record Sequence(ArrayShape shape, double start, double other) {}

  /** Random integers: the least, and one past the greatest. */
  public record Integers(ArrayShape shape, int low, int high) {}

  private interface Random {
    HloInstruction lower(HloBuilder builder, HloInstruction key, int stream, ArrayShape shape);
  }

  private static CallKind random(String name, Random lowering) {
    return CallKind.of(
        name, (b, c) -> lowering.lower(b, c.a(), (int) c.literal(), c.attribute(ArrayShape.class)));
  }

  public static final CallKind FULL =
      CallKind.of(
          "full",
          (b, c) -> {
            ArrayShape shape = c.attribute(ArrayShape.class);
            return Primitives.filled(b, shape.dtype(), shape.dims(), c.number());
          });
  public static final CallKind FULL_LIKE =
      CallKind.of(
          "fullLike",
          (b, c) -> {
            ArrayShape shape = c.a().arrayShape();
            return Primitives.filled(b, shape.dtype(), shape.dims(), c.number());
          });
  public static final CallKind ARANGE =
      CallKind.of(
          "arange",
          (b, c) -> {
            Sequence s = c.attribute(Sequence.class);
            return Creation.arange(b, s.shape(), s.start(), s.other());
          });
  public static final CallKind LINSPACE =
      CallKind.of(
          "linspace",
          (b, c) -> {
            Sequence s = c.attribute(Sequence.class);
            return Creation.linspace(b, s.shape(), s.start(), s.other());
          });
  public static final CallKind EYE =
      CallKind.of("eye", (b, c) -> Creation.eye(b, c.attribute(ArrayShape.class)));

  /** The literal is 1 where the first two dimensions change places. */
  public static final CallKind MESHGRID =
      CallKind.many(
          "meshgrid",
          (b, c) ->
              Creation.meshgrid(b, c.operands(), c.literal() != 0).toArray(HloInstruction[]::new));

  public static final CallKind RAND =
      random(
          "rand",
          (b, key, stream, shape) ->
              Elementwise.cast(
                  b, RandomNumbers.uniform(b, key, stream, shape.dims()), shape.dtype()));
  public static final CallKind RANDN =
      random(
          "randn",
          (b, key, stream, shape) ->
              Elementwise.cast(
                  b, RandomNumbers.normal(b, key, stream, shape.dims()), shape.dtype()));
  public static final CallKind RANDPERM =
      random("randperm", (b, key, stream, shape) -> Creation.randperm(b, key, stream, shape));
  public static final CallKind RANDINT =
      CallKind.of(
          "randint",
          (b, c) -> {
            Integers i = c.attribute(Integers.class);
            return RandomNumbers.randint(
                b, c.a(), (int) c.literal(), i.shape().dims(), i.low(), i.high());
          });

  /** Operands: probabilities, key. */
  public static final CallKind BERNOULLI =
      CallKind.of(
          "bernoulli", (b, c) -> Creation.bernoulli(b, c.a(), c.b(), Calls.randomStream(c)));
}
