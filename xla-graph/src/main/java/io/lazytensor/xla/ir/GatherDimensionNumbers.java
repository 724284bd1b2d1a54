package io.lazytensor.xla.ir;

/**
 * How {@code gather} reads windows out of an operand.
 *
 * @param offsetDims result dimensions that run inside the window
 * @param collapsedSliceDims operand dimensions of window size 1 that do not appear in the result
 * @param operandBatchingDims operand dimensions that run along with the indices
 * @param startIndicesBatchingDims index dimensions paired with {@code operandBatchingDims}
 * @param startIndexMap the operand dimension each component of an index vector addresses
 * @param indexVectorDim the dimension of the indices that holds the vector; its rank if implicit
 */
public record GatherDimensionNumbers(
    Dims offsetDims,
    Dims collapsedSliceDims,
    Dims operandBatchingDims,
    Dims startIndicesBatchingDims,
    Dims startIndexMap,
    int indexVectorDim) {}
