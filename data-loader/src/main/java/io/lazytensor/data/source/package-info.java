/** Records from arrays and files. */
@NullMarked
package io.lazytensor.data.source;

import org.jspecify.annotations.NullMarked;
