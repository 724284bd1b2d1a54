/** HLO text. */
@NullMarked
package io.lazytensor.xla.text;

import org.jspecify.annotations.NullMarked;
