package io.lazytensor.examples.goldens;

import static io.lazytensor.examples.goldens.LayerGoldenTest.unary;

import io.lazytensor.nn.AdaptiveAvgPool1d;
import io.lazytensor.nn.AdaptiveAvgPool2d;
import io.lazytensor.nn.AdaptiveMaxPool1d;
import io.lazytensor.nn.AdaptiveMaxPool2d;
import io.lazytensor.nn.AvgPool1d;
import io.lazytensor.nn.AvgPool2d;
import io.lazytensor.nn.Conv1d;
import io.lazytensor.nn.Conv2d;
import io.lazytensor.nn.ConvOptions;
import io.lazytensor.nn.ConvTranspose1d;
import io.lazytensor.nn.ConvTranspose2d;
import io.lazytensor.nn.MaxPool1d;
import io.lazytensor.nn.MaxPool2d;
import io.lazytensor.nn.PoolOptions;

/** Convolutions and pooling among the cases of {@link LayerGoldenTest}. */
final class WindowCases {
  private WindowCases() {}

  static void add(GoldenTable t) {
    convolutions(t);
    maxima(t);
    means(t);
  }

  private static ConvOptions kernel(int... sizes) {
    return ConvOptions.kernel(sizes);
  }

  private static void convolutions(GoldenTable t) {
    unary(t, "Conv1d", () -> Conv1d.of(3, 4, 3));
    unary(
        t,
        "Conv1dAll",
        () -> Conv1d.of(4, 6, kernel(3).stride(2).padding(2).dilation(2).groups(2)));
    unary(t, "Conv1dSame", () -> Conv1d.of(2, 3, kernel(4).paddingSame().dilation(2)));
    unary(t, "Conv1dSingle", () -> Conv1d.of(2, 3, kernel(2).withoutBias()));
    unary(t, "Conv2d", () -> Conv2d.of(3, 4, 3));
    unary(t, "Conv2dStride", () -> Conv2d.of(2, 3, kernel(3, 2).stride(2, 3).padding(1, 0)));
    unary(t, "Conv2dLeftOver", () -> Conv2d.of(2, 3, kernel(2).stride(3)));
    unary(t, "Conv2dDilation", () -> Conv2d.of(2, 3, kernel(3).dilation(2, 1).padding(1)));
    unary(t, "Conv2dGroups", () -> Conv2d.of(4, 6, kernel(3).groups(2).padding(1)));
    unary(t, "Conv2dDepthwise", () -> Conv2d.of(3, 6, kernel(3).groups(3).withoutBias()));
    unary(t, "Conv2dSame", () -> Conv2d.of(2, 2, kernel(2, 3).paddingSame()));
    unary(t, "ConvTranspose1d", () -> ConvTranspose1d.of(3, 2, kernel(3).stride(2)));
    unary(
        t,
        "ConvTranspose2d",
        () -> ConvTranspose2d.of(4, 6, kernel(3).stride(2).padding(1).outputPadding(1).groups(2)));
    unary(
        t,
        "ConvTranspose2dDilation",
        () -> ConvTranspose2d.of(2, 3, kernel(2).dilation(2).withoutBias()));
  }

  private static PoolOptions pool(int... sizes) {
    return PoolOptions.kernel(sizes);
  }

  private static void maxima(GoldenTable t) {
    unary(t, "MaxPool1d", () -> MaxPool1d.of(2));
    unary(t, "MaxPool1dAll", () -> new MaxPool1d(pool(3).stride(2).padding(1).withCeilMode()));
    unary(t, "MaxPool2d", () -> MaxPool2d.of(2));
    unary(t, "MaxPool2dOverlap", () -> new MaxPool2d(pool(3).stride(1).padding(1)));
    unary(t, "MaxPool2dTies", () -> new MaxPool2d(pool(2).stride(1)));
    unary(t, "MaxPool2dDilation", () -> new MaxPool2d(pool(2, 3).stride(2).padding(1).dilation(2)));
    unary(t, "MaxPool2dCeil", () -> new MaxPool2d(pool(2).stride(3).withCeilMode()));
    unary(t, "AdaptiveMaxPool1d", () -> AdaptiveMaxPool1d.of(3));
    unary(t, "AdaptiveMaxPool2d", () -> AdaptiveMaxPool2d.of(2, 3));
  }

  private static void means(GoldenTable t) {
    unary(t, "AvgPool1d", () -> AvgPool1d.of(3));
    unary(
        t,
        "AvgPool1dPadded",
        () -> new AvgPool1d(pool(3).stride(2).padding(1).withoutPaddingCount()));
    unary(t, "AvgPool1dCeil", () -> new AvgPool1d(pool(3).stride(2).padding(1).withCeilMode()));
    unary(t, "AvgPool2d", () -> new AvgPool2d(pool(2, 3).stride(1, 2)));
    unary(
        t,
        "AvgPool2dAll",
        () -> new AvgPool2d(pool(3).stride(2).padding(1).withCeilMode().withoutPaddingCount()));
    unary(t, "AvgPool2dDivisor", () -> new AvgPool2d(pool(2).dividedBy(3)));
    unary(t, "AdaptiveAvgPool1d", () -> AdaptiveAvgPool1d.of(3));
    unary(t, "AdaptiveAvgPool2d", () -> AdaptiveAvgPool2d.of(2, 3));
    unary(t, "AdaptiveAvgPool2dKept", () -> AdaptiveAvgPool2d.of(-1, 1));
    unary(t, "AdaptiveAvgPool2dLarger", () -> AdaptiveAvgPool2d.of(5));
  }
}
