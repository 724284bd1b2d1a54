package io.lazytensor.xla.ir;

/**
 * Padding of every dimension.
 *
 * @param low elements before the first; negative crops
 * @param high elements after the last; negative crops
 * @param interior elements between neighbours, never negative; applied before cropping
 */
public record PaddingConfig(Dims low, Dims high, Dims interior) {}
