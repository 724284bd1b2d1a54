package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.ShapeInference.array;
import static io.lazytensor.xla.infer.ShapeInference.count;
import static io.lazytensor.xla.infer.ShapeInference.dimension;
import static io.lazytensor.xla.infer.ShapeInference.require;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.List;

/** Shapes of operations most devices run from a library. */
final class LibraryShapes {
  private static final int MAX_FFT_RANK = 3;

  private LibraryShapes() {}

  static Shape infer(LibraryOp op, List<Shape> operands) {
    return switch (op) {
      case LibraryOp.BatchNormTraining(float _, int feature) -> {
        count(op, operands, 3);
        ArrayShape x = normalized(op, operands, feature);
        ArrayShape statistic = features(op, x, feature, operands, 1, 2);
        yield new TupleShape(List.of(x, statistic, statistic));
      }
      case LibraryOp.BatchNormInference(float _, int feature) -> {
        count(op, operands, 5);
        ArrayShape x = normalized(op, operands, feature);
        features(op, x, feature, operands, 1, 4);
        yield x;
      }
      case LibraryOp.BatchNormGrad(float _, int feature) -> {
        count(op, operands, 5);
        ArrayShape x = normalized(op, operands, feature);
        ArrayShape gradient = features(op, x, feature, operands, 1, 3);
        require(
            operands.get(4).equals(x),
            "batch-norm-grad of %s takes a gradient of its shape, got %s",
            x,
            operands.get(4));
        yield new TupleShape(List.of(x, gradient, gradient));
      }
      case LibraryOp.Fft fft -> fft(fft, operands);
      case LibraryOp.Cholesky cholesky -> cholesky(cholesky, operands);
      case LibraryOp.TriangularSolve solve -> triangularSolve(solve, operands);
      case LibraryOp.RngBitGenerator generator -> generator(generator, operands);
    };
  }

  // ---- statistics -------------------------------------------------------------------------------

  private static ArrayShape normalized(HloOp op, List<Shape> operands, int feature) {
    ArrayShape x = array(op, operands, 0);
    require(x.dtype().isFloating(), "%s takes floating-point numbers, got %s", op.opcode(), x);
    require(
        feature >= 0 && feature < x.rank(),
        "%s of %s: there is no feature dimension %s",
        op.opcode(),
        x,
        feature);
    return x;
  }

  /** Checks that operands {@code from} to {@code to} hold a number for each feature. */
  private static ArrayShape features(
      HloOp op, ArrayShape x, int feature, List<Shape> operands, int from, int to) {
    ArrayShape expected = ArrayShape.of(x.dtype(), x.dim(feature));
    for (int i = from; i <= to; i++) {
      require(
          operands.get(i).equals(expected),
          "%s of %s with features in dimension %s takes %s, operand %s is %s",
          op.opcode(),
          x,
          feature,
          expected,
          i,
          operands.get(i));
    }
    return expected;
  }

  // ---- Fourier transforms -----------------------------------------------------------------------

  private static ArrayShape fft(LibraryOp.Fft op, List<Shape> operands) {
    count(op, operands, 1);
    ArrayShape x = array(op, operands, 0);
    Dims length = op.length();
    require(
        length.size() >= 1 && length.size() <= MAX_FFT_RANK && length.size() <= x.rank(),
        "fft of %s transforms 1 to 3 of its dimensions, got lengths {%s}",
        x,
        length);
    require(
        length.stream().allMatch(n -> n >= 0), "fft lengths are not negative, got {%s}", length);
    return switch (op.kind()) {
      case FFT, IFFT -> {
        requireType(op, x, x.dtype().isComplex(), "complex numbers");
        requireLengths(op, x, length.size(), last(length));
        yield x;
      }
      case RFFT -> {
        boolean real = x.dtype() == DType.F32 || x.dtype() == DType.F64;
        requireType(op, x, real, "f32 or f64");
        requireLengths(op, x, length.size(), last(length));
        DType type = x.dtype() == DType.F32 ? DType.C64 : DType.C128;
        yield withLast(op, x.withDType(type), half(last(length)));
      }
      case IRFFT -> {
        requireType(op, x, x.dtype().isComplex(), "complex numbers");
        requireLengths(op, x, length.size(), half(last(length)));
        yield withLast(op, x.withDType(x.dtype().realType()), last(length));
      }
    };
  }

  private static int last(Dims length) {
    return length.get(length.size() - 1);
  }

  /** Returns how many numbers of a transformed real row are not redundant. */
  private static int half(int length) {
    return length == 0 ? 0 : length / 2 + 1;
  }

  private static void requireType(LibraryOp.Fft op, ArrayShape x, boolean fits, String types) {
    require(fits, "fft of kind %s takes %s, got %s", op.kind(), types, x);
  }

  private static void requireLengths(LibraryOp.Fft op, ArrayShape x, int transformed, int minor) {
    boolean fits = x.dim(x.rank() - 1) == minor;
    for (int i = 0; i < transformed - 1; i++) {
      fits &= x.dim(x.rank() - transformed + i) == op.length().get(i);
    }
    require(
        fits,
        "fft of kind %s and length {%s} takes these last dimensions (the last one is %s), got %s",
        op.kind(),
        op.length(),
        minor,
        x);
  }

  private static ArrayShape withLast(HloOp op, ArrayShape x, long size) {
    int[] dims = x.dims().toArray();
    dims[dims.length - 1] = dimension(op, size);
    return x.withDims(Dims.of(dims));
  }

  // ---- linear algebra ---------------------------------------------------------------------------

  private static ArrayShape cholesky(LibraryOp.Cholesky op, List<Shape> operands) {
    count(op, operands, 1);
    return square(op, array(op, operands, 0));
  }

  private static ArrayShape square(HloOp op, ArrayShape x) {
    int rank = x.rank();
    require(
        (x.dtype().isFloating() || x.dtype().isComplex())
            && rank >= 2
            && x.dim(rank - 1) == x.dim(rank - 2),
        "%s takes square matrices of floating-point or complex numbers, got %s",
        op.opcode(),
        x);
    return x;
  }

  private static ArrayShape triangularSolve(LibraryOp.TriangularSolve op, List<Shape> operands) {
    count(op, operands, 2);
    ArrayShape a = square(op, array(op, operands, 0));
    ArrayShape b = array(op, operands, 1);
    int rank = a.rank();
    boolean fits = b.dtype() == a.dtype() && b.rank() == rank;
    for (int i = 0; fits && i < rank - 2; i++) {
      fits = b.dim(i) == a.dim(i);
    }
    fits = fits && b.dim(op.leftSide() ? rank - 2 : rank - 1) == a.dim(rank - 1);
    require(
        fits,
        "triangular-solve with %s on the %s side: %s does not match in type, batch or size",
        a,
        op.leftSide() ? "left" : "right",
        b);
    return b;
  }

  // ---- random bits ------------------------------------------------------------------------------

  private static Shape generator(LibraryOp.RngBitGenerator op, List<Shape> operands) {
    count(op, operands, 1);
    ArrayShape state = array(op, operands, 0);
    boolean two = state.equals(ArrayShape.of(DType.U64, 2));
    boolean three = state.equals(ArrayShape.of(DType.U64, 3));
    boolean fits =
        switch (op.algorithm()) {
          case THREE_FRY -> two;
          case PHILOX, DEFAULT -> two || three;
        };
    require(
        fits,
        "rng-bit-generator of %s takes a state u64[2], or u64[3] unless it is THREE_FRY, got %s",
        op.algorithm(),
        state);
    DType bits = op.bits().dtype();
    require(
        bits != DType.PRED && !bits.isComplex(),
        "rng-bit-generator makes numbers, got %s",
        op.bits());
    return new TupleShape(List.of(state, op.bits()));
  }
}
