package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.LibraryOp;
import java.util.List;

/** Operations most devices run from a library. */
final class LibraryEvaluation {
  private LibraryEvaluation() {}

  static Object evaluate(LibraryOp op, HloInstruction x, List<Object> in) {
    ArrayValue first = Values.array(in, 0);
    return switch (op) {
      case LibraryOp.BatchNormTraining norm ->
          new BatchNorm(first, norm.featureIndex())
              .training(
                  Values.array(in, 1),
                  Values.array(in, 2),
                  norm.epsilon(),
                  Values.elements(x.shape()));
      case LibraryOp.BatchNormInference norm ->
          new BatchNorm(first, norm.featureIndex())
              .inference(
                  Values.array(in, 1),
                  Values.array(in, 2),
                  Values.array(in, 3),
                  Values.array(in, 4),
                  norm.epsilon(),
                  x.arrayShape());
      case LibraryOp.BatchNormGrad norm ->
          new BatchNorm(first, norm.featureIndex())
              .gradients(
                  Values.array(in, 1),
                  Values.array(in, 2),
                  Values.array(in, 3),
                  Values.array(in, 4),
                  norm.epsilon(),
                  Values.elements(x.shape()));
      case LibraryOp.Fft fft -> Fourier.transform(fft, x.arrayShape(), first);
      case LibraryOp.Cholesky cholesky -> LinearAlgebra.cholesky(cholesky.lower(), first);
      case LibraryOp.TriangularSolve solve ->
          LinearAlgebra.triangularSolve(solve, first, Values.array(in, 1));
      case LibraryOp.RngBitGenerator generator -> RandomBits.generate(generator, first);
    };
  }
}
