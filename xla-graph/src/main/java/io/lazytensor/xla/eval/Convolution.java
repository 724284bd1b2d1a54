package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.WindowOp;

/**
 * The general convolution. Operands are reordered to (batch, spatial…, feature) and (output
 * feature, spatial…, input feature) first, so that the innermost sum runs over neighbours. Sums are
 * in double, or in wrapping integers, and rounded once.
 */
final class Convolution {
  private final WindowOp.Convolution op;
  private final ArrayValue out;
  private final Products products;
  private final Dims inputSpatial;
  private final int inputFeatures;
  private final int groupFeatures;
  private final int kernelElements;
  private final int batches;
  private final int outputFeatures;
  private final int batchesPerGroup;

  private Convolution(
      WindowOp.Convolution op, ArrayShape shape, ArrayValue input, ArrayValue kernel) {
    ConvolutionDimensionNumbers n = op.dimensionNumbers();
    ArrayValue x = ordered(input, n.inputBatch(), n.inputSpatial(), n.inputFeature());
    ArrayValue k =
        ordered(kernel, n.kernelOutputFeature(), n.kernelSpatial(), n.kernelInputFeature());
    this.op = op;
    this.out = ArrayValue.zeros(shape);
    this.inputSpatial = pick(input.shape().dims(), n.inputSpatial());
    this.inputFeatures = input.shape().dim(n.inputFeature());
    this.groupFeatures = kernel.shape().dim(n.kernelInputFeature());
    this.kernelElements = Math.toIntExact(pick(kernel.shape().dims(), n.kernelSpatial()).product());
    this.batches = shape.dim(n.outputBatch());
    this.outputFeatures = shape.dim(n.outputFeature());
    this.batchesPerGroup = input.shape().dim(n.inputBatch()) / op.batchGroupCount();
    if (shape.dtype().isComplex()) {
      this.products = new ComplexProducts(x, k);
    } else if (shape.dtype().isFloating()) {
      this.products = new RealProducts(real(x), real(k));
    } else {
      this.products = new IntegerProducts(x, k);
    }
  }

  static ArrayValue evaluate(
      WindowOp.Convolution op, ArrayShape shape, ArrayValue input, ArrayValue kernel) {
    Convolution convolution = new Convolution(op, shape, input, kernel);
    convolution.run();
    return convolution.out;
  }

  private void run() {
    ConvolutionDimensionNumbers n = op.dimensionNumbers();
    Dims dims = out.shape().dims();
    Dims spatial = pick(dims, n.outputSpatial());
    WindowPlaces places = new WindowPlaces(op.window(), inputSpatial, spatial);
    int[] at = new int[dims.size()];
    Walk.over(
        spatial,
        (place, _) -> {
          for (int d = 0; d < place.length; d++) {
            at[n.outputSpatial().get(d)] = place[d];
          }
          int[] pairs = places.pairs(place);
          for (int batch = 0; batch < batches; batch++) {
            at[n.outputBatch()] = batch;
            for (int feature = 0; feature < outputFeatures; feature++) {
              at[n.outputFeature()] = feature;
              products.sum(out, Walk.position(dims, at), pairs, batch, feature);
            }
          }
        });
  }

  private static ArrayValue ordered(ArrayValue x, int first, Dims middle, int last) {
    int[] order = new int[x.shape().rank()];
    order[0] = first;
    for (int d = 0; d < middle.size(); d++) {
      order[d + 1] = middle.get(d);
    }
    order[order.length - 1] = last;
    Dims permutation = Dims.of(order);
    ArrayShape shape = x.shape().withDims(pick(x.shape().dims(), permutation));
    return LayoutEvaluation.transpose(new HloOp.Transpose(permutation), shape, x);
  }

  private static Dims pick(Dims dims, Dims which) {
    return Dims.of(which.stream().map(dims::get).toArray());
  }

  private static ArrayValue real(ArrayValue x) {
    return x.isFloating() ? x : ElementwiseEvaluation.convert(DType.F64, x);
  }

  /** Sums products of neighbours in one kind of arithmetic. */
  private abstract class Products {
    /** Sums over the pairs (input position, kernel position) for one element of the result. */
    void sum(ArrayValue out, int position, int[] pairs, int batch, int feature) {
      clear();
      // At most one of the two group counts is not 1.
      int group = feature / (outputFeatures / op.featureGroupCount());
      int batchGroup = feature / (outputFeatures / op.batchGroupCount());
      int image = (batch + batchGroup * batchesPerGroup) * Math.toIntExact(inputSpatial.product());
      for (int i = 0; i < pairs.length; i += 2) {
        add(
            (image + pairs[i]) * inputFeatures + group * groupFeatures,
            (feature * kernelElements + pairs[i + 1]) * groupFeatures);
      }
      store(out, position);
    }

    abstract void clear();

    /** Adds the products of {@code groupFeatures} neighbours from two positions on. */
    abstract void add(int x, int k);

    abstract void store(ArrayValue out, int position);
  }

  private final class RealProducts extends Products {
    private final double[] x;
    private final double[] k;
    private double sum;

    RealProducts(ArrayValue x, ArrayValue k) {
      this.x = reals(x);
      this.k = reals(k);
    }

    @Override
    void clear() {
      sum = 0;
    }

    @Override
    void add(int xAt, int kAt) {
      double s = sum;
      for (int i = 0; i < groupFeatures; i++) {
        s += x[xAt + i] * k[kAt + i];
      }
      sum = s;
    }

    @Override
    void store(ArrayValue out, int position) {
      out.set(position, sum);
    }
  }

  private final class ComplexProducts extends Products {
    private final ArrayValue x;
    private final ArrayValue k;
    private double real;
    private double imaginary;

    ComplexProducts(ArrayValue x, ArrayValue k) {
      this.x = x;
      this.k = k;
    }

    @Override
    void clear() {
      real = 0;
      imaginary = 0;
    }

    @Override
    void add(int xAt, int kAt) {
      for (int i = 0; i < groupFeatures; i++) {
        double a = x.real(xAt + i);
        double b = imaginary(x, xAt + i);
        double c = k.real(kAt + i);
        double d = imaginary(k, kAt + i);
        real += a * c - b * d;
        imaginary += a * d + b * c;
      }
    }

    private static double imaginary(ArrayValue value, int index) {
      return value.isComplex() ? value.imaginary(index) : 0;
    }

    @Override
    void store(ArrayValue out, int position) {
      out.set(position, real, imaginary);
    }
  }

  private final class IntegerProducts extends Products {
    private final long[] x;
    private final long[] k;
    private long sum;

    IntegerProducts(ArrayValue x, ArrayValue k) {
      this.x = integers(x);
      this.k = integers(k);
    }

    @Override
    void clear() {
      sum = 0;
    }

    @Override
    void add(int xAt, int kAt) {
      for (int i = 0; i < groupFeatures; i++) {
        sum += x[xAt + i] * k[kAt + i];
      }
    }

    @Override
    void store(ArrayValue out, int position) {
      if (out.dtype() == DType.PRED) {
        out.set(position, sum != 0);
      } else {
        out.set(position, sum);
      }
    }
  }

  private static double[] reals(ArrayValue value) {
    double[] out = new double[value.count()];
    for (int i = 0; i < out.length; i++) {
      out[i] = value.real(i);
    }
    return out;
  }

  private static long[] integers(ArrayValue value) {
    long[] out = new long[value.count()];
    for (int i = 0; i < out.length; i++) {
      out[i] = value.integer(i);
    }
    return out;
  }
}
