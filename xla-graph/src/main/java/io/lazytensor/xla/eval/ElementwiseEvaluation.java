package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.UnaryKind;
import java.lang.foreign.MemorySegment;

/** Elementwise operations of arrays. */
final class ElementwiseEvaluation {
  private ElementwiseEvaluation() {}

  static ArrayValue unary(UnaryKind kind, ArrayValue x) {
    ArrayValue out = ArrayValue.zeros(x.shape());
    for (int i = 0; i < out.count(); i++) {
      if (x.isFloating()) {
        out.set(i, ScalarMath.unary(kind, x.real(i)));
      } else {
        out.set(i, ScalarMath.unary(kind, x.dtype(), x.integer(i)));
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

  static ArrayValue convert(DType to, ArrayValue x) {
    ArrayValue out = ArrayValue.zeros(x.shape().withDType(to));
    for (int i = 0; i < out.count(); i++) {
      if (x.isFloating()) {
        convertReal(to, x.real(i), out, i);
      } else {
        convertInteger(to, x, x.integer(i), out, i);
      }
    }
    return out;
  }

  private static void convertReal(DType to, double value, ArrayValue out, int i) {
    if (to.isFloating()) {
      // One rounding, from the value itself.
      out.set(i, Numbers.toDouble(to, Numbers.encodeFloat(to, value)));
    } else {
      out.set(i, Numbers.saturatingToInteger(to, value));
    }
  }

  private static void convertInteger(DType to, ArrayValue x, long value, ArrayValue out, int i) {
    if (to == DType.PRED) {
      out.set(i, value != 0);
    } else if (to.isFloating()) {
      out.set(i, nearest(to, x.dtype(), value));
    } else {
      out.set(i, value);
    }
  }

  /** Rounds once: a long does not pass through double on its way to float. */
  private static double nearest(DType to, DType from, long value) {
    if (to == DType.F64 || from.bitWidth() < Long.SIZE) {
      return Numbers.toDouble(to, Numbers.encodeFloat(to, Numbers.toDouble(from, value)));
    }
    boolean huge = from == DType.U64 && value < 0;
    float single = huge ? (float) ((value >>> 1) | (value & 1)) * 2 : (float) value;
    return Numbers.toDouble(to, Numbers.encodeFloat(to, single));
  }

  static ArrayValue bitcast(ArrayShape to, ArrayValue x) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(to.byteSize())]);
    for (int i = 0; i < x.count(); i++) {
      Literal.writeBits(bytes, i, x.dtype(), x.bits(i));
    }
    return ArrayValue.of(Literal.ofSegment(to, bytes));
  }
}
