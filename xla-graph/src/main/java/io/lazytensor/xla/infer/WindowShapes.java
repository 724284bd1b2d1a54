package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.LayoutShapes.distinctWithin;
import static io.lazytensor.xla.infer.ShapeInference.array;
import static io.lazytensor.xla.infer.ShapeInference.count;
import static io.lazytensor.xla.infer.ShapeInference.dimension;
import static io.lazytensor.xla.infer.ShapeInference.require;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.List;

/** Shapes of operations that move a window over arrays. */
final class WindowShapes {
  private WindowShapes() {}

  static Shape infer(WindowOp op, List<Shape> operands) {
    return switch (op) {
      case WindowOp.Convolution convolution -> convolution(convolution, operands);
      case WindowOp.ReduceWindow reduce -> reduceWindow(reduce, operands);
      case WindowOp.SelectAndScatter select -> selectAndScatter(select, operands);
    };
  }

  /** Returns how many places a window has along each dimension of an array. */
  private static Dims places(HloOp op, Dims sizes, Window window) {
    require(
        window.rank() == sizes.size(),
        "%s over [%s] takes a window dimension for each of its %s, got %s",
        op.opcode(),
        sizes,
        sizes.size(),
        window.rank());
    int[] dims = new int[sizes.size()];
    for (int i = 0; i < dims.length; i++) {
      WindowDimension w = window.get(i);
      require(
          w.size() >= 1 && w.stride() >= 1 && w.baseDilation() >= 1 && w.windowDilation() >= 1,
          "%s: size, stride and dilations of a window are at least 1, dimension %s has %s",
          op.opcode(),
          i,
          w);
      long padded = dilated(sizes.get(i), w.baseDilation()) + w.paddingLow() + w.paddingHigh();
      long reach = dilated(w.size(), w.windowDilation());
      dims[i] = dimension(op, reach > padded ? 0 : (padded - reach) / w.stride() + 1);
    }
    return Dims.of(dims);
  }

  private static long dilated(int size, int dilation) {
    return size == 0 ? 0 : (size - 1L) * dilation + 1;
  }

  // ---- convolution ------------------------------------------------------------------------------

  private static ArrayShape convolution(WindowOp.Convolution op, List<Shape> operands) {
    count(op, operands, 2);
    ArrayShape input = array(op, operands, 0);
    ArrayShape kernel = array(op, operands, 1);
    ContractShapes.requireProductType(op, input, kernel, op.resultType());
    ConvolutionDimensionNumbers n = op.dimensionNumbers();
    int spatial = n.inputSpatial().size();
    require(
        n.kernelSpatial().size() == spatial && n.outputSpatial().size() == spatial,
        "convolution takes as many spatial dimensions of input, kernel and result,"
            + " got {%s}, {%s} and {%s}",
        n.inputSpatial(),
        n.kernelSpatial(),
        n.outputSpatial());
    int rank = spatial + 2;
    require(
        input.rank() == rank && kernel.rank() == rank,
        "convolution over %s spatial dimensions takes operands of rank %s, got %s and %s",
        spatial,
        rank,
        input,
        kernel);
    eachOnce(rank, "input", n.inputBatch(), n.inputFeature(), n.inputSpatial());
    eachOnce(rank, "kernel", n.kernelInputFeature(), n.kernelOutputFeature(), n.kernelSpatial());
    eachOnce(rank, "result", n.outputBatch(), n.outputFeature(), n.outputSpatial());
    requireGroups(op, input, kernel);
    int[] dims = new int[rank];
    dims[n.outputBatch()] = input.dim(n.inputBatch()) / op.batchGroupCount();
    dims[n.outputFeature()] = kernel.dim(n.kernelOutputFeature());
    Dims places = convolutionPlaces(op, input, kernel);
    for (int i = 0; i < spatial; i++) {
      dims[n.outputSpatial().get(i)] = places.get(i);
    }
    return new ArrayShape(op.resultType(), Dims.of(dims));
  }

  private static void eachOnce(int rank, String what, int first, int second, Dims spatial) {
    int[] numbers = new int[spatial.size() + 2];
    numbers[0] = first;
    numbers[1] = second;
    for (int i = 0; i < spatial.size(); i++) {
      numbers[i + 2] = spatial.get(i);
    }
    Dims all = Dims.of(numbers);
    require(
        distinctWithin(all, rank),
        "convolution: the %s's dimension numbers {%s} must name each of 0 to %s once",
        what,
        all,
        rank - 1);
  }

  private static void requireGroups(WindowOp.Convolution op, ArrayShape input, ArrayShape kernel) {
    ConvolutionDimensionNumbers n = op.dimensionNumbers();
    int features = op.featureGroupCount();
    int batches = op.batchGroupCount();
    require(
        features >= 1 && batches >= 1 && (features == 1 || batches == 1),
        "convolution: group counts are at least 1 and one of them is 1, got feature group count"
            + " %s and batch group count %s",
        features,
        batches);
    int inputFeatures = input.dim(n.inputFeature());
    int kernelFeatures = kernel.dim(n.kernelInputFeature());
    require(
        inputFeatures == (long) kernelFeatures * features,
        "convolution: %s input features are not %s groups of the kernel's %s",
        inputFeatures,
        features,
        kernelFeatures);
    int outputFeatures = kernel.dim(n.kernelOutputFeature());
    require(
        outputFeatures % features == 0 && outputFeatures % batches == 0,
        "convolution: %s output features do not divide into %s feature groups and %s batch groups",
        outputFeatures,
        features,
        batches);
    require(
        input.dim(n.inputBatch()) % batches == 0,
        "convolution: a batch of %s does not divide into %s groups",
        input.dim(n.inputBatch()),
        batches);
  }

  private static Dims convolutionPlaces(
      WindowOp.Convolution op, ArrayShape input, ArrayShape kernel) {
    ConvolutionDimensionNumbers n = op.dimensionNumbers();
    int[] sizes = new int[n.inputSpatial().size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = input.dim(n.inputSpatial().get(i));
    }
    Dims places = places(op, Dims.of(sizes), op.window());
    for (int i = 0; i < sizes.length; i++) {
      require(
          op.window().get(i).size() == kernel.dim(n.kernelSpatial().get(i)),
          "convolution: the window is %s wide in dimension %s, the kernel %s",
          op.window().get(i).size(),
          i,
          kernel.dim(n.kernelSpatial().get(i)));
    }
    return places;
  }

  // ---- folding windows --------------------------------------------------------------------------

  private static Shape reduceWindow(WindowOp.ReduceWindow op, List<Shape> operands) {
    List<Shape> arrays = ContractShapes.arraysWithInitialValues(op, operands);
    Dims places = places(op, arrays.getFirst().asArray().dims(), op.window());
    List<Shape> results = new ArrayList<>();
    for (Shape x : arrays) {
      results.add(x.asArray().withDims(places));
    }
    ContractShapes.requireReducer(op, op.reducer(), results);
    return results.size() == 1 ? results.getFirst() : new TupleShape(results);
  }

  private static ArrayShape selectAndScatter(WindowOp.SelectAndScatter op, List<Shape> operands) {
    count(op, operands, 3);
    ArrayShape x = array(op, operands, 0);
    ArrayShape source = array(op, operands, 1);
    ArrayShape initial = array(op, operands, 2);
    ArrayShape scalar = ArrayShape.scalar(x.dtype());
    ArrayShape expected = x.withDims(places(op, x.dims(), op.window()));
    require(
        source.equals(expected) && initial.equals(scalar),
        "select-and-scatter over %s takes a source %s and an initial value %s, got %s and %s",
        x,
        expected,
        scalar,
        source,
        initial);
    HloComputation select = op.select();
    require(
        OrderShapes.maps(select, List.of(scalar, scalar), ArrayShape.scalar(DType.PRED)),
        "select-and-scatter over %s: computation %s does not map two %s to pred[]",
        x,
        select.name(),
        scalar);
    ContractShapes.requireReducer(op, op.scatter(), List.of(x));
    return x;
  }
}
