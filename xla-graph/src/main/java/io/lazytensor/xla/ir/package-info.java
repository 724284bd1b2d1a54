/**
 * The HLO intermediate representation: types, shapes, literals, operations, computations, modules.
 */
@NullMarked
package io.lazytensor.xla.ir;

import org.jspecify.annotations.NullMarked;
