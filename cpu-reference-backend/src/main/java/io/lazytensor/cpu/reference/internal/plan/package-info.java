/** From an HLO module to a list of steps with places in memory. */
@NullMarked
package io.lazytensor.cpu.reference.internal.plan;

import org.jspecify.annotations.NullMarked;
