package io.lazytensor.xla.ir;

/**
 * What each dimension of a convolution's operands and result stands for.
 *
 * @param inputBatch batch dimension of the input
 * @param inputFeature feature dimension of the input
 * @param inputSpatial spatial dimensions of the input, in window order
 * @param kernelInputFeature input feature dimension of the kernel
 * @param kernelOutputFeature output feature dimension of the kernel
 * @param kernelSpatial spatial dimensions of the kernel, in window order
 * @param outputBatch batch dimension of the result
 * @param outputFeature feature dimension of the result
 * @param outputSpatial spatial dimensions of the result, in window order
 */
public record ConvolutionDimensionNumbers(
    int inputBatch,
    int inputFeature,
    Dims inputSpatial,
    int kernelInputFeature,
    int kernelOutputFeature,
    Dims kernelSpatial,
    int outputBatch,
    int outputFeature,
    Dims outputSpatial) {}
