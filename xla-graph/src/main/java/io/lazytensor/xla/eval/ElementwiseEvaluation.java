package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.UnaryKind;

/** Elementwise operations of arrays. */
final class ElementwiseEvaluation {
  private ElementwiseEvaluation() {}

  static ArrayValue unary(UnaryKind kind, ArrayValue x) {
    DType type = x.dtype();
    DType result = kind == UnaryKind.ABS ? type.realType() : type;
    ArrayValue out = ArrayValue.zeros(x.shape().withDType(result));
    for (int i = 0; i < out.count(); i++) {
      if (x.isFloating()) {
        out.set(i, ScalarMath.unary(kind, x.real(i)));
      } else if (!x.isComplex()) {
        out.set(i, ScalarMath.unary(kind, type, x.integer(i)));
      } else if (kind == UnaryKind.ABS) {
        out.set(i, x.complex(i).abs());
      } else {
        out.set(i, ComplexMath.unary(kind, x.complex(i)));
      }
    }
    return out;
  }

  static ArrayValue binary(BinaryKind kind, ArrayValue x, ArrayValue y) {
    ArrayValue out = ArrayValue.zeros(x.shape());
    for (int i = 0; i < out.count(); i++) {
      combine(kind, x, i, y, i, out, i);
    }
    return out;
  }

  /** Combines one element of each of two arrays of one type. */
  static void combine(
      BinaryKind kind, ArrayValue x, int xi, ArrayValue y, int yi, ArrayValue out, int oi) {
    if (x.isFloating()) {
      out.set(oi, ScalarMath.binary(kind, x.real(xi), y.real(yi)));
    } else if (x.isComplex()) {
      out.set(oi, ComplexMath.binary(kind, x.complex(xi), y.complex(yi)));
    } else {
      out.set(oi, ScalarMath.binary(kind, x.dtype(), x.integer(xi), y.integer(yi)));
    }
  }

  static ArrayValue isFinite(ArrayValue x) {
    ArrayValue out = ArrayValue.zeros(x.shape().withDType(DType.PRED));
    for (int i = 0; i < out.count(); i++) {
      out.set(i, Double.isFinite(x.real(i)));
    }
    return out;
  }

  static ArrayValue compare(HloOp.Compare op, ArrayValue x, ArrayValue y) {
    ArrayValue out = ArrayValue.zeros(x.shape().withDType(DType.PRED));
    for (int i = 0; i < out.count(); i++) {
      out.set(i, holds(op, x, y, i));
    }
    return out;
  }

  private static boolean holds(HloOp.Compare op, ArrayValue x, ArrayValue y, int i) {
    if (x.isComplex()) {
      boolean equal = x.complex(i).same(y.complex(i));
      return equal == (op.direction() == ComparisonDirection.EQ);
    }
    if (!x.isFloating()) {
      int order = ScalarMath.compare(x.dtype(), x.integer(i), y.integer(i));
      return ScalarMath.holds(op.direction(), order);
    }
    return op.totalOrder()
        ? ScalarMath.holds(op.direction(), ScalarMath.totalOrder(x.dtype(), x.bits(i), y.bits(i)))
        : ScalarMath.holds(op.direction(), x.real(i), y.real(i));
  }

  static ArrayValue select(ArrayValue condition, ArrayValue yes, ArrayValue no) {
    ArrayValue out = ArrayValue.zeros(yes.shape());
    boolean scalar = condition.shape().isScalar();
    for (int i = 0; i < out.count(); i++) {
      out.copy(i, condition.truth(scalar ? 0 : i) ? yes : no, i);
    }
    return out;
  }

  static ArrayValue clamp(ArrayValue min, ArrayValue x, ArrayValue max) {
    ArrayValue out = ArrayValue.zeros(x.shape());
    boolean scalarMin = min.shape().isScalar();
    boolean scalarMax = max.shape().isScalar();
    for (int i = 0; i < out.count(); i++) {
      combine(BinaryKind.MAXIMUM, x, i, min, scalarMin ? 0 : i, out, i);
      combine(BinaryKind.MINIMUM, out, i, max, scalarMax ? 0 : i, out, i);
    }
    return out;
  }

  // ---- parts of complex numbers -----------------------------------------------------------------

  static ArrayValue complex(ArrayShape shape, ArrayValue real, ArrayValue imaginary) {
    ArrayValue out = ArrayValue.zeros(shape);
    for (int i = 0; i < out.count(); i++) {
      out.set(i, real.real(i), imaginary.real(i));
    }
    return out;
  }

  static ArrayValue real(ArrayValue x) {
    ArrayValue out = ArrayValue.zeros(x.shape().withDType(x.dtype().realType()));
    for (int i = 0; i < out.count(); i++) {
      out.set(i, x.real(i));
    }
    return out;
  }

  static ArrayValue imag(ArrayValue x) {
    ArrayValue out = ArrayValue.zeros(x.shape().withDType(x.dtype().realType()));
    for (int i = 0; x.isComplex() && i < out.count(); i++) {
      out.set(i, x.imaginary(i));
    }
    return out;
  }

  // ---- conversions ------------------------------------------------------------------------------

  static ArrayValue reducePrecision(HloOp.ReducePrecision op, ArrayValue x) {
    ArrayValue out = ArrayValue.zeros(x.shape());
    for (int i = 0; i < out.count(); i++) {
      out.set(
          i, ReducedPrecision.round(x.dtype(), x.real(i), op.exponentBits(), op.mantissaBits()));
    }
    return out;
  }

  static ArrayValue stochasticConvert(DType to, ArrayValue x, ArrayValue random) {
    ArrayValue out = ArrayValue.zeros(x.shape().withDType(to));
    for (int i = 0; i < out.count(); i++) {
      out.set(i, ReducedPrecision.stochastic(to, x.dtype(), x.real(i), random.integer(i)));
    }
    return out;
  }

  /**
   * Converts, rounding once; a complex number loses its imaginary part on the way to a real.
   * Returns the array itself if it has the type.
   */
  static ArrayValue convert(DType to, ArrayValue x) {
    if (to == x.dtype()) {
      return x;
    }
    ArrayValue out = ArrayValue.zeros(x.shape().withDType(to));
    for (int i = 0; i < out.count(); i++) {
      if (x.isFloating()) {
        convertReal(to, x.real(i), out, i);
      } else if (x.isComplex()) {
        convertComplex(to, x, out, i);
      } else {
        convertInteger(to, x, x.integer(i), out, i);
      }
    }
    return out;
  }

  private static void convertComplex(DType to, ArrayValue x, ArrayValue out, int i) {
    if (to.isComplex()) {
      out.set(i, x.real(i), x.imaginary(i));
    } else if (to == DType.PRED) {
      out.set(i, !x.complex(i).same(ComplexNumber.ZERO));
    } else {
      convertReal(to, x.real(i), out, i);
    }
  }

  private static void convertReal(DType to, double value, ArrayValue out, int i) {
    DType part = to.realType();
    if (part.isFloating()) {
      double quiet = Double.isNaN(value) ? quiet(value) : value;
      out.set(i, Numbers.toDouble(part, Numbers.encodeFloat(part, quiet)));
    } else {
      out.set(i, Numbers.saturatingToInteger(to, value));
    }
  }

  // A converted NaN keeps its sign but no payload.
  private static double quiet(double nan) {
    boolean negative = Double.doubleToRawLongBits(nan) < 0;
    return Double.longBitsToDouble((negative ? -1L << 63 : 0) | 0x7FF8L << 48);
  }

  private static void convertInteger(DType to, ArrayValue x, long value, ArrayValue out, int i) {
    DType part = to.realType();
    if (to == DType.PRED) {
      out.set(i, value != 0);
    } else if (part.isFloating()) {
      out.set(i, Numbers.toDouble(part, Numbers.encodeInteger(part, x.dtype(), value)));
    } else {
      out.set(i, value);
    }
  }
}
