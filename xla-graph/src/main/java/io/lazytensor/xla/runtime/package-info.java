/** The interface between a graph and the device that runs it. */
@NullMarked
package io.lazytensor.xla.runtime;

import org.jspecify.annotations.NullMarked;
