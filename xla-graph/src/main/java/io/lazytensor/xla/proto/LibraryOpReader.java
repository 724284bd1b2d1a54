package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.List;

/** Operations most devices run from a library. */
final class LibraryOpReader {
  private LibraryOpReader() {}

  static HloOp cholesky(InstructionProto in) {
    return new LibraryOp.Cholesky(
        in.message(CHOLESKY_OPTIONS)
            .map(m -> NumberMessage.read(m, "CholeskyOptions", 1).bool(1))
            .orElse(false));
  }

  static HloOp fft(InstructionProto in) {
    LibraryOp.FftKind kind =
        constant(in, LibraryOp.FftKind.values(), in.int32(FFT_TYPE), "type of transform");
    Dims length = in.list(FFT_LENGTH);
    boolean full = kind == LibraryOp.FftKind.FFT || kind == LibraryOp.FftKind.IFFT;
    if (full && length.size() > 0 && !length.equals(lastOf(in.operandArray(0), length.size()))) {
      throw in.unsupported("a transform of other lengths than its operand has is");
    }
    return new LibraryOp.Fft(kind, length);
  }

  private static Dims lastOf(ArrayShape shape, int count) {
    int[] last = new int[Math.min(count, shape.rank())];
    for (int i = 0; i < last.length; i++) {
      last[i] = shape.dim(shape.rank() - last.length + i);
    }
    return Dims.of(last);
  }

  static HloOp rngBitGenerator(InstructionProto in) {
    if (!(in.shape() instanceof TupleShape(List<Shape> elements))
        || elements.size() != 2
        || !(elements.get(1) instanceof ArrayShape bits)) {
      throw in.broken("has the shape " + in.shape() + "; (state, bits) is expected");
    }
    return new LibraryOp.RngBitGenerator(
        constant(in, LibraryOp.RandomAlgorithm.values(), in.int32(RNG_ALGORITHM), "algorithm"),
        bits);
  }

  static HloOp triangularSolve(InstructionProto in) {
    NumberMessage options =
        NumberMessage.read(
            in.requiredMessage(TRIANGULAR_SOLVE_OPTIONS), "TriangularSolveOptions", 1, 2, 3, 4);
    return new LibraryOp.TriangularSolve(
        options.bool(1),
        options.bool(2),
        options.bool(3),
        constant(
            in, LibraryOp.Transposition.values(), options.number(4) - 1, "transposition, less 1,"));
  }

  private static <E> E constant(InstructionProto in, E[] constants, int number, String what) {
    if (number < 0 || number >= constants.length) {
      throw in.broken("has the unknown %s %d".formatted(what, number));
    }
    return constants[number];
  }
}
