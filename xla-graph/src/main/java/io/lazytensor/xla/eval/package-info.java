/** The evaluator: slow, obvious, and the oracle for every backend. */
@NullMarked
package io.lazytensor.xla.eval;

import org.jspecify.annotations.NullMarked;
