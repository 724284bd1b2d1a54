package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.Eval.dims;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ConvolutionDimensionNumbers;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.PrecisionConfig;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Convolutions by hand, and against the sum of their definition. */
class ConvolutionTest {
  private final HloBuilder b = new HloBuilder();

  // Input [batch, feature, width], kernel [output, input, width], result [batch, feature, width].
  private static final ConvolutionDimensionNumbers PLAIN =
      new ConvolutionDimensionNumbers(0, 1, Dims.of(2), 1, 0, Dims.of(2), 0, 1, Dims.of(2));

  private HloInstruction convolve(
      WindowDimension window, int features, int batches, HloInstruction x, HloInstruction k) {
    DType type = x.arrayShape().dtype();
    return b.add(
        new WindowOp.Convolution(
            Window.of(window), PLAIN, features, batches, PrecisionConfig.DEFAULT, type),
        x,
        k);
  }

  private double[] line(WindowDimension window, double[] x, double... kernel) {
    return Eval.values(
        convolve(
            window,
            1,
            1,
            Eval.constant(b, DType.F32, dims(1, 1, x.length), x),
            Eval.constant(b, DType.F32, dims(1, 1, kernel.length), kernel)));
  }

  // x = 1 2 3 4, kernel = 10 1 without flipping.
  @ParameterizedTest
  @CsvSource({
    "1,0,0,1,1,false,'12,23,34'",
    "2,0,0,1,1,false,'12,34'",
    "1,1,1,1,1,false,'1,12,23,34,40'",
    "1,-1,0,1,1,false,'23,34'",
    "1,0,-2,1,1,false,'12'",
    // Holes between elements: 1 0 2 0 3 0 4.
    "1,0,0,2,1,false,'10,2,20,3,30,4'",
    "1,0,0,1,2,false,'13,24'",
    "1,0,0,1,1,true,'21,32,43'",
    // All at once: 0 1 0 2 0 3 0 4 under 1 . 10, every third place.
    "3,1,0,2,2,true,'0,32'",
  })
  void windowsHaveStridesPaddingDilationAndReversal(
      int stride, int low, int high, int base, int dilation, boolean reversal, String expected) {
    double[] want = Arrays.stream(expected.split(",")).mapToDouble(Double::parseDouble).toArray();
    assertArrayEquals(
        want,
        line(
            new WindowDimension(2, stride, low, high, base, dilation, reversal),
            new double[] {1, 2, 3, 4},
            10,
            1));
  }

  @Test
  void featureGroupsSeeTheirOwnFeatures() {
    HloInstruction x = Eval.constant(b, DType.S32, dims(1, 4, 1), 1, 2, 3, 4);
    HloInstruction k = Eval.constant(b, DType.S32, dims(2, 2, 1), 1, 10, 100, 1000);
    assertArrayEquals(
        new double[] {21, 4300}, Eval.values(convolve(WindowDimension.of(1, 1), 2, 1, x, k)));
  }

  @Test
  void batchGroupsGiveTheirOwnOutputFeatures() {
    HloInstruction x = Eval.constant(b, DType.S32, dims(4, 1, 1), 1, 2, 3, 4);
    HloInstruction k = Eval.constant(b, DType.S32, dims(2, 1, 1), 10, 100);
    // Batches 0 and 1 belong to output feature 0, batches 2 and 3 to feature 1.
    assertArrayEquals(
        new double[] {10, 300, 20, 400},
        Eval.values(convolve(WindowDimension.of(1, 1), 1, 2, x, k)));
  }

  @Test
  void narrowIntegersAreWidenedToTheResultType() {
    HloInstruction x = Eval.constant(b, DType.S8, dims(1, 1, 2), 127, 127);
    HloInstruction k = Eval.constant(b, DType.S8, dims(1, 1, 2), 127, -128);
    HloInstruction y =
        b.add(
            new WindowOp.Convolution(
                Window.of(WindowDimension.of(2, 1)),
                PLAIN,
                1,
                1,
                PrecisionConfig.DEFAULT,
                DType.S32),
            x,
            k);
    assertArrayEquals(new double[] {127 * 127 - 128 * 127}, Eval.values(y));
    assertArrayEquals(
        new double[] {(byte) (127 * 127 - 128 * 127)},
        Eval.values(convolve(WindowDimension.of(2, 1), 1, 1, x, k)));
  }

  @Test
  void complexNumbersMultiply() {
    HloInstruction x = b.add(new HloOp.Constant(Eval.complex(dims(1, 1, 2), 1, 2, 3, -1)));
    HloInstruction k = b.add(new HloOp.Constant(Eval.complex(dims(1, 1, 2), 0, 1, 2, 2)));
    // (1+2i)i + (3-i)(2+2i) = (-2+i) + (8+4i).
    assertArrayEquals(
        new double[] {6, 5},
        Eval.parts(Eval.all(convolve(WindowDimension.of(2, 1), 1, 1, x, k)).getFirst()));
  }

  @Test
  void noSpatialDimensionsIsAMatrixProduct() {
    ConvolutionDimensionNumbers n =
        new ConvolutionDimensionNumbers(1, 0, Dims.of(), 0, 1, Dims.of(), 1, 0, Dims.of());
    HloInstruction x = Eval.constant(b, DType.F32, dims(2, 1), 3, 4);
    HloInstruction k = Eval.constant(b, DType.F32, dims(2, 2), 1, 10, 2, 20);
    HloInstruction y =
        b.add(
            new WindowOp.Convolution(Window.of(), n, 1, 1, PrecisionConfig.DEFAULT, DType.F32),
            x,
            k);
    assertArrayEquals(new double[] {11, 110}, Eval.values(y));
  }

  @Test
  void anMnistLayerTakesSeconds() {
    Random random = new Random(1);
    HloInstruction x = random(random, DType.F32, 32, 28, 28, 16);
    HloInstruction k = random(random, DType.F32, 5, 5, 16, 32);
    ConvolutionDimensionNumbers n =
        new ConvolutionDimensionNumbers(
            0, 3, Dims.of(1, 2), 2, 3, Dims.of(0, 1), 0, 3, Dims.of(1, 2));
    WindowDimension w = new WindowDimension(5, 1, 2, 2, 1, 1, false);
    HloInstruction y =
        b.add(
            new WindowOp.Convolution(Window.of(w, w), n, 1, 1, PrecisionConfig.DEFAULT, DType.F32),
            x,
            k);
    assertTimeout(Duration.ofSeconds(30), () -> Eval.values(y));
  }

  private HloInstruction random(Random random, DType type, int... dims) {
    int count = Arrays.stream(dims).reduce(1, (p, q) -> p * q);
    return Eval.constant(b, type, dims, random.ints(count, -5, 6).asDoubleStream().toArray());
  }

  @Property(tries = 150)
  void equalsItsDefinition(@ForAll long seed) {
    Random r = new Random(seed);
    int groups = 1 + r.nextInt(2);
    boolean ofFeatures = r.nextBoolean();
    int features = ofFeatures ? groups : 1;
    int batches = ofFeatures ? 1 : groups;
    WindowDimension[] w = {window(r), window(r)};
    int[] sizes = {4 + r.nextInt(4), 4 + r.nextInt(4)};
    int kernelFeatures = 1 + r.nextInt(2);
    int[] place = shuffled(r, 4);
    int[] kernelPlace = shuffled(r, 4);
    int[] resultPlace = shuffled(r, 4);
    int[] input = {batches * (1 + r.nextInt(2)), features * kernelFeatures, sizes[0], sizes[1]};
    int[] kernel = {kernelFeatures, groups * (1 + r.nextInt(2)), w[0].size(), w[1].size()};
    HloInstruction x = random(r, DType.S32, placed(input, place));
    HloInstruction k = random(r, DType.S32, placed(kernel, kernelPlace));
    ConvolutionDimensionNumbers n =
        new ConvolutionDimensionNumbers(
            place[0],
            place[1],
            Dims.of(place[2], place[3]),
            kernelPlace[0],
            kernelPlace[1],
            Dims.of(kernelPlace[2], kernelPlace[3]),
            resultPlace[0],
            resultPlace[1],
            Dims.of(resultPlace[2], resultPlace[3]));
    Literal y =
        Eval.all(
                b.add(
                    new WindowOp.Convolution(
                        Window.of(w), n, features, batches, PrecisionConfig.DEFAULT, DType.S32),
                    x,
                    k))
            .getFirst();
    Literal xs = ((HloOp.Constant) x.op()).literal();
    Literal ks = ((HloOp.Constant) k.op()).literal();
    Walk.over(
        y.shape().dims(),
        (at, position) -> {
          int[] o = IntStream.of(resultPlace).map(d -> at[d]).toArray();
          double sum = 0;
          for (int c = 0; c < kernelFeatures; c++) {
            for (int i = 0; i < w[0].size(); i++) {
              for (int j = 0; j < w[1].size(); j++) {
                int feature = o[1] / (kernel[1] / features) * kernelFeatures + c;
                int batch = o[0] + o[1] / (kernel[1] / batches) * (input[0] / batches);
                int p = from(w[0], o[2], i, sizes[0]);
                int q = from(w[1], o[3], j, sizes[1]);
                if (p >= 0 && q >= 0) {
                  sum += at(xs, place, batch, feature, p, q) * at(ks, kernelPlace, c, o[1], i, j);
                }
              }
            }
          }
          assertEquals(sum, y.toDouble(position));
        });
  }

  private static WindowDimension window(Random r) {
    return new WindowDimension(
        1 + r.nextInt(3),
        1 + r.nextInt(2),
        r.nextInt(4) - 1,
        r.nextInt(4) - 1,
        1 + r.nextInt(2),
        1 + r.nextInt(2),
        r.nextBoolean());
  }

  /** Returns the input index under an element of the window, or -1. */
  private static int from(WindowDimension w, int place, int element, int size) {
    int k = w.reversal() ? w.size() - 1 - element : element;
    int dilated = place * w.stride() + k * w.windowDilation() - w.paddingLow();
    boolean hit = dilated >= 0 && dilated % w.baseDilation() == 0;
    return hit && dilated / w.baseDilation() < size ? dilated / w.baseDilation() : -1;
  }

  private static int[] shuffled(Random r, int n) {
    int[] out = IntStream.range(0, n).toArray();
    for (int i = n - 1; i > 0; i--) {
      int j = r.nextInt(i + 1);
      int swap = out[i];
      out[i] = out[j];
      out[j] = swap;
    }
    return out;
  }

  private static int[] placed(int[] sizes, int[] place) {
    int[] out = new int[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      out[place[i]] = sizes[i];
    }
    return out;
  }

  private static double at(Literal x, int[] place, int... index) {
    return x.toDouble(Walk.position(x.shape().dims(), placed(index, place)));
  }
}
