/** Native memory and its ledger. */
@NullMarked
package io.lazytensor.cpu.reference.internal.memory;

import org.jspecify.annotations.NullMarked;
