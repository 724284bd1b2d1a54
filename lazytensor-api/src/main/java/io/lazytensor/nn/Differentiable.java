package io.lazytensor.nn;

import io.lazytensor.Tensor;
import java.util.List;
import java.util.function.Function;

/**
 * A function's output and what its gradient is.
 *
 * @param output the output
 * @param gradient gets the gradient of the output and returns that of each input
 */
public record Differentiable(Tensor output, Function<Tensor, List<Tensor>> gradient) {}
