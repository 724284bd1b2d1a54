/** Small pure passes from module to module. */
@NullMarked
package io.lazytensor.xla.pass;

import org.jspecify.annotations.NullMarked;
