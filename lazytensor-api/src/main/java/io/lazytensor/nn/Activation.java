package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;

/**
 * Activation functions as layers, for {@link Sequential} and as an option of other layers. A
 * program's own is a record that implements this.
 */
public interface Activation extends UnaryLayer {
  /** Returns {@code max(x, 0)}. PyTorch: {@code nn.ReLU}. */
  record ReLU() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.relu(x);
    }
  }

  /** Returns {@code min(max(x, 0), 6)}. PyTorch: {@code nn.ReLU6}. */
  record ReLU6() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.relu6(x);
    }
  }

  /**
   * Returns x where positive, else a share of it. PyTorch: {@code nn.LeakyReLU}.
   *
   * @param negativeSlope that share
   */
  record LeakyReLU(double negativeSlope) implements Activation {
    /** Uses PyTorch's default. */
    public LeakyReLU() {
      this(0.01);
    }

    @Override
    public Tensor forward(Tensor x) {
      return F.leakyRelu(x, negativeSlope);
    }
  }

  /**
   * Returns x where positive, else {@code alpha (exp(x) - 1)}. PyTorch: {@code nn.ELU}.
   *
   * @param alpha the lower bound's magnitude
   */
  record ELU(double alpha) implements Activation {
    /** Uses PyTorch's default. */
    public ELU() {
      this(1);
    }

    @Override
    public Tensor forward(Tensor x) {
      return F.elu(x, alpha);
    }
  }

  /** Returns the exponential unit that keeps mean 0 and variance 1. PyTorch: {@code nn.SELU}. */
  record SELU() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.selu(x);
    }
  }

  /**
   * Returns x where positive, else {@code alpha (exp(x / alpha) - 1)}. PyTorch: {@code nn.CELU}.
   *
   * @param alpha the lower bound's magnitude
   */
  record CELU(double alpha) implements Activation {
    /** Uses PyTorch's default. */
    public CELU() {
      this(1);
    }

    @Override
    public Tensor forward(Tensor x) {
      return F.celu(x, alpha);
    }
  }

  /** Returns x times the normal distribution function of x. PyTorch: {@code nn.GELU}. */
  record GELU() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.gelu(x);
    }
  }

  /**
   * Returns the approximation of {@link GELU} by tanh. PyTorch: {@code
   * nn.GELU(approximate="tanh")}.
   */
  record GELUTanh() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.geluTanh(x);
    }
  }

  /** Returns {@code x sigmoid(x)}. PyTorch: {@code nn.SiLU}. */
  record SiLU() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.silu(x);
    }
  }

  /** Returns {@code x tanh(softplus(x))}. PyTorch: {@code nn.Mish}. */
  record Mish() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.mish(x);
    }
  }

  /** Returns {@code 1 / (1 + exp(-x))}. PyTorch: {@code nn.Sigmoid}. */
  record Sigmoid() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.sigmoid(x);
    }
  }

  /** Returns the logarithm of the sigmoid. PyTorch: {@code nn.LogSigmoid}. */
  record LogSigmoid() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.logSigmoid(x);
    }
  }

  /** Returns {@code min(max(x + 3, 0), 6) / 6}. PyTorch: {@code nn.Hardsigmoid}. */
  record Hardsigmoid() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.hardsigmoid(x);
    }
  }

  /** Returns {@code x hardsigmoid(x)}. PyTorch: {@code nn.Hardswish}. */
  record Hardswish() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.hardswish(x);
    }
  }

  /**
   * Returns x within bounds. PyTorch: {@code nn.Hardtanh}.
   *
   * @param min the lower bound
   * @param max the upper bound
   */
  record Hardtanh(double min, double max) implements Activation {
    /** Uses PyTorch's default. */
    public Hardtanh() {
      this(-1, 1);
    }

    @Override
    public Tensor forward(Tensor x) {
      return F.hardtanh(x, min, max);
    }
  }

  /**
   * Returns x where its magnitude exceeds lambda, else 0. PyTorch: {@code nn.Hardshrink}.
   *
   * @param lambda the bound
   */
  record Hardshrink(double lambda) implements Activation {
    /** Uses PyTorch's default. */
    public Hardshrink() {
      this(0.5);
    }

    @Override
    public Tensor forward(Tensor x) {
      return F.hardshrink(x, lambda);
    }
  }

  /**
   * Returns x moved towards 0 by lambda, at most to 0. PyTorch: {@code nn.Softshrink}.
   *
   * @param lambda by how much
   */
  record Softshrink(double lambda) implements Activation {
    /** Uses PyTorch's default. */
    public Softshrink() {
      this(0.5);
    }

    @Override
    public Tensor forward(Tensor x) {
      return F.softshrink(x, lambda);
    }
  }

  /**
   * Returns x where it exceeds a threshold, else a value. PyTorch: {@code nn.Threshold}.
   *
   * @param threshold the bound
   * @param value what takes the place
   */
  record Threshold(double threshold, double value) implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.threshold(x, threshold, value);
    }
  }

  /** Returns the hyperbolic tangent. PyTorch: {@code nn.Tanh}. */
  record Tanh() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.tanh(x);
    }
  }

  /** Returns {@code x - tanh(x)}. PyTorch: {@code nn.Tanhshrink}. */
  record Tanhshrink() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.tanhshrink(x);
    }
  }

  /** Returns {@code x / (1 + |x|)}. PyTorch: {@code nn.Softsign}. */
  record Softsign() implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.softsign(x);
    }
  }

  /**
   * Returns {@code log(1 + exp(beta x)) / beta}. PyTorch: {@code nn.Softplus}.
   *
   * @param beta the slope
   * @param threshold above which {@code beta x} gives x
   */
  record Softplus(double beta, double threshold) implements Activation {
    /** Uses PyTorch's default. */
    public Softplus() {
      this(1, 20);
    }

    @Override
    public Tensor forward(Tensor x) {
      return F.softplus(x, beta, threshold);
    }
  }

  /**
   * Returns exponentials that sum to 1 along a dimension. PyTorch: {@code nn.Softmax}.
   *
   * @param dim the dimension
   */
  record Softmax(int dim) implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.softmax(x, dim);
    }
  }

  /**
   * Returns the softmax of the negative. PyTorch: {@code nn.Softmin}.
   *
   * @param dim the dimension
   */
  record Softmin(int dim) implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.softmin(x, dim);
    }
  }

  /**
   * Returns the logarithm of the softmax. PyTorch: {@code nn.LogSoftmax}.
   *
   * @param dim the dimension
   */
  record LogSoftmax(int dim) implements Activation {
    @Override
    public Tensor forward(Tensor x) {
      return F.logSoftmax(x, dim);
    }
  }

  /**
   * Returns the first half of a dimension times the sigmoid of the second. PyTorch: {@code nn.GLU}.
   *
   * @param dim the dimension
   */
  record GLU(int dim) implements Activation {
    /** Uses PyTorch's default. */
    public GLU() {
      this(-1);
    }

    @Override
    public Tensor forward(Tensor x) {
      return F.glu(x, dim);
    }
  }

  /**
   * Returns x where positive, else x times a trained slope. PyTorch: {@code nn.PReLU}.
   *
   * @param weight {@code [1]}, or a slope for each channel, dimension 1
   */
  record PReLU(Parameter weight) implements Activation {
    /** Returns a layer with one slope, 0.25 at first. */
    public static PReLU of() {
      return of(1);
    }

    /** Returns a layer with a slope for each channel, 0.25 at first. */
    public static PReLU of(int channels) {
      return new PReLU(Parameter.of(Initializer.constant(0.25), channels));
    }

    @Override
    public Tensor forward(Tensor x) {
      return F.prelu(x, weight);
    }
  }
}
