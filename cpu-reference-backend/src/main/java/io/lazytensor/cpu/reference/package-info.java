/** The reference CPU backend: libtorch, one prepared kernel for each HLO operation. */
@NullMarked
package io.lazytensor.cpu.reference;

import org.jspecify.annotations.NullMarked;
