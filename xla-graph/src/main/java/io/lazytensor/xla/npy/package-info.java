/** Arrays in NumPy's {@code .npy} format. */
@NullMarked
package io.lazytensor.xla.npy;

import org.jspecify.annotations.NullMarked;
