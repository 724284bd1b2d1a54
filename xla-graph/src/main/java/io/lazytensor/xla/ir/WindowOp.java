package io.lazytensor.xla.ir;

import java.util.List;

/** Operations that move a window over arrays. */
public sealed interface WindowOp extends HloOp {
  /**
   * Cross-correlates: operands (input, kernel). Padding and holes are zero.
   *
   * @param window one dimension for each spatial dimension; sizes are the kernel's
   * @param dimensionNumbers what each dimension stands for
   * @param featureGroupCount groups that input features and output features are split into
   * @param batchGroupCount groups that the input's batch and the output features are split into
   * @param precision how exact
   * @param resultType element type of the result; operands are widened to it first
   */
  record Convolution(
      Window window,
      ConvolutionDimensionNumbers dimensionNumbers,
      int featureGroupCount,
      int batchGroupCount,
      PrecisionConfig precision,
      DType resultType)
      implements WindowOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.CONVOLUTION;
    }
  }

  /**
   * Folds each place of a window: operands (array…, scalar initial value…). Padding and holes count
   * as the initial value, which is to be neutral; backends may leave them out.
   *
   * @param window one dimension for each of the array's
   * @param reducer (accumulator…, element…) to accumulator…
   */
  record ReduceWindow(Window window, HloComputation reducer) implements WindowOp {
    @Override
    public List<HloComputation> called() {
      return List.of(reducer);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.REDUCE_WINDOW;
    }
  }

  /**
   * Selects one element in each place of a window, and adds the source's element of that place to
   * it: operands (array, source, scalar initial value).
   *
   * @param window one dimension for each of the array's
   * @param select (selected, candidate) to whether the selected one stays
   * @param scatter (current, source element) to new value
   */
  record SelectAndScatter(Window window, HloComputation select, HloComputation scatter)
      implements WindowOp {
    @Override
    public List<HloComputation> called() {
      return List.of(select, scatter);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.SELECT_AND_SCATTER;
    }
  }
}
