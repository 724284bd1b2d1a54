/** How fast checkpoints are saved and read, beside PyTorch and safetensors. */
@NullMarked
package io.lazytensor.benchmarks.checkpoint;

import org.jspecify.annotations.NullMarked;
