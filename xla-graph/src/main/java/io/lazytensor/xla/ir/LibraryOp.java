package io.lazytensor.xla.ir;

/** Operations most devices run from a library: statistics, linear algebra, random bits. */
public sealed interface LibraryOp extends HloOp {
  /**
   * Normalizes over all dimensions but the feature's: operands (x, scale, offset). The result is
   * the tuple (normalized, mean, population variance).
   *
   * @param epsilon added to the variance
   * @param featureIndex the feature dimension
   */
  record BatchNormTraining(float epsilon, int featureIndex) implements LibraryOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.BATCH_NORM_TRAINING;
    }
  }

  /**
   * Normalizes with given statistics: operands (x, scale, offset, mean, variance).
   *
   * @param epsilon added to the variance
   * @param featureIndex the feature dimension
   */
  record BatchNormInference(float epsilon, int featureIndex) implements LibraryOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.BATCH_NORM_INFERENCE;
    }
  }

  /**
   * The gradient of {@link BatchNormTraining}: operands (x, scale, mean, variance, gradient of the
   * normalized). The result is the tuple of the gradients of x, scale and offset.
   *
   * @param epsilon added to the variance
   * @param featureIndex the feature dimension
   */
  record BatchNormGrad(float epsilon, int featureIndex) implements LibraryOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.BATCH_NORM_GRAD;
    }
  }

  /** Kinds of Fourier transforms, in the order of XLA's {@code FftType}. */
  enum FftKind {
    /** Complex to complex. */
    FFT,
    /** Complex to complex, inverse, divided by the length. */
    IFFT,
    /** Real to the non-redundant half. */
    RFFT,
    /** The half back to real. */
    IRFFT
  }

  /**
   * Transforms the last dimensions.
   *
   * @param kind which
   * @param length the lengths of the transformed dimensions, on the real side
   */
  record Fft(FftKind kind, Dims length) implements LibraryOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.FFT;
    }
  }

  /**
   * Factors Hermitian positive definite matrices in the last two dimensions. What is not part of
   * the triangle is unspecified; this library leaves zeros there.
   *
   * @param lower whether the result is lower triangular, and the lower triangle is read
   */
  record Cholesky(boolean lower) implements LibraryOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.CHOLESKY;
    }
  }

  /** How a triangular matrix is used, in the order of XLA's {@code Transpose}, from 1. */
  enum Transposition {
    /** As it is. */
    NO_TRANSPOSE,
    /** Transposed. */
    TRANSPOSE,
    /** Transposed and conjugated. */
    ADJOINT
  }

  /**
   * Solves {@code op(a) x = b}, or {@code x op(a) = b}, in the last two dimensions: operands (a,
   * b).
   *
   * @param leftSide whether a stands left of x
   * @param lower whether a is lower triangular; the other triangle is not read
   * @param unitDiagonal whether the diagonal counts as ones
   * @param transposition what op is
   */
  record TriangularSolve(
      boolean leftSide, boolean lower, boolean unitDiagonal, Transposition transposition)
      implements LibraryOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.TRIANGULAR_SOLVE;
    }
  }

  /** Generators of random bits, in the order of XLA's {@code RandomAlgorithm}. */
  enum RandomAlgorithm {
    /** The backend's choice; here and on XLA's CPU and GPU Philox. */
    DEFAULT,
    /** Threefry 2x32, 20 rounds. */
    THREE_FRY,
    /** Philox 4x32, 10 rounds. */
    PHILOX
  }

  /**
   * Generates random bits from a state. The result is the tuple (new state, bits).
   *
   * @param algorithm the generator
   * @param bits shape of the bits
   */
  record RngBitGenerator(RandomAlgorithm algorithm, ArrayShape bits) implements LibraryOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.RNG_BIT_GENERATOR;
    }
  }
}
