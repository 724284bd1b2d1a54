package io.lazytensor.xla.ir;

/**
 * Which dimensions a {@code dot} sums over and which it runs along. The result is batch dimensions,
 * then the free dimensions of the left, then those of the right operand.
 *
 * @param lhsContracting summed dimensions of the left operand
 * @param rhsContracting summed dimensions of the right operand, pairwise with the left
 * @param lhsBatch batch dimensions of the left operand
 * @param rhsBatch batch dimensions of the right operand, pairwise with the left
 */
public record DotDimensionNumbers(
    Dims lhsContracting, Dims rhsContracting, Dims lhsBatch, Dims rhsBatch) {}
