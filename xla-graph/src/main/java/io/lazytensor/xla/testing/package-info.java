/**
 * What a backend is tested with: one small module of each operation, generated graphs, mutations,
 * and a comparison with the evaluator. Needs no test framework.
 */
@NullMarked
package io.lazytensor.xla.testing;

import org.jspecify.annotations.NullMarked;
