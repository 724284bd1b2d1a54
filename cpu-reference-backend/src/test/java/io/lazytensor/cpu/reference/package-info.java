/** Tests of the reference backend. */
@NullMarked
package io.lazytensor.cpu.reference;

import org.jspecify.annotations.NullMarked;
