package io.lazytensor.xla.ir;

import java.util.List;

/**
 * The closed set of operations. Everything that treats operations (shape inference, printer,
 * evaluator, gradient, backends) switches over it without a default, so that an operation without
 * one of them does not compile.
 *
 * <p>Together with its operands' shapes an operation determines its result's shape: attributes hold
 * what operands do not say. Semantics: XLA {@code docs/operation_semantics.md} and {@code
 * xla/hlo/evaluator}.
 */
public sealed interface HloOp
    permits CollectiveOp,
        ControlOp,
        LibraryOp,
        OrderOp,
        WindowOp,
        HloOp.Parameter,
        HloOp.Constant,
        HloOp.Iota,
        HloOp.Unary,
        HloOp.Binary,
        HloOp.IsFinite,
        HloOp.Compare,
        HloOp.Select,
        HloOp.Clamp,
        HloOp.Convert,
        HloOp.BitcastConvert,
        HloOp.Complex,
        HloOp.Real,
        HloOp.Imag,
        HloOp.ReducePrecision,
        HloOp.StochasticConvert,
        HloOp.Broadcast,
        HloOp.Reshape,
        HloOp.Transpose,
        HloOp.Reverse,
        HloOp.Slice,
        HloOp.DynamicSlice,
        HloOp.DynamicUpdateSlice,
        HloOp.Concatenate,
        HloOp.Pad,
        HloOp.Gather,
        HloOp.Scatter,
        HloOp.Reduce,
        HloOp.Dot,
        HloOp.RaggedDot,
        HloOp.GetDimensionSize,
        HloOp.Tuple,
        HloOp.GetTupleElement,
        HloOp.Call {
  /** Returns the opcode. */
  HloOpcode code();

  /** Returns XLA's spelling of the opcode. */
  default String opcode() {
    return code().hloName();
  }

  /** Returns the computations this calls. */
  default List<HloComputation> called() {
    return List.of();
  }

  /**
   * An argument of the computation.
   *
   * @param number the position, from 0
   * @param shape what is passed
   */
  record Parameter(int number, Shape shape) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.PARAMETER;
    }
  }

  /**
   * A value known at compile time.
   *
   * @param literal the value
   */
  record Constant(Literal literal) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.CONSTANT;
    }
  }

  /**
   * Counts from zero along one dimension.
   *
   * @param shape the result
   * @param dimension the dimension that counts
   */
  record Iota(ArrayShape shape, int dimension) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.IOTA;
    }
  }

  /**
   * An elementwise function of one operand.
   *
   * @param kind which
   */
  record Unary(UnaryKind kind) implements HloOp {
    @Override
    public HloOpcode code() {
      return kind.code();
    }
  }

  /**
   * An elementwise function of two operands of equal shape.
   *
   * @param kind which
   */
  record Binary(BinaryKind kind) implements HloOp {
    @Override
    public HloOpcode code() {
      return kind.code();
    }
  }

  /** Whether a float is neither infinite nor NaN. The result is pred. */
  record IsFinite() implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.IS_FINITE;
    }
  }

  /**
   * Compares two operands of equal shape. The result is pred.
   *
   * @param direction the question
   * @param totalOrder whether floats are ordered -NaN &lt; -inf &lt; … &lt; -0 &lt; +0 &lt; … &lt;
   *     +inf &lt; +NaN instead of IEEE's partial order
   */
  record Compare(ComparisonDirection direction, boolean totalOrder) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.COMPARE;
    }
  }

  /** Operands (pred, on true, on false) of equal dimensions; the pred may be a scalar. */
  record Select() implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.SELECT;
    }
  }

  /** Operands (min, x, max); the bounds may be scalars. {@code min(max(x, min), max)}. */
  record Clamp() implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.CLAMP;
    }
  }

  /**
   * Converts values: float to integer truncates and saturates, NaN becomes 0.
   *
   * @param to the result's type
   */
  record Convert(DType to) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.CONVERT;
    }
  }

  /**
   * Reinterprets bits. A narrower type adds a minor dimension, a wider one consumes it.
   *
   * @param to the result's type
   */
  record BitcastConvert(DType to) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.BITCAST_CONVERT;
    }
  }

  /** The complex number of a real and an imaginary part: operands (real, imaginary). */
  record Complex() implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.COMPLEX;
    }
  }

  /** The real part of a complex number; a real number itself. */
  record Real() implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.REAL;
    }
  }

  /** The imaginary part of a complex number; zero for a real one. */
  record Imag() implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.IMAG;
    }
  }

  /**
   * Rounds floats to a narrower format and keeps their type.
   *
   * @param exponentBits bits of the exponent, at least 1
   * @param mantissaBits bits of the mantissa, at least 0
   */
  record ReducePrecision(int exponentBits, int mantissaBits) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.REDUCE_PRECISION;
    }
  }

  /**
   * Converts floats, and rounds up or down at random: operands (x, unsigned random bits of x's
   * width).
   *
   * @param to the result's type
   */
  record StochasticConvert(DType to) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.STOCHASTIC_CONVERT;
    }
  }

  /**
   * Repeats an operand along new dimensions.
   *
   * @param resultDims the result's dimension sizes
   * @param dimensions the result dimension each operand dimension becomes
   */
  record Broadcast(Dims resultDims, Dims dimensions) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.BROADCAST;
    }
  }

  /**
   * The same elements in row-major order under other dimensions.
   *
   * @param resultDims the result's dimension sizes
   */
  record Reshape(Dims resultDims) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.RESHAPE;
    }
  }

  /**
   * Permutes dimensions.
   *
   * @param permutation the operand dimension each result dimension comes from
   */
  record Transpose(Dims permutation) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.TRANSPOSE;
    }
  }

  /**
   * Reverses the order along dimensions.
   *
   * @param dimensions which
   */
  record Reverse(Dims dimensions) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.REVERSE;
    }
  }

  /**
   * Takes a static sub-array.
   *
   * @param start first index of every dimension
   * @param limit one past the last
   * @param stride step, at least 1
   */
  record Slice(Dims start, Dims limit, Dims stride) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.SLICE;
    }
  }

  /**
   * Takes a sub-array whose start is computed: operands (array, scalar start of each dimension).
   * Starts are clamped so that the slice fits.
   *
   * @param sizes the slice's dimension sizes
   */
  record DynamicSlice(Dims sizes) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.DYNAMIC_SLICE;
    }
  }

  /**
   * Replaces a sub-array whose start is computed: operands (array, update, scalar start of each
   * dimension). Starts are clamped so that the update fits.
   */
  record DynamicUpdateSlice() implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.DYNAMIC_UPDATE_SLICE;
    }
  }

  /**
   * Joins operands along a dimension.
   *
   * @param dimension which
   */
  record Concatenate(int dimension) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.CONCATENATE;
    }
  }

  /**
   * Pads with a value: operands (array, scalar).
   *
   * @param padding how much
   */
  record Pad(PaddingConfig padding) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.PAD;
    }
  }

  /**
   * Reads windows at computed places: operands (array, indices). Starts are clamped.
   *
   * @param dimensionNumbers how dimensions correspond
   * @param sliceSizes the window
   * @param indicesAreSorted a promise by the caller
   */
  record Gather(GatherDimensionNumbers dimensionNumbers, Dims sliceSizes, boolean indicesAreSorted)
      implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.GATHER;
    }
  }

  /**
   * Combines windows into arrays at computed places: operands (array…, indices, update…). A window
   * that does not fit is left out.
   *
   * @param dimensionNumbers how dimensions correspond
   * @param combiner (current…, update…) to new value…
   * @param indicesAreSorted a promise by the caller
   * @param uniqueIndices a promise by the caller
   */
  record Scatter(
      ScatterDimensionNumbers dimensionNumbers,
      HloComputation combiner,
      boolean indicesAreSorted,
      boolean uniqueIndices)
      implements HloOp {
    @Override
    public List<HloComputation> called() {
      return List.of(combiner);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.SCATTER;
    }
  }

  /**
   * Folds along dimensions: operands (array…, scalar initial value…).
   *
   * @param dimensions which disappear
   * @param reducer (accumulator…, element…) to accumulator…
   */
  record Reduce(Dims dimensions, HloComputation reducer) implements HloOp {
    @Override
    public List<HloComputation> called() {
      return List.of(reducer);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.REDUCE;
    }
  }

  /**
   * The general matrix product: operands (left, right).
   *
   * @param dimensionNumbers what is summed and what is batched
   * @param resultType element type of the result; operands are widened to it first
   * @param precision how exact
   */
  record Dot(DotDimensionNumbers dimensionNumbers, DType resultType, PrecisionConfig precision)
      implements HloOp {
    /** Makes a product of the backend's usual precision. */
    public Dot(DotDimensionNumbers dimensionNumbers, DType resultType) {
      this(dimensionNumbers, resultType, PrecisionConfig.DEFAULT);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.DOT;
    }
  }

  /**
   * A matrix product over groups whose sizes are data: operands (left, right, integer sizes of the
   * groups). Groups follow each other along the left operand's ragged dimension. A negative size
   * counts as 0 and what goes past the end is cut off; what no group reaches gives zeros.
   *
   * <p>Source: StableHLO {@code chlo.ragged_dot}; XLA {@code ragged_dot_rewriter.cc}, which leaves
   * sizes that do not fit undefined.
   *
   * @param dimensionNumbers what is summed, what is batched and what is divided into groups
   * @param resultType element type of the result; operands are widened to it first
   * @param precision how exact
   */
  record RaggedDot(
      RaggedDotDimensionNumbers dimensionNumbers, DType resultType, PrecisionConfig precision)
      implements HloOp {
    /** Makes a product of the backend's usual precision. */
    public RaggedDot(RaggedDotDimensionNumbers dimensionNumbers, DType resultType) {
      this(dimensionNumbers, resultType, PrecisionConfig.DEFAULT);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.RAGGED_DOT;
    }
  }

  /**
   * The size of a dimension as an s32.
   *
   * @param dimension which
   */
  record GetDimensionSize(int dimension) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.GET_DIMENSION_SIZE;
    }
  }

  /** Makes a tuple of the operands. */
  record Tuple() implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.TUPLE;
    }
  }

  /**
   * Takes one element out of a tuple.
   *
   * @param index which
   */
  record GetTupleElement(int index) implements HloOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.GET_TUPLE_ELEMENT;
    }
  }

  /**
   * Calls a computation with the operands.
   *
   * @param computation what is called
   */
  record Call(HloComputation computation) implements HloOp {
    @Override
    public List<HloComputation> called() {
      return List.of(computation);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.CALL;
    }
  }
}
