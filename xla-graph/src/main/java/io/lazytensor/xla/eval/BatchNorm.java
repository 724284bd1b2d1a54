package io.lazytensor.xla.eval;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * Batch normalization over all dimensions but one, in double.
 *
 * <p>Source: Ioffe and Szegedy, "Batch Normalization", 2015; the gradient as in XLA's {@code
 * batchnorm_expander.cc}.
 */
final class BatchNorm {
  private final ArrayValue x;
  private final int features;
  private final int inner;
  private final double perFeature;

  BatchNorm(ArrayValue x, int featureIndex) {
    this.x = x;
    this.features = x.shape().dim(featureIndex);
    int stride = 1;
    for (int d = featureIndex + 1; d < x.shape().rank(); d++) {
      stride *= x.shape().dim(d);
    }
    this.inner = stride;
    this.perFeature = (double) x.count() / features;
  }

  private int feature(int position) {
    return position / inner % features;
  }

  /** Returns (normalized, mean, population variance). */
  List<Object> training(ArrayValue scale, ArrayValue offset, double epsilon, List<Shape> shapes) {
    double[] mean = new double[features];
    double[] variance = new double[features];
    for (int i = 0; i < x.count(); i++) {
      mean[feature(i)] += x.real(i);
    }
    // Without elements a mean is 0 / 0, as XLA computes it.
    Arrays.setAll(mean, f -> mean[f] / perFeature);
    for (int i = 0; i < x.count(); i++) {
      double centered = x.real(i) - mean[feature(i)];
      variance[feature(i)] += centered * centered;
    }
    Arrays.setAll(variance, f -> variance[f] / perFeature);
    return List.of(
        normalized(scale, offset, mean, variance, epsilon, shapes.get(0).asArray()),
        array(shapes.get(1).asArray(), mean),
        array(shapes.get(2).asArray(), variance));
  }

  ArrayValue inference(
      ArrayValue scale,
      ArrayValue offset,
      ArrayValue mean,
      ArrayValue variance,
      double epsilon,
      ArrayShape shape) {
    return normalized(scale, offset, reals(mean), reals(variance), epsilon, shape);
  }

  private ArrayValue normalized(
      ArrayValue scale,
      ArrayValue offset,
      double[] mean,
      double[] variance,
      double epsilon,
      ArrayShape shape) {
    ArrayValue out = ArrayValue.zeros(shape);
    for (int i = 0; i < x.count(); i++) {
      int f = feature(i);
      double standardized = (x.real(i) - mean[f]) / Math.sqrt(variance[f] + epsilon);
      out.set(i, standardized * scale.real(f) + offset.real(f));
    }
    return out;
  }

  /** Returns the gradients of (x, scale, offset). */
  List<Object> gradients(
      ArrayValue scale,
      ArrayValue mean,
      ArrayValue variance,
      ArrayValue gradient,
      double epsilon,
      List<Shape> shapes) {
    double[] sum = new double[features];
    double[] centeredSum = new double[features];
    double[] ofScale = new double[features];
    for (int i = 0; i < x.count(); i++) {
      int f = feature(i);
      double centered = x.real(i) - mean.real(f);
      sum[f] += gradient.real(i);
      centeredSum[f] += gradient.real(i) * centered;
      ofScale[f] += gradient.real(i) * centered / Math.sqrt(variance.real(f) + epsilon);
    }
    ArrayValue ofX = ArrayValue.zeros(shapes.get(0).asArray());
    for (int i = 0; i < x.count(); i++) {
      int f = feature(i);
      double width = variance.real(f) + epsilon;
      double centered = x.real(i) - mean.real(f);
      double part = perFeature * gradient.real(i) - sum[f] - centeredSum[f] * centered / width;
      ofX.set(i, scale.real(f) / Math.sqrt(width) / perFeature * part);
    }
    return List.of(
        ofX, array(shapes.get(1).asArray(), ofScale), array(shapes.get(2).asArray(), sum));
  }

  private static double[] reals(ArrayValue value) {
    double[] out = new double[value.count()];
    for (int i = 0; i < out.length; i++) {
      out[i] = value.real(i);
    }
    return out;
  }

  private static ArrayValue array(ArrayShape shape, double[] values) {
    ArrayValue out = ArrayValue.zeros(shape);
    for (int i = 0; i < values.length; i++) {
      out.set(i, values[i]);
    }
    return out;
  }
}
