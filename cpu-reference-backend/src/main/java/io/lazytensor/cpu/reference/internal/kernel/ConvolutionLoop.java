package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.DType;

/**
 * A convolution of a padded input [batch, feature, spatial…] with a kernel [output feature, input
 * feature of a group, spatial…]; floats are summed in {@code double} and rounded once, integers
 * wrap.
 */
public final class ConvolutionLoop implements Kernel {
  private final Location input;
  private final Location kernel;
  private final Location out;
  private final Odometer places;
  private final Odometer window;
  private final long outputsPerGroup;
  private final long groupStride;
  private final boolean floating;

  /** Prepares it. Any strides will do. */
  public ConvolutionLoop(
      Location input, Location kernel, Location out, long[] stride, long[] dilation, int groups) {
    this.input = input;
    this.kernel = kernel;
    this.out = out;
    this.floating = out.dtype().isFloating();
    int rank = out.sizes().length;
    long[] from = input.strides().clone();
    from[1] = 0;
    for (int d = 2; d < rank; d++) {
      from[d] *= stride[d - 2];
    }
    long[] weights = new long[rank];
    weights[1] = kernel.strides()[0];
    places = new Odometer(out.sizes(), from, weights, out.strides());
    long[] windowSizes = kernel.sizes().clone();
    windowSizes[0] = 1;
    long[] inWindow = input.strides().clone();
    for (int d = 2; d < rank; d++) {
      inWindow[d] *= dilation[d - 2];
    }
    window = new Odometer(windowSizes, inWindow, kernel.strides());
    outputsPerGroup = kernel.sizes()[0] / groups;
    groupStride = kernel.sizes()[1] * input.strides()[1];
  }

  @Override
  public void run() {
    if (!places.reset()) {
      return;
    }
    do {
      long from = places.offset(0) + places.index(1) / outputsPerGroup * groupStride;
      long lane = floating ? realSum(from, places.offset(1)) : integerSum(from, places.offset(1));
      out.write(places.offset(2), lane);
    } while (places.next());
  }

  private long realSum(long from, long weights) {
    double sum = 0;
    if (window.reset()) {
      do {
        sum +=
            Lanes.toDouble(input.read(from + window.offset(0)))
                * Lanes.toDouble(kernel.read(weights + window.offset(1)));
      } while (window.next());
    }
    return Lanes.round(out.dtype(), sum);
  }

  private long integerSum(long from, long weights) {
    long sum = 0;
    if (window.reset()) {
      do {
        long product =
            input.read(from + window.offset(0)) * kernel.read(weights + window.offset(1));
        sum = out.dtype() == DType.PRED ? sum | product : sum + product;
      } while (window.next());
    }
    return sum;
  }
}
