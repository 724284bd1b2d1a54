/** From a cut graph to the device: compiling, the device's queue, buffers, counters. */
@NullMarked
package io.lazytensor.internal.run;

import org.jspecify.annotations.NullMarked;
