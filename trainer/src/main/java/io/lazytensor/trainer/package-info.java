/** A small training loop, and its parts for loops written by hand: metrics, report, progress. */
@NullMarked
package io.lazytensor.trainer;

import org.jspecify.annotations.NullMarked;
