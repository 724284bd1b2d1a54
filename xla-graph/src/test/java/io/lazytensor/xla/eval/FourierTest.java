package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.Eval.dims;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.LibraryOp.FftKind;
import io.lazytensor.xla.ir.Literal;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fourier transforms by hand, by their definition and by their inverses. */
class FourierTest {
  private final HloBuilder b = new HloBuilder();

  private HloInstruction transform(FftKind kind, HloInstruction x, int... lengths) {
    return b.add(new LibraryOp.Fft(kind, Dims.of(lengths)), x);
  }

  private HloInstruction complex(int[] dims, double... parts) {
    return b.add(new HloOp.Constant(Eval.complex(dims, parts)));
  }

  private static double[] parts(HloInstruction x) {
    return Eval.parts(Eval.all(x).getFirst());
  }

  @Test
  void aSmallTransformByHand() {
    // 1, i, 2, 0: sums 3+i, -1+1, 3-i, -1-1.
    HloInstruction x = complex(dims(4), 1, 0, 0, 1, 2, 0, 0, 0);
    double[] spectrum = {3, 1, 0, 0, 3, -1, -2, 0};
    assertArrayEquals(spectrum, parts(transform(FftKind.FFT, x, 4)), 1e-14);
    assertArrayEquals(
        new double[] {1, 0, 0, 1, 2, 0, 0, 0},
        parts(transform(FftKind.IFFT, complex(dims(4), spectrum), 4)),
        1e-14);
  }

  @Test
  void realSignalsHaveHalfASpectrum() {
    HloInstruction x = Eval.constant(b, DType.F64, dims(1, 4), 1, 2, 3, 4);
    assertArrayEquals(
        new double[] {10, 0, -2, 2, -2, 0}, parts(transform(FftKind.RFFT, x, 4)), 1e-14);
    HloInstruction odd = Eval.constant(b, DType.F64, dims(3), 1, 1, 4);
    // 6, and 1 + w + 4w² with w = -1/2 - i√3/2.
    assertArrayEquals(
        new double[] {6, 0, -1.5, 1.5 * Math.sqrt(3)},
        parts(transform(FftKind.RFFT, odd, 3)),
        1e-14);
  }

  @Test
  void imaginaryPartsWithoutATwinAreDropped() {
    HloInstruction x = complex(dims(3), 10, 99, -2, 2, -2, 77);
    assertArrayEquals(
        new double[] {1, 2, 3, 4}, Eval.values(transform(FftKind.IRFFT, x, 4)), 1e-14);
  }

  @Test
  void severalDimensionsTransformOneAfterTheOther() {
    HloInstruction x = complex(dims(2, 2), 1, 0, 2, 0, 3, 0, 4, 0);
    assertArrayEquals(
        new double[] {10, 0, -2, 0, -4, 0, 0, 0}, parts(transform(FftKind.FFT, x, 2, 2)), 1e-14);
    assertArrayEquals(
        new double[] {3, 0, -1, 0, 7, 0, -1, 0}, parts(transform(FftKind.FFT, x, 2)), 1e-14);
  }

  @Test
  void singlePrecisionRoundsOnce() {
    HloInstruction x = Eval.constant(b, DType.F32, dims(2), 1, 0x1p-30);
    Literal y = Eval.all(transform(FftKind.RFFT, x, 2)).getFirst();
    assertArrayEquals(new double[] {1, 0, 1, 0}, Eval.parts(y));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 16, 17, 32, 45, 64, 97, 100})
  void anyLengthFollowsTheDefinition(int n) {
    double[] x = new Random(n).doubles(2L * n, -1, 1).toArray();
    double[] expected = new double[2 * n];
    for (int k = 0; k < n; k++) {
      for (int i = 0; i < n; i++) {
        double angle = -2 * Math.PI * ((long) i * k % n) / n;
        expected[2 * k] += x[2 * i] * Math.cos(angle) - x[2 * i + 1] * Math.sin(angle);
        expected[2 * k + 1] += x[2 * i] * Math.sin(angle) + x[2 * i + 1] * Math.cos(angle);
      }
    }
    assertArrayEquals(expected, parts(transform(FftKind.FFT, complex(dims(n), x), n)), 1e-12);
  }

  @Property(tries = 60)
  void inversesGiveBackWhatWasThere(
      @ForAll @IntRange(min = 1, max = 3) int rows,
      @ForAll @IntRange(min = 1, max = 9) int n,
      @ForAll @IntRange(min = 1, max = 40) int m,
      @ForAll long seed) {
    double[] x = new Random(seed).doubles(2L * rows * n * m, -1, 1).toArray();
    HloInstruction c = complex(dims(rows, n, m), x);
    assertArrayEquals(
        x, parts(transform(FftKind.IFFT, transform(FftKind.FFT, c, n, m), n, m)), 1e-12);
    double[] real = new Random(seed).doubles((long) rows * n * m, -1, 1).toArray();
    HloInstruction r = Eval.constant(b, DType.F64, dims(rows, n, m), real);
    assertArrayEquals(
        real, Eval.values(transform(FftKind.IRFFT, transform(FftKind.RFFT, r, n, m), n, m)), 1e-12);
  }
}
