package io.lazytensor.autograd;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of convolutions, which are convolutions again: strides become holes, and the operand
 * that was summed over becomes the kernel.
 */
final class ConvolutionGradients {
  private final HloBuilder b;
  private final WindowOp.Convolution op;
  private final ConvolutionDimensionNumbers n;
  private final HloInstruction input;
  private final HloInstruction kernel;
  private final HloInstruction g;

  private ConvolutionGradients(
      HloBuilder b, WindowOp.Convolution op, HloInstruction x, HloInstruction g) {
    this.b = b;
    this.op = op;
    this.n = op.dimensionNumbers();
    this.input = x.operand(0);
    this.kernel = x.operand(1);
    this.g = g;
  }

  static @Nullable HloInstruction[] of(
      HloBuilder b, WindowOp.Convolution op, HloInstruction x, HloInstruction g, boolean[] wanted) {
    boolean reversed = op.window().dimensions().stream().anyMatch(WindowDimension::reversal);
    if (op.batchGroupCount() != 1 || reversed) {
      throw VectorJacobian.refuse(x);
    }
    ConvolutionGradients rules = new ConvolutionGradients(b, op, x, g);
    return new @Nullable HloInstruction[] {
      wanted[0] ? rules.ofInput() : null, wanted[1] ? rules.ofKernel() : null
    };
  }

  private static int dilated(int size, int dilation) {
    return size == 0 ? 0 : (size - 1) * dilation + 1;
  }

  /** Slides the reversed kernel over the result's gradient, whose strides have become holes. */
  private HloInstruction ofInput() {
    List<WindowDimension> dimensions = new ArrayList<>();
    for (int i = 0; i < op.window().rank(); i++) {
      WindowDimension w = op.window().get(i);
      int reach = dilated(w.size(), w.windowDilation());
      int wanted = dilated(input.arrayShape().dim(n.inputSpatial().get(i)), w.baseDilation());
      int given = dilated(g.arrayShape().dim(n.outputSpatial().get(i)), w.stride());
      int low = reach - 1 - w.paddingLow();
      int high = wanted + reach - 1 - given - low;
      dimensions.add(
          new WindowDimension(
              w.size(), w.baseDilation(), low, high, w.stride(), w.windowDilation(), false));
    }
    HloInstruction turned = b.add(new HloOp.Reverse(n.kernelSpatial()), swappedGroups());
    ConvolutionDimensionNumbers numbers =
        new ConvolutionDimensionNumbers(
            n.outputBatch(),
            n.outputFeature(),
            n.outputSpatial(),
            n.kernelOutputFeature(),
            n.kernelInputFeature(),
            n.kernelSpatial(),
            n.inputBatch(),
            n.inputFeature(),
            n.inputSpatial());
    HloInstruction gradient =
        b.add(convolution(dimensions, numbers, op.featureGroupCount(), 1), g, turned);
    return b.convert(gradient, input.arrayShape().dtype());
  }

  /** Moves the groups from the kernel's output features to its input features. */
  private HloInstruction swappedGroups() {
    int groups = op.featureGroupCount();
    if (groups == 1) {
      return kernel;
    }
    int out = n.kernelOutputFeature();
    int in = n.kernelInputFeature();
    int[] sizes = kernel.arrayShape().dims().toArray();
    // [out] becomes [groups, out / groups], and groups then moves in front of [in].
    int[] split = new int[sizes.length + 1];
    for (int d = 0; d < split.length; d++) {
      split[d] =
          d == out ? groups : d == out + 1 ? sizes[out] / groups : sizes[d < out ? d : d - 1];
    }
    HloInstruction apart = b.add(new HloOp.Reshape(Dims.of(split)), kernel);
    List<Integer> order = new ArrayList<>();
    for (int d = 0; d < split.length; d++) {
      if (d == (in < out ? in : in + 1)) {
        order.add(out);
      }
      if (d != out) {
        order.add(d);
      }
    }
    Dims permutation = Dims.of(order.stream().mapToInt(Integer::intValue).toArray());
    HloInstruction moved = b.transpose(apart, permutation);
    int[] joined = sizes.clone();
    joined[out] = sizes[out] / groups;
    joined[in] = sizes[in] * groups;
    return b.add(new HloOp.Reshape(Dims.of(joined)), moved);
  }

  /** Slides the result's gradient over the input; batches are what is summed. */
  private HloInstruction ofKernel() {
    List<WindowDimension> dimensions = new ArrayList<>();
    for (int i = 0; i < op.window().rank(); i++) {
      WindowDimension w = op.window().get(i);
      int places = g.arrayShape().dim(n.outputSpatial().get(i));
      int reach = dilated(w.size(), w.windowDilation());
      int have = dilated(input.arrayShape().dim(n.inputSpatial().get(i)), w.baseDilation());
      int low = w.paddingLow();
      int high = dilated(places, w.stride()) + reach - 1 - have - low;
      dimensions.add(
          new WindowDimension(
              places, w.windowDilation(), low, high, w.baseDilation(), w.stride(), false));
    }
    ConvolutionDimensionNumbers numbers =
        new ConvolutionDimensionNumbers(
            n.inputFeature(),
            n.inputBatch(),
            n.inputSpatial(),
            n.outputBatch(),
            n.outputFeature(),
            n.outputSpatial(),
            n.kernelInputFeature(),
            n.kernelOutputFeature(),
            n.kernelSpatial());
    HloInstruction gradient =
        b.add(convolution(dimensions, numbers, 1, op.featureGroupCount()), input, g);
    return b.convert(gradient, kernel.arrayShape().dtype());
  }

  private WindowOp.Convolution convolution(
      List<WindowDimension> dimensions,
      ConvolutionDimensionNumbers numbers,
      int featureGroups,
      int batchGroups) {
    return new WindowOp.Convolution(
        new Window(dimensions),
        numbers,
        featureGroups,
        batchGroups,
        op.precision(),
        op.resultType());
  }
}
