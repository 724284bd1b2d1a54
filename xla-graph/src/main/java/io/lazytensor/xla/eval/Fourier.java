package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.LibraryOp;

/** Fourier transforms of the last dimensions, of any length, in double. */
final class Fourier {
  private Dims dims;
  private double[] real;
  private double[] imaginary;

  private Fourier(ArrayValue x) {
    this.dims = x.shape().dims();
    this.real = new double[x.count()];
    this.imaginary = new double[x.count()];
    for (int i = 0; i < real.length; i++) {
      real[i] = x.real(i);
      imaginary[i] = x.isComplex() ? x.imaginary(i) : 0;
    }
  }

  static ArrayValue transform(LibraryOp.Fft op, ArrayShape shape, ArrayValue x) {
    Fourier f = new Fourier(x);
    int last = x.shape().rank() - 1;
    int first = x.shape().rank() - op.length().size();
    switch (op.kind()) {
      case FFT -> f.along(first, last, false);
      case IFFT -> f.along(first, last, true);
      case RFFT -> {
        f.along(last, last, false);
        f.cutLast(shape.dim(last));
        f.along(first, last - 1, false);
      }
      case IRFFT -> {
        f.along(first, last - 1, true);
        f.mirrorLast(shape.dim(last));
        f.along(last, last, true);
      }
    }
    ArrayValue out = ArrayValue.zeros(shape);
    for (int i = 0; i < out.count(); i++) {
      if (out.isComplex()) {
        out.set(i, f.real[i], f.imaginary[i]);
      } else {
        out.set(i, f.real[i]);
      }
    }
    return out;
  }

  /** Transforms along the dimensions from one to another, both included. */
  private void along(int first, int last, boolean inverse) {
    for (int d = last; d >= first; d--) {
      along(d, inverse);
    }
  }

  private void along(int dimension, boolean inverse) {
    int length = dims.get(dimension);
    if (real.length == 0) {
      return;
    }
    int stride = 1;
    for (int d = dimension + 1; d < dims.size(); d++) {
      stride *= dims.get(d);
    }
    DiscreteTransform transform = new DiscreteTransform(length, inverse);
    double[] re = new double[length];
    double[] im = new double[length];
    for (int line = 0; line < real.length / length; line++) {
      int start = line / stride * stride * length + line % stride;
      for (int i = 0; i < length; i++) {
        re[i] = real[start + i * stride];
        im[i] = imaginary[start + i * stride];
      }
      transform.apply(re, im);
      for (int i = 0; i < length; i++) {
        real[start + i * stride] = re[i];
        imaginary[start + i * stride] = im[i];
      }
    }
  }

  /** Keeps the first elements of the last dimension. */
  private void cutLast(int length) {
    resizeLast(
        length,
        (from, to) -> {
          for (int i = 0; i < length; i++) {
            to.set(i, from.real(i), from.imaginary(i));
          }
        });
  }

  /** Completes a half spectrum to that of a real signal; imaginary parts without a twin drop. */
  private void mirrorLast(int length) {
    resizeLast(
        length,
        (from, to) -> {
          for (int i = 0; i < length; i++) {
            int twin = (length - i) % length;
            if (i == twin) {
              to.set(i, from.real(i), 0);
            } else if (i < twin) {
              to.set(i, from.real(i), from.imaginary(i));
            } else {
              to.set(i, from.real(twin), -from.imaginary(twin));
            }
          }
        });
  }

  private interface LineMapping {
    void apply(Line from, Line to);
  }

  private record Line(double[] re, double[] im, int start) {
    double real(int i) {
      return re[start + i];
    }

    double imaginary(int i) {
      return im[start + i];
    }

    void set(int i, double real, double imaginary) {
      re[start + i] = real;
      im[start + i] = imaginary;
    }
  }

  private void resizeLast(int length, LineMapping mapping) {
    int old = dims.get(dims.size() - 1);
    int[] sizes = dims.toArray();
    sizes[sizes.length - 1] = length;
    Dims resized = Dims.of(sizes);
    double[] re = new double[Math.toIntExact(resized.product())];
    double[] im = new double[re.length];
    for (int line = 0; length > 0 && line < re.length / length; line++) {
      mapping.apply(new Line(real, imaginary, line * old), new Line(re, im, line * length));
    }
    dims = resized;
    real = re;
    imaginary = im;
  }
}
