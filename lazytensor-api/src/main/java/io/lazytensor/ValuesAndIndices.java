package io.lazytensor;

/**
 * Elements and where they were.
 *
 * @param values the elements
 * @param indices their places along a dimension, {@code s32}, of the same dimensions
 */
public record ValuesAndIndices(Tensor values, Tensor indices) {}
