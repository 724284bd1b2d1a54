package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.Rules.bf16;
import static io.lazytensor.xla.infer.Rules.c64;
import static io.lazytensor.xla.infer.Rules.computation;
import static io.lazytensor.xla.infer.Rules.f32;
import static io.lazytensor.xla.infer.Rules.gives;
import static io.lazytensor.xla.infer.Rules.no;
import static io.lazytensor.xla.infer.Rules.pred;
import static io.lazytensor.xla.infer.Rules.s32;
import static io.lazytensor.xla.infer.Rules.tuple;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.PrecisionConfig;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class WindowShapesTest {
  /** Batch, spatial, feature; the kernel is spatial, input feature, output feature. */
  private static final ConvolutionDimensionNumbers LINE =
      new ConvolutionDimensionNumbers(0, 2, Dims.of(1), 1, 2, Dims.of(0), 0, 2, Dims.of(1));

  private static final HloComputation SUM = HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32);
  private static final HloComputation GREATER = computation(pred(), f32(), f32());

  private static WindowDimension window(int size, int stride, int low, int high, int lhs, int rhs) {
    return new WindowDimension(size, stride, low, high, lhs, rhs, false);
  }

  private static WindowOp convolution(WindowDimension window, int features, int batches) {
    return convolution(Window.of(window), LINE, features, batches, DType.F32);
  }

  private static WindowOp convolution(
      Window window, ConvolutionDimensionNumbers n, int features, int batches, DType type) {
    return new WindowOp.Convolution(window, n, features, batches, PrecisionConfig.DEFAULT, type);
  }

  private static WindowOp folding(WindowDimension... dimensions) {
    return new WindowOp.ReduceWindow(Window.of(dimensions), SUM);
  }

  private static final WindowDimension PLAIN = WindowDimension.of(3, 1);
  private static final WindowDimension PAIR = WindowDimension.of(2, 2);

  static List<Rules.Refusal> convolutions() {
    ConvolutionDimensionNumbers twice =
        new ConvolutionDimensionNumbers(0, 0, Dims.of(1), 1, 2, Dims.of(0), 0, 2, Dims.of(1));
    ConvolutionDimensionNumbers outside =
        new ConvolutionDimensionNumbers(0, 2, Dims.of(1), 1, 3, Dims.of(0), 0, 2, Dims.of(1));
    ConvolutionDimensionNumbers negative =
        new ConvolutionDimensionNumbers(0, 2, Dims.of(1), 1, 2, Dims.of(0), 0, 2, Dims.of(-1));
    ConvolutionDimensionNumbers uneven =
        new ConvolutionDimensionNumbers(0, 2, Dims.of(1), 1, 2, Dims.of(), 0, 2, Dims.of(1));
    Window one = Window.of(PLAIN);
    return List.of(
        no("input's dimension numbers {0,0,1}", convolution(one, twice, 1, 1, DType.F32), X, K),
        no("kernel's dimension numbers", convolution(one, outside, 1, 1, DType.F32), X, K),
        no("result's dimension numbers", convolution(one, negative, 1, 1, DType.F32), X, K),
        no("as many spatial", convolution(one, uneven, 1, 1, DType.F32), X, K),
        no("operands of rank 3", convolution(PLAIN, 1, 1), f32(8, 10, 4, 1), K),
        no("operands of rank 3", convolution(PLAIN, 1, 1), X, f32(3, 4)),
        no(
            "window dimension for each",
            convolution(Window.of(PLAIN, PLAIN), LINE, 1, 1, DType.F32),
            X,
            K),
        no("3 wide in dimension 0", convolution(PLAIN, 1, 1), X, f32(2, 4, 6)),
        no("at least 1", convolution(window(0, 1, 0, 0, 1, 1), 1, 1), X, f32(0, 4, 6)),
        no("at least 1", convolution(window(3, 0, 0, 0, 1, 1), 1, 1), X, K),
        no("at least 1", convolution(window(3, 1, 0, 0, 0, 1), 1, 1), X, K),
        no("at least 1", convolution(window(3, 1, 0, 0, 1, -1), 1, 1), X, K),
        no("group counts are at least 1", convolution(PLAIN, 0, 1), X, K),
        no("group counts are at least 1", convolution(PLAIN, 1, -2), X, K),
        no("group counts are at least 1", convolution(PLAIN, 2, 2), X, K),
        no("4 input features are not 3 groups", convolution(PLAIN, 3, 1), X, K),
        no("4 input features are not 1 groups", convolution(PLAIN, 1, 1), X, f32(3, 2, 6)),
        no("5 output features", convolution(PLAIN, 2, 1), X, f32(3, 2, 5)),
        no("5 output features", convolution(PLAIN, 1, 2), X, f32(3, 4, 5)),
        no("batch of 8 does not divide into 3", convolution(PLAIN, 1, 3), X, f32(3, 4, 6)),
        no("cannot give s32", convolution(one, LINE, 1, 1, DType.S32), X, K),
        no("cannot give c64", convolution(one, LINE, 1, 1, DType.C64), X, K),
        no("cannot give f32", convolution(PLAIN, 1, 1), c64(8, 10, 4), K),
        no("cannot give pred", convolution(one, LINE, 1, 1, DType.PRED), X, K));
  }

  private static final ArrayShape X = f32(8, 10, 4);
  private static final ArrayShape K = f32(3, 4, 6);

  static List<Rules.Refusal> folds() {
    WindowOp select = new WindowOp.SelectAndScatter(Window.of(PAIR), GREATER, SUM);
    WindowOp unordered =
        new WindowOp.SelectAndScatter(Window.of(PAIR), computation(f32(), f32(), f32()), SUM);
    WindowOp unary =
        new WindowOp.SelectAndScatter(Window.of(PAIR), computation(pred(), f32()), SUM);
    WindowOp whole =
        new WindowOp.SelectAndScatter(
            Window.of(PAIR), GREATER, HloBuilder.scalarFunction(BinaryKind.ADD, DType.S32));
    return List.of(
        no("as many initial values", folding(PAIR), f32(8)),
        no("as many initial values", folding(PAIR)),
        no("window dimension for each of its 2", folding(PAIR), f32(8, 8), f32()),
        no("at least 1, dimension 1", folding(PAIR, window(1, 0, 0, 0, 1, 1)), f32(8, 8), f32()),
        no("scalar of its type", folding(PAIR), f32(8), s32()),
        no("scalar of its type", folding(PAIR), f32(8), f32(1)),
        no("arrays of one size", folding(PAIR), f32(8), f32(7), f32(), f32()),
        no("does not map pairs", folding(PAIR), s32(8), s32()),
        no("does not map pairs", folding(PAIR), f32(8), f32(8), f32(), f32()),
        no("size 2147483648", folding(window(1, 1, 1, Integer.MAX_VALUE, 1, 1)), f32(0), f32()),
        no("takes a source f32[4]", select, f32(8), f32(5), f32()),
        no("takes a source f32[4]", select, f32(8), bf16(4), f32()),
        no("initial value f32[]", select, f32(8), f32(4), f32(4)),
        no("does not map two f32[] to pred[]", unordered, f32(8), f32(4), f32()),
        no("does not map two f32[] to pred[]", unary, f32(8), f32(4), f32()),
        no("does not map pairs", whole, f32(8), f32(4), f32()),
        no("takes 3 operands", select, f32(8), f32(4)));
  }

  @ParameterizedTest
  @MethodSource({"convolutions", "folds"})
  void refuses(Rules.Refusal refusal) {
    refusal.check();
  }

  @Test
  void convolutionsCountPlaces() {
    gives(f32(8, 8, 6), convolution(PLAIN, 1, 1), X, K);
    gives(f32(8, 4, 6), convolution(window(3, 3, 1, 1, 1, 1), 1, 1), X, K);
    gives(f32(8, 19, 6), convolution(window(3, 1, 1, 1, 2, 1), 1, 1), X, K);
    gives(f32(8, 6, 6), convolution(window(3, 1, 0, 0, 1, 2), 1, 1), X, K);
    gives(f32(8, 0, 6), convolution(window(3, 1, -5, -5, 1, 1), 1, 1), X, K);
  }

  @Test
  void groupsDivideFeaturesOrBatch() {
    gives(f32(8, 8, 6), convolution(PLAIN, 2, 1), X, f32(3, 2, 6));
    gives(f32(4, 8, 6), convolution(PLAIN, 1, 2), X, K);
  }

  @Test
  void convolutionsMayWidenTypes() {
    WindowOp mixed = convolution(Window.of(PLAIN), LINE, 1, 1, DType.F32);
    gives(f32(8, 8, 6), mixed, bf16(8, 10, 4), K);
    WindowOp integers = convolution(Window.of(PLAIN), LINE, 1, 1, DType.S32);
    gives(
        s32(8, 8, 6),
        integers,
        ArrayShape.of(DType.S8, 8, 10, 4),
        ArrayShape.of(DType.U8, 3, 4, 6));
  }

  @ParameterizedTest
  @CsvSource({
    "10, 3, 2, 0, 0, 1, 1, 4", "10, 3, 2, 1, 2, 1, 1, 6", "4, 2, 1, 0, 0, 3, 1, 9",
    "10, 3, 1, 0, 0, 1, 4, 2", "2, 3, 1, 0, 0, 1, 1, 0", "0, 1, 1, 1, 0, 5, 1, 1"
  })
  void windowsCountPlaces(
      int size, int window, int stride, int low, int high, int base, int dilation, int places) {
    WindowOp op = folding(window(window, stride, low, high, base, dilation));
    gives(f32(places), op, f32(size), f32());
  }

  @Test
  void severalArraysGiveTuples() {
    HloComputation both = computation(tuple(f32(), s32()), f32(), s32(), f32(), s32());
    WindowOp op = new WindowOp.ReduceWindow(Window.of(PAIR), both);
    gives(tuple(f32(4), s32(4)), op, f32(8), s32(8), f32(), s32());
    gives(
        f32(8),
        new WindowOp.SelectAndScatter(Window.of(PAIR), GREATER, SUM),
        f32(8),
        f32(4),
        f32());
  }
}
