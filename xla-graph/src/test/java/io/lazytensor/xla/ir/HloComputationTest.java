package io.lazytensor.xla.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class HloComputationTest {
  private static final ArrayShape PAIR = ArrayShape.of(DType.F32, 2);

  /** Each level calls the one below twice. */
  private static HloComputation nested(int levels, UnaryKind innermost) {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, PAIR));
    HloComputation f = HloComputation.of("f", List.of(x), b.unary(innermost, x));
    for (int i = 1; i < levels; i++) {
      HloInstruction p = b.add(new HloOp.Parameter(0, PAIR));
      HloOp call = new ControlOp.Fusion("kLoop", f);
      f = HloComputation.of("f", List.of(p), b.add(call, b.add(call, p)));
    }
    return f;
  }

  @Test
  void deepAndSharedComputationsAreCompared() {
    HloComputation one = nested(HloComputation.MAX_DEPTH, UnaryKind.SINE);
    HloComputation other = nested(HloComputation.MAX_DEPTH, UnaryKind.SINE);
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> assertEquals(one, other, "of the same instructions"));
    assertEquals(one.hashCode(), other.hashCode());
    assertNotEquals(one, nested(HloComputation.MAX_DEPTH - 1, UnaryKind.SINE));
  }

  @Test
  void aDifferenceFarBelowIsFoundAlthoughHashesAgree() {
    // Dead instructions are no part of the hash.
    HloComputation plain = dead(UnaryKind.SINE);
    HloComputation different = dead(UnaryKind.COSINE);
    assertEquals(plain.hashCode(), different.hashCode());
    assertNotEquals(plain, different);
    assertEquals(plain, dead(UnaryKind.SINE));
  }

  private static HloComputation dead(UnaryKind kind) {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, PAIR));
    HloComputation f = HloComputation.ofInstructions("f", List.of(x, b.unary(kind, x)), x);
    for (int i = 0; i < 5; i++) {
      f = HloComputation.of("f", List.of(x), b.add(new HloOp.Call(f), x));
    }
    return f;
  }

  @Test
  void instructionsThatRunAnywayStay() {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, PAIR));
    HloInstruction kept = b.negative(b.plus(x, x));
    HloComputation f = HloComputation.of("f", List.of(x), List.of(kept), b.times(x, x));
    assertEquals(4, f.instructions().size());
    assertTrue(f.instructions().contains(kept));
  }

  @Test
  void anInstructionOccursOnce() {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, PAIR));
    HloInstruction y = b.negative(x);
    assertThrows(
        ShapeException.class, () -> HloComputation.ofInstructions("f", List.of(x, y, y), y));
  }

  @Test
  void tuplesOfTuplesEnd() {
    Shape deep = PAIR;
    for (int i = 0; i < 200; i++) {
      deep = new TupleShape(List.of(deep));
    }
    Shape ok = deep;
    assertEquals(8, ok.byteSize());
    Shape wide = PAIR;
    for (int i = 0; i < 15; i++) {
      wide = new TupleShape(List.of(wide, wide));
    }
    Shape start = wide;
    assertThrows(ShapeException.class, () -> doubled(start, 20));
    assertThrows(ShapeException.class, () -> wrapped(ok, 200));
  }

  private static Shape doubled(Shape from, int times) {
    Shape shape = from;
    for (int i = 0; i < times; i++) {
      shape = new TupleShape(List.of(shape, shape));
    }
    return shape;
  }

  private static Shape wrapped(Shape from, int times) {
    Shape shape = from;
    for (int i = 0; i < times; i++) {
      shape = new TupleShape(List.of(shape));
    }
    return shape;
  }
}
