/** Checkpoints of PyTorch and safetensors as trees of values; see {@link Checkpoints}. */
@NullMarked
package io.lazytensor.checkpoint;

import org.jspecify.annotations.NullMarked;
