package io.lazytensor.xla.ir;

/**
 * One dimension of a window that moves over an array.
 *
 * @param size elements of the window
 * @param stride elements between two places of the window, at least 1
 * @param paddingLow elements before the first; negative crops
 * @param paddingHigh elements after the last; negative crops
 * @param baseDilation distance of the array's elements, at least 1; holes are padding
 * @param windowDilation distance of the window's elements, at least 1
 * @param reversal whether the window runs backwards
 */
public record WindowDimension(
    int size,
    int stride,
    int paddingLow,
    int paddingHigh,
    int baseDilation,
    int windowDilation,
    boolean reversal) {
  /** Makes a window without padding or dilation. */
  public static WindowDimension of(int size, int stride) {
    return new WindowDimension(size, stride, 0, 0, 1, 1, false);
  }
}
