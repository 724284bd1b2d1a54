package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.kernel.ElementwiseLoop;
import io.lazytensor.cpu.reference.internal.kernel.Kernel;
import io.lazytensor.cpu.reference.internal.kernel.Location;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Collects the steps of a program while instructions are lowered. */
final class Emitter {
  private final List<Step> steps = new ArrayList<>();
  private long calledConstantBytes;

  /** A libtorch function of an output and one operand. */
  interface Call1 {
    Tensor call(Tensor out, Tensor a);
  }

  /** A libtorch function of an output and two operands. */
  interface Call2 {
    Tensor call(Tensor out, Tensor a, Tensor b);
  }

  /** A libtorch function of an output and three operands. */
  interface Call3 {
    Tensor call(Tensor out, Tensor a, Tensor b, Tensor c);
  }

  List<Step> steps() {
    return steps;
  }

  /** Returns the constants of the programs that steps call. */
  long calledConstantBytes() {
    return calledConstantBytes;
  }

  /** Counts the constants of a program that a step is going to call. */
  void countConstants(Program called) {
    calledConstantBytes += called.allConstantBytes();
  }

  /** Returns a fresh dense temporary. */
  Value temporary(ArrayShape shape) {
    return Value.dense(Place.temporary(shape.byteSize()), shape);
  }

  /** Emits a step that only writes what is not read element by element. */
  void emit(HloInstruction origin, List<Value> in, List<Value> out, Step.Factory factory) {
    emit(new Step(origin, in, out, false, factory));
  }

  void emit(Step step) {
    steps.add(step);
  }

  /** Emits an elementwise call into a fresh value. */
  Value elementwise(HloInstruction origin, ArrayShape shape, Value a, Call1 call) {
    Value out = temporary(shape);
    emit(new Step(origin, List.of(a), List.of(out), true, bind(call)));
    return out;
  }

  /** Emits an elementwise call into a fresh value. */
  Value elementwise(HloInstruction origin, ArrayShape shape, Value a, Value b, Call2 call) {
    Value out = temporary(shape);
    emit(new Step(origin, List.of(a, b), List.of(out), true, bind(call)));
    return out;
  }

  /** Emits an elementwise call into a fresh value. */
  Value elementwise(HloInstruction origin, ArrayShape shape, List<Value> in, Call3 call) {
    Value out = temporary(shape);
    emit(new Step(origin, in, List.of(out), true, bind(call)));
    return out;
  }

  static Step.Factory bind(Call1 call) {
    return (b, in, out) -> {
      Tensor o = b.tensor(out.get(0));
      Tensor x = b.tensor(in.get(0));
      return () -> call.call(o, x);
    };
  }

  static Step.Factory bind(Call2 call) {
    return (b, in, out) -> {
      Tensor o = b.tensor(out.get(0));
      Tensor x = b.tensor(in.get(0));
      Tensor y = b.tensor(in.get(1));
      return () -> call.call(o, x, y);
    };
  }

  static Step.Factory bind(Call3 call) {
    return (b, in, out) -> {
      Tensor o = b.tensor(out.get(0));
      Tensor x = b.tensor(in.get(0));
      Tensor y = b.tensor(in.get(1));
      Tensor z = b.tensor(in.get(2));
      return () -> call.call(o, x, y, z);
    };
  }

  /** Emits an elementwise loop into a fresh value. */
  Value loop(HloInstruction origin, ArrayShape shape, List<Value> in, ElementwiseLoop.Body body) {
    Value out = temporary(shape);
    List<Value> operands = in.stream().map(v -> denseOrRepeated(origin, v)).toList();
    // Blocks are read before they are written, but a narrower element would overtake its reader.
    boolean inPlace = in.stream().allMatch(v -> v.dtype().byteSize() == shape.dtype().byteSize());
    emit(
        new Step(
            origin,
            operands,
            List.of(out),
            inPlace,
            (b, i, o) -> new ElementwiseLoop(body, b.location(o.get(0)), locations(b, i))));
    return out;
  }

  static List<Location> locations(Step.Bindings bindings, List<Value> values) {
    return values.stream().map(bindings::location).toList();
  }

  /** Returns the value itself if it is dense or one repeated element, else a dense copy. */
  Value denseOrRepeated(HloInstruction origin, Value value) {
    return value.isRepeated() ? value : dense(origin, value);
  }

  /** Returns the value itself if it is dense, else a dense copy. */
  Value dense(HloInstruction origin, Value value) {
    return value.isDense() ? value : copy(origin, value);
  }

  /** Returns a dense value of its own; it takes over the operand's memory if that dies here. */
  Value copy(HloInstruction origin, Value value) {
    Value out = temporary(value.shape());
    emit(new Step(origin, List.of(value), List.of(out), true, Emitter::bindCopy));
    return out;
  }

  /** Emits a copy into part of a value. */
  void copyInto(HloInstruction origin, Value from, Value to) {
    emit(new Step(origin, List.of(from), List.of(to), false, Emitter::bindCopy));
  }

  static @Nullable Kernel bindCopy(Step.Bindings b, List<Value> in, List<Value> out) {
    if (b.isSame(in.get(0), out.get(0))) {
      return null;
    }
    Tensor to = b.tensor(out.get(0));
    Tensor from = b.tensor(in.get(0));
    return () -> to.copy_(from);
  }

  /** Returns the exception for what this backend cannot do. */
  static UnsupportedException unsupported(HloInstruction instruction, String why) {
    return new UnsupportedException(
        "cpu-reference cannot compile "
            + instruction
            + ": "
            + why
            + "; change it there, or use device evaluator");
  }
}
