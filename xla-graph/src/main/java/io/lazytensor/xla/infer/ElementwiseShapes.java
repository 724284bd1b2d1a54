package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.ShapeInference.array;
import static io.lazytensor.xla.infer.ShapeInference.count;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.List;

/** Shapes of elementwise operations. */
final class ElementwiseShapes {
  private ElementwiseShapes() {}

  static Shape unary(HloOp.Unary op, List<Shape> operands) {
    count(op, operands, 1);
    if (op.kind() == UnaryKind.COPY) {
      return operands.getFirst();
    }
    ArrayShape x = array(op, operands, 0);
    if (!takes(op.kind(), x.dtype())) {
      throw new ShapeException(op.opcode() + " has no meaning for " + x);
    }
    return op.kind() == UnaryKind.ABS ? x.withDType(x.dtype().realType()) : x;
  }

  private static boolean takes(UnaryKind kind, DType type) {
    return switch (kind) {
      case COPY -> true;
      case ABS, SIGN -> type.isSigned() || type.isFloating() || type.isComplex();
      case NEGATE -> type != DType.PRED;
      case COUNT_LEADING_ZEROS, POPULATION_COUNT -> type.isInteger();
      case NOT -> type == DType.PRED || type.isInteger();
      case CBRT, CEIL, ERF, FLOOR, ROUND_NEAREST_AFZ, ROUND_NEAREST_EVEN -> type.isFloating();
      case ACOS,
          ACOSH,
          ASIN,
          ASINH,
          ATANH,
          COSH,
          COSINE,
          EXPONENTIAL,
          EXPONENTIAL_MINUS_ONE,
          LOG,
          LOG_PLUS_ONE,
          LOGISTIC,
          RSQRT,
          SINE,
          SINH,
          SQRT,
          TAN,
          TANH ->
          type.isFloating() || type.isComplex();
    };
  }

  static ArrayShape binary(HloOp.Binary op, List<Shape> operands) {
    ArrayShape x = same(op, operands);
    if (!takes(op.kind(), x.dtype())) {
      throw new ShapeException(op.opcode() + " has no meaning for " + x);
    }
    return x;
  }

  private static boolean takes(BinaryKind kind, DType type) {
    return switch (kind) {
      case ADD, MAXIMUM, MINIMUM, MULTIPLY -> true;
      case DIVIDE, POWER, REMAINDER, SUBTRACT -> type != DType.PRED;
      case AND, OR, XOR -> type == DType.PRED || type.isInteger();
      case ATAN2 -> type.isFloating() || type.isComplex();
      case SHIFT_LEFT, SHIFT_RIGHT_ARITHMETIC, SHIFT_RIGHT_LOGICAL, MULHI -> type.isInteger();
    };
  }

  private static ArrayShape same(HloOp op, List<Shape> operands) {
    count(op, operands, 2);
    ArrayShape x = array(op, operands, 0);
    ArrayShape y = array(op, operands, 1);
    if (!x.equals(y)) {
      throw new ShapeException(
          "%s takes operands of one shape, got %s and %s".formatted(op.opcode(), x, y));
    }
    return x;
  }

  static ArrayShape isFinite(HloOp op, List<Shape> operands) {
    count(op, operands, 1);
    ArrayShape x = array(op, operands, 0);
    if (!x.dtype().isFloating()) {
      throw new ShapeException("is-finite takes floating-point numbers, got " + x);
    }
    return x.withDType(DType.PRED);
  }

  static ArrayShape compare(HloOp.Compare op, List<Shape> operands) {
    ArrayShape x = same(op, operands);
    boolean equality =
        op.direction() == ComparisonDirection.EQ || op.direction() == ComparisonDirection.NE;
    if (x.dtype().isComplex() && !equality) {
      throw new ShapeException(
          "compare %s has no meaning for %s; complex numbers are equal or not"
              .formatted(op.direction(), x));
    }
    if (op.totalOrder() && !x.dtype().isFloating()) {
      throw new ShapeException("compare in total order takes floating-point numbers, got " + x);
    }
    return x.withDType(DType.PRED);
  }

  static ArrayShape complex(HloOp op, List<Shape> operands) {
    ArrayShape x = same(op, operands);
    return switch (x.dtype()) {
      case F32 -> x.withDType(DType.C64);
      case F64 -> x.withDType(DType.C128);
      default -> throw new ShapeException("complex takes parts of f32 or f64, got " + x);
    };
  }

  /** The real or the imaginary part. */
  static ArrayShape part(HloOp op, List<Shape> operands) {
    count(op, operands, 1);
    ArrayShape x = array(op, operands, 0);
    if (!x.dtype().isComplex() && !x.dtype().isFloating()) {
      throw new ShapeException(op.opcode() + " has no meaning for " + x);
    }
    return x.withDType(x.dtype().realType());
  }

  static ArrayShape reducePrecision(HloOp.ReducePrecision op, List<Shape> operands) {
    count(op, operands, 1);
    ArrayShape x = array(op, operands, 0);
    if (!x.dtype().isFloating() || op.exponentBits() < 1 || op.mantissaBits() < 0) {
      throw new ShapeException(
          "reduce-precision takes floating-point numbers, at least 1 bit of exponent and 0 of"
              + " mantissa, got %s, %d and %d".formatted(x, op.exponentBits(), op.mantissaBits()));
    }
    return x;
  }

  static ArrayShape stochasticConvert(HloOp.StochasticConvert op, List<Shape> operands) {
    count(op, operands, 2);
    ArrayShape x = array(op, operands, 0);
    ArrayShape random = array(op, operands, 1);
    if (!x.dtype().isFloating()
        || !random.dtype().isUnsigned()
        || random.dtype().bitWidth() != x.dtype().bitWidth()
        || !random.dims().equals(x.dims())
        || !(op.to().isFloating() || op.to().isInteger())) {
      throw new ShapeException(
          "stochastic-convert to %s takes floating-point numbers and as many unsigned integers of"
                  .formatted(op.to())
              + " their width, got %s and %s".formatted(x, random));
    }
    return x.withDType(op.to());
  }

  static ArrayShape select(HloOp op, List<Shape> operands) {
    count(op, operands, 3);
    ArrayShape condition = array(op, operands, 0);
    ArrayShape yes = array(op, operands, 1);
    ArrayShape no = array(op, operands, 2);
    if (condition.dtype() != DType.PRED
        || !yes.equals(no)
        || !(condition.isScalar() || condition.dims().equals(yes.dims()))) {
      throw new ShapeException(
          "select takes a pred and two operands of its dimensions and one type, got %s, %s and %s"
              .formatted(condition, yes, no));
    }
    return yes;
  }

  static ArrayShape clamp(HloOp op, List<Shape> operands) {
    count(op, operands, 3);
    ArrayShape min = array(op, operands, 0);
    ArrayShape x = array(op, operands, 1);
    ArrayShape max = array(op, operands, 2);
    if (!isBound(min, x) || !isBound(max, x) || x.dtype() == DType.PRED || x.dtype().isComplex()) {
      throw new ShapeException(
          "clamp takes ordered numbers and bounds of their type, scalar or of their shape, got %s, %s and %s"
              .formatted(min, x, max));
    }
    return x;
  }

  private static boolean isBound(ArrayShape bound, ArrayShape x) {
    return bound.dtype() == x.dtype() && (bound.isScalar() || bound.equals(x));
  }

  static ArrayShape convert(HloOp.Convert op, List<Shape> operands) {
    count(op, operands, 1);
    return array(op, operands, 0).withDType(op.to());
  }

  static ArrayShape bitcast(HloOp.BitcastConvert op, List<Shape> operands) {
    count(op, operands, 1);
    ArrayShape x = array(op, operands, 0);
    int from = x.dtype().bitWidth();
    int to = op.to().bitWidth();
    if (op.to() == DType.PRED && x.dtype() != DType.PRED) {
      throw new UnsupportedException(
          "bitcast-convert of "
              + x
              + " to pred is not supported: its bytes may be neither 0 nor 1; compare with 0");
    }
    if (x.dtype().isComplex() != op.to().isComplex()) {
      throw new ShapeException("bitcast-convert of " + x + " to " + op.to() + " is not defined");
    }
    if (from == to) {
      return x.withDType(op.to());
    }
    int[] dims = x.dims().toArray();
    if (from > to) {
      int[] wider = java.util.Arrays.copyOf(dims, dims.length + 1);
      wider[dims.length] = from / to;
      return new ArrayShape(op.to(), Dims.of(wider));
    }
    if (dims.length == 0 || dims[dims.length - 1] != to / from) {
      throw new ShapeException(
          "bitcast-convert of %s to %s needs a last dimension of %d"
              .formatted(x, op.to(), to / from));
    }
    return new ArrayShape(op.to(), Dims.of(java.util.Arrays.copyOf(dims, dims.length - 1)));
  }
}
