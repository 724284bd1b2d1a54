/** What recording and training cost. */
@NullMarked
package io.lazytensor.benchmarks;

import org.jspecify.annotations.NullMarked;
