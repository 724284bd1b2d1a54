package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.Rules.bf16;
import static io.lazytensor.xla.infer.Rules.c64;
import static io.lazytensor.xla.infer.Rules.f32;
import static io.lazytensor.xla.infer.Rules.f64;
import static io.lazytensor.xla.infer.Rules.gives;
import static io.lazytensor.xla.infer.Rules.no;
import static io.lazytensor.xla.infer.Rules.pred;
import static io.lazytensor.xla.infer.Rules.s32;
import static io.lazytensor.xla.infer.Rules.tuple;
import static io.lazytensor.xla.infer.Rules.u32;
import static io.lazytensor.xla.infer.Rules.u64;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.LibraryOp.FftKind;
import io.lazytensor.xla.ir.LibraryOp.RandomAlgorithm;
import io.lazytensor.xla.ir.LibraryOp.Transposition;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LibraryShapesTest {
  private static LibraryOp fft(FftKind kind, int... length) {
    return new LibraryOp.Fft(kind, Dims.of(length));
  }

  private static LibraryOp solve(boolean left) {
    return new LibraryOp.TriangularSolve(left, true, false, Transposition.NO_TRANSPOSE);
  }

  private static LibraryOp bits(RandomAlgorithm algorithm) {
    return new LibraryOp.RngBitGenerator(algorithm, u32(5));
  }

  static List<Rules.Refusal> statistics() {
    LibraryOp training = new LibraryOp.BatchNormTraining(0.1f, 1);
    LibraryOp inference = new LibraryOp.BatchNormInference(0.1f, 1);
    LibraryOp gradient = new LibraryOp.BatchNormGrad(0.1f, 1);
    ArrayShape x = f32(2, 3, 4);
    ArrayShape n = f32(3);
    return List.of(
        no("takes 3 operands", training, x, n),
        no("no feature dimension 3", new LibraryOp.BatchNormTraining(0, 3), x, n, n),
        no("no feature dimension -1", new LibraryOp.BatchNormTraining(0, -1), x, n, n),
        no("no feature dimension 0", new LibraryOp.BatchNormTraining(0, 0), f32(), n, n),
        no("floating-point", training, s32(2, 3, 4), s32(3), s32(3)),
        no("operand 1 is f32[4]", training, x, f32(4), n),
        no("operand 2 is f32[3,1]", training, x, n, f32(3, 1)),
        no("operand 2 is bf16[3]", training, x, n, bf16(3)),
        no("operand 2 is (f32[3])", training, x, n, tuple(n)),
        no("operand 4 is f32[2]", inference, x, n, n, n, f32(2)),
        no("operand 3 is f32[]", inference, x, n, n, f32(), n),
        no("operand 3 is f32[2]", gradient, x, n, n, f32(2), x),
        no("gradient of its shape", gradient, x, n, n, n, f32(2, 3)),
        no("gradient of its shape", gradient, x, n, n, n, bf16(2, 3, 4)));
  }

  static List<Rules.Refusal> transforms() {
    return List.of(
        no("1 to 3 of its dimensions", fft(FftKind.FFT), c64(8)),
        no("1 to 3 of its dimensions", fft(FftKind.FFT, 2, 2, 2, 2), c64(2, 2, 2, 2)),
        no("1 to 3 of its dimensions", fft(FftKind.IFFT, 2, 8), c64(8)),
        no("not negative", fft(FftKind.IRFFT, -2), c64(2)),
        no("complex numbers", fft(FftKind.FFT, 8), f32(8)),
        no("complex numbers", fft(FftKind.IRFFT, 8), f32(5)),
        no("f32 or f64", fft(FftKind.RFFT, 8), c64(8)),
        no("f32 or f64", fft(FftKind.RFFT, 8), bf16(8)),
        no("the last one is 16", fft(FftKind.FFT, 16), c64(8)),
        no("length {4,8}", fft(FftKind.RFFT, 4, 8), f32(3, 8)),
        no("the last one is 8", fft(FftKind.RFFT, 8), f32(9)),
        no("the last one is 5", fft(FftKind.IRFFT, 8), c64(4)),
        no("length {4,8}", fft(FftKind.IRFFT, 4, 8), c64(3, 5)));
  }

  static List<Rules.Refusal> algebra() {
    LibraryOp cholesky = new LibraryOp.Cholesky(true);
    return List.of(
        no("square matrices", cholesky, f32(3, 4)),
        no("square matrices", cholesky, f32(4)),
        no("square matrices", cholesky, s32(4, 4)),
        no("square matrices", solve(true), f32(3, 4), f32(4, 2)),
        no("square matrices", solve(true), f32(4), f32(4)),
        no("on the left side", solve(true), f32(4, 4), f32(2, 4)),
        no("on the right side", solve(false), f32(4, 4), f32(4, 2)),
        no("does not match", solve(true), f32(4, 4), f64(4, 2)),
        no("does not match", solve(true), f32(4, 4), f32(4)),
        no("does not match", solve(true), f32(5, 4, 4), f32(4, 2)),
        no("does not match", solve(true), f32(5, 4, 4), f32(6, 4, 2)));
  }

  static List<Rules.Refusal> generators() {
    ArrayShape flag = pred(5);
    return List.of(
        no("THREE_FRY takes a state u64[2]", bits(RandomAlgorithm.THREE_FRY), u64(3)),
        no("takes a state u64[2]", bits(RandomAlgorithm.PHILOX), u64(4)),
        no("takes a state u64[2]", bits(RandomAlgorithm.DEFAULT), u64(1)),
        no("takes a state u64[2]", bits(RandomAlgorithm.DEFAULT), u32(4)),
        no("makes numbers", new LibraryOp.RngBitGenerator(RandomAlgorithm.PHILOX, flag), u64(2)));
  }

  @ParameterizedTest
  @MethodSource({"statistics", "transforms", "algebra", "generators"})
  void refuses(Rules.Refusal refusal) {
    refusal.check();
  }

  @Test
  void statisticsHaveOneNumberAFeature() {
    ArrayShape x = f32(2, 3, 4);
    ArrayShape n = f32(3);
    gives(tuple(x, n, n), new LibraryOp.BatchNormTraining(0.1f, 1), x, n, n);
    gives(x, new LibraryOp.BatchNormInference(0.1f, 1), x, n, n, n, n);
    gives(tuple(x, n, n), new LibraryOp.BatchNormGrad(0.1f, 1), x, n, n, n, x);
  }

  @Test
  void transformsOfRealRowsKeepHalf() {
    gives(c64(3, 8), fft(FftKind.FFT, 8), c64(3, 8));
    gives(c64(3, 4, 5), fft(FftKind.RFFT, 4, 8), f32(3, 4, 8));
    gives(c64(3, 5), fft(FftKind.RFFT, 9), f32(3, 9));
    gives(f64(3, 9), fft(FftKind.IRFFT, 9), ArrayShape.of(DType.C128, 3, 5));
    gives(c64(3, 0), fft(FftKind.RFFT, 0), f32(3, 0));
    gives(f32(3, 0), fft(FftKind.IRFFT, 0), c64(3, 0));
  }

  @Test
  void matricesMayComeInBatches() {
    gives(c64(7, 4, 4), new LibraryOp.Cholesky(false), c64(7, 4, 4));
    gives(f32(7, 4, 2), solve(true), f32(7, 4, 4), f32(7, 4, 2));
    gives(f32(7, 2, 4), solve(false), f32(7, 4, 4), f32(7, 2, 4));
  }

  @Test
  void generatorsGiveTheNextStateAndBits() {
    gives(tuple(u64(2), u32(5)), bits(RandomAlgorithm.THREE_FRY), u64(2));
    gives(tuple(u64(3), u32(5)), bits(RandomAlgorithm.PHILOX), u64(3));
  }
}
