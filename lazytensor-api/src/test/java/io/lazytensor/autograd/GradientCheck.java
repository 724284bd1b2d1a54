package io.lazytensor.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.eval.HloEvaluator;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.pass.Passes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;

/** Compares gradients with central differences in f64, and evaluates gradients at given points. */
final class GradientCheck {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 2e-7;

  private GradientCheck() {}

  /** A function of arrays. */
  interface Function {
    HloInstruction apply(HloBuilder b, List<HloInstruction> x);
  }

  /** Returns an f64 array. */
  static Literal array(Dims dims, double... values) {
    byte[] bytes = new byte[8 * values.length];
    for (int i = 0; i < values.length; i++) {
      Literal.writeBits(
          MemorySegment.ofArray(bytes), i, DType.F64, Double.doubleToRawLongBits(values[i]));
    }
    return Literal.ofBytes(new ArrayShape(DType.F64, dims), bytes);
  }

  /** Returns an f64 vector. */
  static Literal vector(double... values) {
    return array(Dims.of(values.length), values);
  }

  /** Returns an f64 array of distinct numbers of magnitude 0.1 to 2, in random order. */
  static Literal random(Random random, Dims dims) {
    double[] values = new double[(int) dims.product()];
    for (int i = 0; i < values.length; i++) {
      int at = random.nextInt(i + 1);
      values[i] = values[at];
      values[at] = (random.nextBoolean() ? 1 : -1) * (0.1 + 1.9 * (i + 1) / values.length);
    }
    return array(dims, values);
  }

  static List<HloInstruction> parameters(HloBuilder b, List<Literal> arguments) {
    List<HloInstruction> parameters = new ArrayList<>();
    for (Literal argument : arguments) {
      parameters.add(b.add(new HloOp.Parameter(parameters.size(), argument.shape())));
    }
    return parameters;
  }

  /** Weights every element of the result differently and adds them up in f64. */
  private static HloInstruction loss(HloBuilder b, HloInstruction result) {
    HloInstruction wide = b.convert(result, DType.F64);
    Dims dims = wide.arrayShape().dims();
    Literal weights = random(new Random(dims.hashCode()), dims);
    return b.sum(b.times(wide, b.add(new HloOp.Constant(weights))), Dims.range(dims.size()));
  }

  /** Evaluates graphs as recorded and as a backend gets them: verified and simplified. */
  static List<Literal> evaluate(
      List<HloInstruction> parameters, List<HloInstruction> results, List<Literal> arguments) {
    HloInstruction root = new HloBuilder().add(new HloOp.Tuple(), results);
    HloModule module =
        new HloModule("test", HloComputation.of("main", parameters, root), List.of());
    HloVerifier.verify(module);
    List<Literal> values = HloEvaluator.evaluate(module, arguments);
    assertEquals(values, HloEvaluator.evaluate(Passes.standard(module), arguments), "simplified");
    return values;
  }

  /** Compares the gradients with respect to all floating-point arguments. */
  static void check(Function function, Literal... arguments) {
    HloBuilder b = new HloBuilder();
    List<Literal> at = List.of(arguments);
    List<HloInstruction> x = parameters(b, at);
    HloInstruction loss = loss(b, function.apply(b, x));
    List<@Nullable HloInstruction> gradients = ReverseMode.gradients(b, loss, x);
    HloComputation forward = HloComputation.of("forward", x, loss);
    for (int i = 0; i < arguments.length; i++) {
      ArrayShape shape = arguments[i].shape();
      HloInstruction gradient = gradients.get(i);
      if (!shape.dtype().isFloating()) {
        assertEquals(null, gradient, "gradient of " + shape);
        continue;
      }
      assertNotNull(gradient, "gradient of argument " + i);
      assertEquals(shape, gradient.shape(), "shape of the gradient of argument " + i);
      Literal actual = evaluate(x, List.of(gradient), at).getFirst();
      for (int k = 0; k < shape.elementCount(); k++) {
        double expected = difference(forward, at, i, k);
        double got = actual.toDouble(k);
        String where = "d/d argument " + i + "[" + k + "]: expected " + expected + ", got " + got;
        assertTrue(Math.abs(expected - got) <= TOLERANCE * (1 + Math.abs(expected)), where);
      }
    }
  }

  private static double difference(HloComputation f, List<Literal> at, int argument, int element) {
    double above = valueNear(f, at, argument, element, STEP);
    double below = valueNear(f, at, argument, element, -STEP);
    return (above - below) / (2 * STEP);
  }

  private static double valueNear(
      HloComputation f, List<Literal> at, int argument, int element, double step) {
    Literal x = at.get(argument);
    byte[] bytes = x.segment().toArray(ValueLayout.JAVA_BYTE);
    long moved = Double.doubleToRawLongBits(x.toDouble(element) + step);
    Literal.writeBits(MemorySegment.ofArray(bytes), element, DType.F64, moved);
    List<Literal> arguments = new ArrayList<>(at);
    arguments.set(argument, Literal.ofBytes(x.shape(), bytes));
    return HloEvaluator.evaluate(f, arguments).getFirst().toDouble(0);
  }

  /** Returns the gradients of the plain sum of the result; null arrays where there is none. */
  static List<double @Nullable []> gradients(Function function, Literal... arguments) {
    HloBuilder b = new HloBuilder();
    List<Literal> at = List.of(arguments);
    List<HloInstruction> x = parameters(b, at);
    HloInstruction result = function.apply(b, x);
    HloInstruction loss = b.sum(result, Dims.range(result.arrayShape().rank()));
    List<double @Nullable []> values = new ArrayList<>();
    for (HloInstruction gradient : ReverseMode.gradients(b, loss, x)) {
      values.add(gradient == null ? null : numbers(evaluate(x, List.of(gradient), at).getFirst()));
    }
    return values;
  }

  /** Returns what an attempt to differentiate is refused with. */
  static String refusal(Executable attempt) {
    return Objects.requireNonNull(assertThrows(GradientException.class, attempt).getMessage());
  }

  static double[] numbers(Literal literal) {
    double[] values = new double[(int) literal.shape().elementCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = literal.toDouble(i);
    }
    return values;
  }
}
