/** The commands of {@code bin/lazytensor}. */
@NullMarked
package io.lazytensor.cli;

import org.jspecify.annotations.NullMarked;
