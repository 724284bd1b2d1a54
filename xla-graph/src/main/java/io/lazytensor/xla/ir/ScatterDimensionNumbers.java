package io.lazytensor.xla.ir;

/**
 * How {@code scatter} writes windows into its operands.
 *
 * @param updateWindowDims update dimensions that run inside the window
 * @param insertedWindowDims operand dimensions of window size 1 that do not appear in the updates
 * @param inputBatchingDims operand dimensions that run along with the indices
 * @param scatterIndicesBatchingDims index dimensions paired with {@code inputBatchingDims}
 * @param scatterDimsToOperandDims the operand dimension each component of an index vector addresses
 * @param indexVectorDim the dimension of the indices that holds the vector; its rank if implicit
 */
public record ScatterDimensionNumbers(
    Dims updateWindowDims,
    Dims insertedWindowDims,
    Dims inputBatchingDims,
    Dims scatterIndicesBatchingDims,
    Dims scatterDimsToOperandDims,
    int indexVectorDim) {}
