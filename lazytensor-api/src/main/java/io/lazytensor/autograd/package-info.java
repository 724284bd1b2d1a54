/** Reverse-mode differentiation of recorded graphs. */
@NullMarked
package io.lazytensor.autograd;

import org.jspecify.annotations.NullMarked;
