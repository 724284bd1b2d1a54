package io.lazytensor.xla.proto;

import static io.lazytensor.xla.proto.InstructionFields.*;

import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.WindowOp;

/** Operations that move a window over arrays. */
final class WindowOpWriter {
  private WindowOpWriter() {}

  static void write(WireWriter out, WindowOp op) {
    switch (op) {
      case WindowOp.Convolution convolution -> convolution(out, convolution);
      case WindowOp.ReduceWindow reduce -> Messages.window(out, WINDOW, reduce.window());
      case WindowOp.SelectAndScatter scatter -> Messages.window(out, WINDOW, scatter.window());
    }
  }

  private static void convolution(WireWriter out, WindowOp.Convolution op) {
    Messages.window(out, WINDOW, op.window());
    ConvolutionDimensionNumbers numbers = op.dimensionNumbers();
    int message = out.begin(CONVOLUTION_DIMENSION_NUMBERS);
    out.varint(3, numbers.kernelInputFeature());
    out.varint(4, numbers.kernelOutputFeature());
    out.packed(6, numbers.kernelSpatial());
    out.varint(7, numbers.inputBatch());
    out.varint(8, numbers.inputFeature());
    out.varint(9, numbers.outputBatch());
    out.varint(10, numbers.outputFeature());
    out.packed(11, numbers.inputSpatial());
    out.packed(12, numbers.outputSpatial());
    out.end(message);
    out.varint(FEATURE_GROUP_COUNT, op.featureGroupCount());
    OpWriter.precision(out, op.precision());
    out.varint(BATCH_GROUP_COUNT, op.batchGroupCount());
  }
}
