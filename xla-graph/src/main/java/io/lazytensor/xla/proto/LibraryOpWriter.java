package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.LibraryOp;

/** Operations most devices run from a library. */
final class LibraryOpWriter {
  private LibraryOpWriter() {}

  static void write(WireWriter out, LibraryOp op) {
    switch (op) {
      case LibraryOp.BatchNormTraining norm -> norm(out, norm.epsilon(), norm.featureIndex());
      case LibraryOp.BatchNormInference norm -> norm(out, norm.epsilon(), norm.featureIndex());
      case LibraryOp.BatchNormGrad norm -> norm(out, norm.epsilon(), norm.featureIndex());
      case LibraryOp.Fft fft -> {
        out.varint(FFT_TYPE, fft.kind().ordinal());
        out.packed(FFT_LENGTH, fft.length());
      }
      case LibraryOp.Cholesky cholesky -> {
        int message = out.begin(CHOLESKY_OPTIONS);
        out.bool(1, cholesky.lower());
        out.end(message);
      }
      case LibraryOp.TriangularSolve solve -> {
        int message = out.begin(TRIANGULAR_SOLVE_OPTIONS);
        out.bool(1, solve.leftSide());
        out.bool(2, solve.lower());
        out.bool(3, solve.unitDiagonal());
        out.varint(4, solve.transposition().ordinal() + 1);
        out.end(message);
      }
      case LibraryOp.RngBitGenerator rng -> out.varint(RNG_ALGORITHM, rng.algorithm().ordinal());
    }
  }

  private static void norm(WireWriter out, float epsilon, int featureIndex) {
    out.fixed32(EPSILON, epsilon);
    out.varint(FEATURE_INDEX, featureIndex);
  }
}
