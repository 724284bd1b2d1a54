package io.lazytensor.xla.eval;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Builds graphs of constants and reads what they evaluate to. */
final class Eval {
  private Eval() {}

  static Literal literal(DType type, int[] dims, double... values) {
    ArrayShape shape = ArrayShape.of(type, dims);
    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) shape.byteSize()]);
    for (int i = 0; i < values.length; i++) {
      Literal.writeBits(bytes, i, type, Literal.scalar(type, values[i]).bits(0));
    }
    return Literal.ofSegment(shape, bytes);
  }

  /** Makes a c128 literal of real parts and imaginary parts in turns. */
  static Literal complex(int[] dims, double... parts) {
    byte[] bytes = new byte[8 * parts.length];
    for (int i = 0; i < parts.length; i++) {
      Literal.writeBits(
          MemorySegment.ofArray(bytes), i, DType.F64, Double.doubleToRawLongBits(parts[i]));
    }
    return Literal.ofBytes(ArrayShape.of(DType.C128, dims), bytes);
  }

  static HloInstruction constant(HloBuilder b, DType type, int[] dims, double... values) {
    return b.add(new HloOp.Constant(literal(type, dims, values)));
  }

  static HloInstruction parameter(HloBuilder b, int number, Shape shape) {
    return b.add(new HloOp.Parameter(number, shape));
  }

  /** Returns the arrays of a root without parameters. */
  static List<Literal> all(HloInstruction root) {
    return HloEvaluator.evaluate(HloComputation.of("main", List.of(), root), List.of());
  }

  static double[] values(HloInstruction root) {
    return values(all(root).getFirst());
  }

  static double[] values(Literal literal) {
    return IntStream.range(0, (int) literal.shape().elementCount())
        .mapToDouble(literal::toDouble)
        .toArray();
  }

  /** Returns real and imaginary parts in turns. */
  static double[] parts(Literal literal) {
    double[] out = new double[2 * (int) literal.shape().elementCount()];
    for (int i = 0; i < out.length; i++) {
      out[i] = i % 2 == 0 ? literal.realPart(i / 2) : literal.imaginaryPart(i / 2);
    }
    return out;
  }

  static int[] dims(int... dims) {
    return dims;
  }

  /** Makes a computation of parameters with these shapes. */
  static HloComputation computation(String name, List<Shape> shapes, Body body) {
    HloBuilder b = new HloBuilder();
    List<HloInstruction> parameters = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      parameters.add(parameter(b, i, shapes.get(i)));
    }
    return HloComputation.of(name, parameters, body.build(b, parameters));
  }

  /** What a computation does with its parameters. */
  interface Body {
    HloInstruction build(HloBuilder b, List<HloInstruction> parameters);
  }

  static Shape scalar(DType type) {
    return ArrayShape.scalar(type);
  }

  static Shape tuple(Shape... shapes) {
    return new TupleShape(Arrays.asList(shapes));
  }

  static HloInstruction element(HloBuilder b, HloInstruction tuple, int index) {
    return b.add(new HloOp.GetTupleElement(index), tuple);
  }

  static Dims dimensions(int... values) {
    return Dims.of(values);
  }

  static void says(Exception e, String part) {
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(part), message);
  }
}
