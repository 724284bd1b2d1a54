package io.lazytensor.xla.eval;

import org.jspecify.annotations.Nullable;

/**
 * The discrete Fourier transform of one length: by its definition if short, by halving if a power
 * of two, else as a convolution (Bluestein, "A linear filtering approach to the computation of the
 * discrete Fourier transform", 1970). The inverse divides by the length.
 */
final class DiscreteTransform {
  private static final int SHORT = 16;

  private final int length;
  private final boolean inverse;
  private final double[] cosines;
  private final double[] sines;
  private final @Nullable Chirp chirp;

  DiscreteTransform(int length, boolean inverse) {
    this.length = length;
    this.inverse = inverse;
    this.cosines = new double[length];
    this.sines = new double[length];
    for (int i = 0; i < length; i++) {
      cosines[i] = cosine(i, length);
      sines[i] = (inverse ? 1 : -1) * sine(i, length);
    }
    this.chirp = length > SHORT && Integer.bitCount(length) != 1 ? new Chirp() : null;
  }

  /** Transforms in place. */
  void apply(double[] re, double[] im) {
    if (chirp != null) {
      chirp.apply(re, im);
    } else if (length > SHORT) {
      halve(re, im);
    } else {
      define(re, im);
    }
    if (inverse) {
      for (int i = 0; i < length; i++) {
        re[i] /= length;
        im[i] /= length;
      }
    }
  }

  private void define(double[] re, double[] im) {
    double[] outRe = new double[length];
    double[] outIm = new double[length];
    for (int k = 0; k < length; k++) {
      for (int i = 0; i < length; i++) {
        int w = i * k % length;
        outRe[k] += re[i] * cosines[w] - im[i] * sines[w];
        outIm[k] += re[i] * sines[w] + im[i] * cosines[w];
      }
    }
    System.arraycopy(outRe, 0, re, 0, length);
    System.arraycopy(outIm, 0, im, 0, length);
  }

  private void halve(double[] re, double[] im) {
    int bits = Integer.numberOfTrailingZeros(length);
    for (int i = 0; i < length; i++) {
      int j = Integer.reverse(i) >>> (Integer.SIZE - bits);
      if (i < j) {
        swap(re, i, j);
        swap(im, i, j);
      }
    }
    for (int half = 1; half < length; half *= 2) {
      for (int start = 0; start < length; start += 2 * half) {
        for (int i = 0; i < half; i++) {
          int w = length / (2 * half) * i;
          int even = start + i;
          int odd = even + half;
          double r = re[odd] * cosines[w] - im[odd] * sines[w];
          double m = re[odd] * sines[w] + im[odd] * cosines[w];
          re[odd] = re[even] - r;
          im[odd] = im[even] - m;
          re[even] += r;
          im[even] += m;
        }
      }
    }
  }

  private static void swap(double[] values, int i, int j) {
    double value = values[i];
    values[i] = values[j];
    values[j] = value;
  }

  // The angle is reduced to a quarter in integers: quarter turns are exact, others more so.
  private static double cosine(long i, long n) {
    double angle = Math.PI / 2 * (4 * i % n) / n;
    return switch ((int) (4 * i / n % 4)) {
      case 0 -> Math.cos(angle);
      case 1 -> -Math.sin(angle);
      case 2 -> -Math.cos(angle);
      default -> Math.sin(angle);
    };
  }

  private static double sine(long i, long n) {
    double angle = Math.PI / 2 * (4 * i % n) / n;
    return switch ((int) (4 * i / n % 4)) {
      case 0 -> Math.sin(angle);
      case 1 -> Math.cos(angle);
      case 2 -> -Math.sin(angle);
      default -> -Math.cos(angle);
    };
  }

  /** The transform as a convolution with a chirp, whose length may be a power of two. */
  private final class Chirp {
    private final DiscreteTransform there;
    private final DiscreteTransform back;
    private final double[] turnRe = new double[length];
    private final double[] turnIm = new double[length];
    private final double[] spectrumRe;
    private final double[] spectrumIm;

    Chirp() {
      int padded = Integer.highestOneBit(2 * length - 1) * 2;
      this.there = new DiscreteTransform(padded, false);
      this.back = new DiscreteTransform(padded, true);
      this.spectrumRe = new double[padded];
      this.spectrumIm = new double[padded];
      for (int i = 0; i < length; i++) {
        long square = (long) i * i % (2L * length);
        turnRe[i] = cosine(square, 2L * length);
        turnIm[i] = (inverse ? 1 : -1) * sine(square, 2L * length);
        int mirrored = (padded - i) % padded;
        spectrumRe[i] = turnRe[i];
        spectrumIm[i] = -turnIm[i];
        spectrumRe[mirrored] = turnRe[i];
        spectrumIm[mirrored] = -turnIm[i];
      }
      there.apply(spectrumRe, spectrumIm);
    }

    void apply(double[] re, double[] im) {
      double[] a = new double[spectrumRe.length];
      double[] b = new double[spectrumRe.length];
      for (int i = 0; i < length; i++) {
        a[i] = re[i] * turnRe[i] - im[i] * turnIm[i];
        b[i] = re[i] * turnIm[i] + im[i] * turnRe[i];
      }
      there.apply(a, b);
      for (int i = 0; i < a.length; i++) {
        double real = a[i] * spectrumRe[i] - b[i] * spectrumIm[i];
        b[i] = a[i] * spectrumIm[i] + b[i] * spectrumRe[i];
        a[i] = real;
      }
      back.apply(a, b);
      for (int i = 0; i < length; i++) {
        re[i] = a[i] * turnRe[i] - b[i] * turnIm[i];
        im[i] = a[i] * turnIm[i] + b[i] * turnRe[i];
      }
    }
  }
}
