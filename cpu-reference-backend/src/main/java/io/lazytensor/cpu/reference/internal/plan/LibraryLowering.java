package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.kernel.CholeskyLoop;
import io.lazytensor.cpu.reference.internal.kernel.RandomBitsKernel;
import io.lazytensor.cpu.reference.internal.kernel.TriangularSolveLoop;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.LibraryOp.RandomAlgorithm;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.List;
import java.util.stream.IntStream;

/** Normalization by its parts; linear algebra and random bits by loops of their own. */
final class LibraryLowering {
  private final Emitter emitter;
  private final ElementwiseLowering elementwise;
  private final ReduceLowering reductions;

  LibraryLowering(Emitter emitter, ElementwiseLowering elementwise, ReduceLowering reductions) {
    this.emitter = emitter;
    this.elementwise = elementwise;
    this.reductions = reductions;
  }

  List<Value> lower(HloInstruction at, LibraryOp op, List<Value> in) {
    return switch (op) {
      case LibraryOp.BatchNormTraining(float epsilon, int feature) ->
          new Normalization(at, in.get(0), epsilon, feature).training(in.get(1), in.get(2));
      case LibraryOp.BatchNormInference(float epsilon, int feature) ->
          List.of(
              new Normalization(at, in.get(0), epsilon, feature)
                  .inference(in.get(1), in.get(2), in.get(3), in.get(4)));
      case LibraryOp.BatchNormGrad(float epsilon, int feature) ->
          new Normalization(at, in.get(0), epsilon, feature)
              .gradient(in.get(1), in.get(2), in.get(3), in.get(4));
      case LibraryOp.Fft _ -> throw Emitter.unsupported(at, "it does not compute with complex");
      case LibraryOp.Cholesky(boolean lower) -> List.of(cholesky(at, lower, in.get(0)));
      case LibraryOp.TriangularSolve solve ->
          List.of(triangularSolve(at, solve, in.get(0), in.get(1)));
      case LibraryOp.RngBitGenerator(RandomAlgorithm algorithm, ArrayShape bits) ->
          randomBits(at, algorithm, in.get(0), bits);
    };
  }

  private Value cholesky(HloInstruction at, boolean lower, Value x) {
    Value out = emitter.temporary(x.shape());
    emitter.emit(
        at,
        List.of(x),
        List.of(out),
        (b, i, o) -> new CholeskyLoop(b.location(i.get(0)), b.location(o.get(0)), lower));
    return out;
  }

  private Value triangularSolve(HloInstruction at, LibraryOp.TriangularSolve op, Value a, Value x) {
    Value out = emitter.temporary(x.shape());
    emitter.emit(
        at,
        List.of(a, x),
        List.of(out),
        (b, i, o) ->
            new TriangularSolveLoop(
                b.location(i.get(0)), b.location(i.get(1)), b.location(o.get(0)), op));
    return out;
  }

  private List<Value> randomBits(
      HloInstruction at, RandomAlgorithm algorithm, Value state, ArrayShape shape) {
    boolean philox = algorithm != RandomAlgorithm.THREE_FRY;
    boolean words =
        state.dtype() == DType.U64
            && state.rank() == 1
            && (state.sizes()[0] == 2 || (philox && state.sizes()[0] == 3));
    if (!words || shape.dtype() == DType.PRED) {
      throw Emitter.unsupported(
          at, algorithm + " takes u64[2]" + (philox ? " or u64[3]" : "") + ", got " + state);
    }
    Value newState = emitter.temporary(state.shape());
    Value bits = emitter.temporary(shape);
    emitter.emit(
        at,
        List.of(state),
        List.of(newState, bits),
        (b, i, o) ->
            new RandomBitsKernel(
                b.location(i.get(0)), b.location(o.get(0)), b.location(o.get(1)), philox));
    return List.of(newState, bits);
  }

  /** Batch normalization of one array; 16-bit floats are normalized in f32. */
  private final class Normalization {
    private final HloInstruction at;
    private final DType dtype;
    private final DType computed;
    private final Value x;
    private final Value epsilon;
    private final Dims feature;
    private final Dims others;
    private final ArrayShape features;

    Normalization(HloInstruction at, Value x, float epsilon, int feature) {
      this.at = at;
      this.dtype = x.dtype();
      this.computed = dtype.byteSize() < 4 ? DType.F32 : dtype;
      this.x = elementwise.convert(at, x, computed);
      this.feature = Dims.of(feature);
      this.others = Dims.of(IntStream.range(0, x.rank()).filter(d -> d != feature).toArray());
      this.features = ArrayShape.of(computed, x.shape().dim(feature));
      this.epsilon = number(epsilon);
    }

    List<Value> training(Value scale, Value offset) {
      Value count = number(count());
      Value mean = binary(BinaryKind.DIVIDE, sum(x), count);
      Value centered = binary(BinaryKind.SUBTRACT, x, spread(mean));
      Value squares = binary(BinaryKind.MULTIPLY, centered, centered);
      Value variance = binary(BinaryKind.DIVIDE, sum(squares), count);
      return List.of(
          narrow(normalized(centered, variance, wide(scale), wide(offset))),
          narrow(mean),
          narrow(variance));
    }

    Value inference(Value scale, Value offset, Value mean, Value variance) {
      Value centered = binary(BinaryKind.SUBTRACT, x, spread(wide(mean)));
      return narrow(normalized(centered, wide(variance), wide(scale), wide(offset)));
    }

    private Value normalized(Value centered, Value variance, Value scale, Value offset) {
      Value unit = binary(BinaryKind.MULTIPLY, centered, spread(inverseDeviation(variance)));
      Value scaled = binary(BinaryKind.MULTIPLY, unit, spread(scale));
      return binary(BinaryKind.ADD, scaled, spread(offset));
    }

    /**
     * Gives {@code scale / (n d) (n g - Σ g - (x - mean) / d² Σ (g (x - mean)))} for x, {@code Σ g
     * (x - mean) / d} for scale and {@code Σ g} for offset, d the deviation.
     */
    List<Value> gradient(Value scale, Value mean, Value variance, Value gradient) {
      Value g = wide(gradient);
      Value inverse = inverseDeviation(wide(variance));
      Value centered = binary(BinaryKind.SUBTRACT, x, spread(wide(mean)));
      Value sumOfGradient = sum(g);
      Value sumOfProducts = sum(binary(BinaryKind.MULTIPLY, g, centered));
      Value count = number(count());
      Value slope =
          binary(
              BinaryKind.MULTIPLY,
              binary(BinaryKind.MULTIPLY, inverse, inverse),
              binary(BinaryKind.DIVIDE, sumOfProducts, count));
      Value rest =
          binary(
              BinaryKind.SUBTRACT,
              binary(
                  BinaryKind.SUBTRACT, g, spread(binary(BinaryKind.DIVIDE, sumOfGradient, count))),
              binary(BinaryKind.MULTIPLY, centered, spread(slope)));
      Value factor = binary(BinaryKind.MULTIPLY, wide(scale), inverse);
      return List.of(
          narrow(binary(BinaryKind.MULTIPLY, rest, spread(factor))),
          narrow(binary(BinaryKind.MULTIPLY, sumOfProducts, inverse)),
          narrow(sumOfGradient));
    }

    private Value inverseDeviation(Value variance) {
      return elementwise.unary(at, UnaryKind.RSQRT, binary(BinaryKind.ADD, variance, epsilon));
    }

    private double count() {
      double count = 1;
      for (int i = 0; i < others.size(); i++) {
        count *= x.sizes()[others.get(i)];
      }
      return count;
    }

    private Value number(double value) {
      return Value.constant(Literal.scalar(computed, value)).broadcast(features.dims(), Dims.of());
    }

    private Value spread(Value ofFeatures) {
      return ofFeatures.broadcast(x.shape().dims(), feature);
    }

    private Value sum(Value value) {
      return reductions.sum(at, value, others);
    }

    private Value binary(BinaryKind kind, Value a, Value b) {
      return elementwise.binary(at, kind, a, b);
    }

    private Value wide(Value value) {
      return elementwise.convert(at, value, computed);
    }

    private Value narrow(Value value) {
      return elementwise.convert(at, value, dtype);
    }
  }
}
