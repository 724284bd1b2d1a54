/** Loading, native memory, buffers and executables. */
@NullMarked
package io.lazytensor.cpu.reference.internal;

import org.jspecify.annotations.NullMarked;
