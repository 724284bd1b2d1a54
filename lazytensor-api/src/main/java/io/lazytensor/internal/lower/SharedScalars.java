package io.lazytensor.internal.lower;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Repeats scalars to shapes, each once: an optimizer uses the same few for hundreds of parameters
 * of a few shapes.
 */
final class SharedScalars {
  private final HloBuilder b;
  private final IdentityHashMap<HloInstruction, Map<ArrayShape, HloInstruction>> repeated =
      new IdentityHashMap<>();
  private final Map<Double, HloInstruction> numbers = new HashMap<>();

  SharedScalars(HloBuilder b) {
    this.b = b;
  }

  /** Returns a number as {@code f32[]}. */
  HloInstruction number(double value) {
    return numbers.computeIfAbsent(value, v -> Primitives.constant(b, DType.F32, v));
  }

  /** Returns a number in the shape and type of an array. */
  HloInstruction like(HloInstruction array, double value) {
    return like(array, number(value));
  }

  /** Returns a scalar in the shape and type of an array. */
  HloInstruction like(HloInstruction array, HloInstruction scalar) {
    ArrayShape shape = array.arrayShape();
    return repeated
        .computeIfAbsent(scalar, s -> new HashMap<>())
        .computeIfAbsent(
            shape, s -> Primitives.spread(b, Primitives.convert(b, scalar, s.dtype()), s.dims()));
  }
}
