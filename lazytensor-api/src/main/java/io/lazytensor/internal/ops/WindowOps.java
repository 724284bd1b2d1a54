package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.Convolutions;
import io.lazytensor.internal.lower.Pooling;
import io.lazytensor.internal.record.Call;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;

/** The calls behind convolutions and pooling, one for each number of spatial dimensions. */
public final class WindowOps {
  private WindowOps() {}

  /**
   * The options of a convolution.
   *
   * @param geometry how the kernel moves
   * @param outputPadding of a transposed one
   */
  public record Convolution(Convolutions.Geometry geometry, List<Integer> outputPadding) {}

  /**
   * The options of a mean over windows.
   *
   * @param geometry how the window moves
   * @param countIncludePad whether padding counts
   * @param divisor what sums are divided by; 0 for the number of elements
   */
  public record Average(Pooling.Geometry geometry, boolean countIncludePad, int divisor) {}

  public static final CallKind CONV1D = CallKind.many("conv1d", WindowOps::convolve);
  public static final CallKind CONV2D = CallKind.many("conv2d", WindowOps::convolve);
  public static final CallKind CONV_TRANSPOSE1D =
      CallKind.many("convTranspose1d", WindowOps::transposed);
  public static final CallKind CONV_TRANSPOSE2D =
      CallKind.many("convTranspose2d", WindowOps::transposed);
  public static final CallKind MAX_POOL1D = max("maxPool1d");
  public static final CallKind MAX_POOL2D = max("maxPool2d");
  public static final CallKind AVG_POOL1D = average("avgPool1d");
  public static final CallKind AVG_POOL2D = average("avgPool2d");
  public static final CallKind ADAPTIVE_AVG_POOL =
      CallKind.of(
          "adaptiveAvgPool", (b, c) -> Pooling.adaptiveAverage(b, c.a(), boxed(c.integers())));
  public static final CallKind ADAPTIVE_MAX_POOL =
      CallKind.of("adaptiveMaxPool", (b, c) -> Pooling.adaptiveMax(b, c.a(), boxed(c.integers())));

  private static List<Integer> boxed(int[] values) {
    return java.util.Arrays.stream(values).boxed().toList();
  }

  private static CallKind max(String name) {
    return CallKind.of(name, (b, c) -> Pooling.max(b, c.a(), c.attribute(Pooling.Geometry.class)));
  }

  private static CallKind average(String name) {
    return CallKind.of(
        name,
        (b, c) -> {
          Average o = c.attribute(Average.class);
          return Pooling.average(b, c.a(), o.geometry(), o.countIncludePad(), o.divisor());
        });
  }

  private static HloInstruction[] convolve(HloBuilder b, Call c) {
    Convolution o = c.attribute(Convolution.class);
    Operands in = new Operands(c);
    HloInstruction x = in.next();
    HloInstruction weight = in.next();
    return new HloInstruction[] {
      Convolutions.convolve(b, x, weight, in.nextIf(c.operands().size() == 3), o.geometry())
    };
  }

  private static HloInstruction[] transposed(HloBuilder b, Call c) {
    Convolution o = c.attribute(Convolution.class);
    Operands in = new Operands(c);
    HloInstruction x = in.next();
    HloInstruction weight = in.next();
    return new HloInstruction[] {
      Convolutions.transposed(
          b, x, weight, in.nextIf(c.operands().size() == 3), o.geometry(), o.outputPadding())
    };
  }
}
