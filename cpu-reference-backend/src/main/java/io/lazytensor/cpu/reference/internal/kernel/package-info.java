/** What a step runs: libtorch calls, and loops where libtorch has no such semantics. */
@NullMarked
package io.lazytensor.cpu.reference.internal.kernel;

import org.jspecify.annotations.NullMarked;
