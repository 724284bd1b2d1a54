/** The binding of the PJRT C API and the backend over it. */
@NullMarked
package io.lazytensor.pjrt.internal;

import org.jspecify.annotations.NullMarked;
