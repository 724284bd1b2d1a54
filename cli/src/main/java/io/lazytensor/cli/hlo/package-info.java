/** Commands that read, check, convert, compare and run HLO modules. */
@NullMarked
package io.lazytensor.cli.hlo;

import org.jspecify.annotations.NullMarked;
