/** Layers, functions, losses, initializers: PyTorch's names and defaults. */
@NullMarked
package io.lazytensor.nn;

import org.jspecify.annotations.NullMarked;
