package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.kernel.ConvolutionLoop;
import io.lazytensor.cpu.reference.internal.kernel.WindowKernels;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Convolutions: brought into the order [batch, feature, spatial…], padded where libtorch has no
 * such padding, then libtorch's for floats of up to three spatial dimensions and a loop otherwise.
 */
final class ConvolutionLowering {
  private static final int MAX_SPATIAL = 3;

  private final Emitter emitter;
  private final ElementwiseLowering elementwise;
  private final ShapeLowering shapes;

  ConvolutionLowering(Emitter emitter, ElementwiseLowering elementwise, ShapeLowering shapes) {
    this.emitter = emitter;
    this.elementwise = elementwise;
    this.shapes = shapes;
  }

  Value convolution(HloInstruction at, WindowOp.Convolution op, Value left, Value right) {
    ConvolutionDimensionNumbers n = op.dimensionNumbers();
    ArrayShape shape = at.arrayShape();
    // 16-bit floats are summed in f32 and rounded once.
    DType computed =
        shape.dtype().isFloating() && shape.dtype().byteSize() < 4 ? DType.F32 : shape.dtype();
    Value input =
        elementwise
            .convert(at, left, computed)
            .transpose(order(n.inputBatch(), n.inputFeature(), n.inputSpatial()));
    Value kernel =
        elementwise
            .convert(at, right, computed)
            .transpose(order(n.kernelOutputFeature(), n.kernelInputFeature(), n.kernelSpatial()));
    Dims order = order(n.outputBatch(), n.outputFeature(), n.outputSpatial());
    ArrayShape inOrder = ArrayShape.of(computed, order.stream().map(shape::dim).toArray());
    int groups = op.featureGroupCount();
    if (op.batchGroupCount() > 1) {
      input = batchGroupsAsFeatures(at, input, op.batchGroupCount());
      groups *= op.batchGroupCount();
    }
    Value sums;
    if (input.elementCount() == 0 || kernel.elementCount() == 0 || inOrder.elementCount() == 0) {
      Value zero = Value.constant(Literal.scalarBits(computed, 0));
      sums = emitter.copy(at, zero.broadcast(inOrder.dims(), Dims.of()));
    } else {
      sums = inOrder(at, op.window(), input, reversed(at, kernel, op.window()), inOrder, groups);
    }
    return elementwise.convert(at, sums.transpose(inverse(order)), shape.dtype());
  }

  private static Dims order(int first, int second, Dims spatial) {
    int[] order = new int[spatial.size() + 2];
    order[0] = first;
    order[1] = second;
    for (int i = 0; i < spatial.size(); i++) {
      order[i + 2] = spatial.get(i);
    }
    return Dims.of(order);
  }

  private static Dims inverse(Dims order) {
    int[] inverse = new int[order.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[order.get(i)] = i;
    }
    return Dims.of(inverse);
  }

  /** Makes [groups × batch, feature, …] the equivalent [batch, groups × feature, …]. */
  private Value batchGroupsAsFeatures(HloInstruction at, Value input, int groups) {
    int rank = input.rank();
    int[] split = new int[rank + 1];
    int[] joined = new int[rank];
    int[] swap = new int[rank + 1];
    for (int d = 0; d < rank; d++) {
      split[d + 1] = Math.toIntExact(input.sizes()[d]);
      joined[d] = split[d + 1];
      swap[d + 1] = d + 1;
    }
    split[0] = groups;
    split[1] /= groups;
    swap[0] = 1;
    swap[1] = 0;
    joined[0] /= groups;
    joined[1] *= groups;
    Value apart = shapes.reshape(at, input, Dims.of(split)).transpose(Dims.of(swap));
    return shapes.reshape(at, apart, Dims.of(joined));
  }

  private Value reversed(HloInstruction at, Value kernel, Window window) {
    int[] dimensions =
        IntStream.range(0, window.rank())
            .filter(d -> window.get(d).reversal())
            .map(d -> d + 2)
            .toArray();
    if (dimensions.length == 0) {
      return kernel;
    }
    Value out = emitter.temporary(kernel.shape());
    emitter.emit(
        at,
        List.of(kernel),
        List.of(out),
        (b, i, o) ->
            WindowKernels.reverse(b.location(i.get(0)), Dims.of(dimensions), b.location(o.get(0))));
    return out;
  }

  private Value inOrder(
      HloInstruction at, Window window, Value input, Value kernel, ArrayShape shape, int groups) {
    int spatial = window.rank();
    long[] stride = window.dimensions().stream().mapToLong(WindowDimension::stride).toArray();
    long[] dilation =
        window.dimensions().stream().mapToLong(WindowDimension::windowDilation).toArray();
    boolean loop = !shape.dtype().isFloating() || spatial > MAX_SPATIAL;
    boolean symmetric =
        !loop
            && window.dimensions().stream()
                .allMatch(w ->
                    w.paddingLow() == w.paddingHigh()
                        && w.paddingLow() >= 0
                        && w.baseDilation() == 1);
    Value source = symmetric ? input : padded(at, input, window);
    Value out = emitter.temporary(shape);
    if (loop) {
      emitter.emit(
          at,
          List.of(source, kernel),
          List.of(out),
          (b, i, o) ->
              new ConvolutionLoop(
                  b.location(i.get(0)),
                  b.location(i.get(1)),
                  b.location(o.get(0)),
                  stride,
                  dilation,
                  groups));
      return out;
    }
    long[] padding =
        window.dimensions().stream().mapToLong(w -> symmetric ? w.paddingLow() : 0).toArray();
    if (spatial == 0) {
      // libtorch knows no convolution of points; a line of one element is the same.
      Value result = line(out);
      emit(
          at,
          line(source),
          line(kernel),
          result,
          new long[] {1},
          new long[] {0},
          new long[] {1},
          groups);
    } else {
      emit(at, source, kernel, out, stride, padding, dilation, groups);
    }
    return out;
  }

  private static Value line(Value value) {
    long[] sizes = Arrays.copyOf(value.sizes(), 3);
    long[] strides = Arrays.copyOf(value.strides(), 3);
    sizes[2] = 1;
    strides[2] = 1;
    return value.view(0, sizes, strides);
  }

  private Value padded(HloInstruction at, Value input, Window window) {
    int rank = input.rank();
    int[] low = new int[rank];
    int[] high = new int[rank];
    int[] interior = new int[rank];
    for (int d = 2; d < rank; d++) {
      WindowDimension w = window.get(d - 2);
      low[d] = w.paddingLow();
      high[d] = w.paddingHigh();
      interior[d] = w.baseDilation() - 1;
    }
    Value zero = Value.constant(Literal.scalarBits(input.dtype(), 0));
    return WindowLowering.padded(shapes, at, input, zero, low, high, interior);
  }

  private void emit(
      HloInstruction at,
      Value input,
      Value kernel,
      Value out,
      long[] stride,
      long[] padding,
      long[] dilation,
      int groups) {
    emitter.emit(
        at,
        List.of(input, kernel),
        List.of(out),
        (b, i, o) -> {
          Tensor to = b.tensor(o.get(0));
          Tensor x = b.tensor(i.get(0));
          Tensor weights = b.tensor(i.get(1));
          TensorOptional noBias = b.keep(new TensorOptional());
          long[] noOutputPadding = new long[stride.length];
          return () ->
              torch.convolution_out(
                  to,
                  x,
                  weights,
                  noBias,
                  stride,
                  padding,
                  dilation,
                  false,
                  noOutputPadding,
                  groups);
        });
  }
}
