/** Devices compared with each other: {@code bin/lazytensor benchmark backends}. */
@NullMarked
package io.lazytensor.benchmarks.backends;

import org.jspecify.annotations.NullMarked;
