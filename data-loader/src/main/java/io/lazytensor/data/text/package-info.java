/** Text as tokens. */
@NullMarked
package io.lazytensor.data.text;

import org.jspecify.annotations.NullMarked;
