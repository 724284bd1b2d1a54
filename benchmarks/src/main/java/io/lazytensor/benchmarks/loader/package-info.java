/** How fast batches are made, beside PyTorch. */
@NullMarked
package io.lazytensor.benchmarks.loader;

import org.jspecify.annotations.NullMarked;
