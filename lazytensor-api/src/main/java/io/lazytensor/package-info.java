/** Devices, tensors, steps: what a training program is written with. */
@NullMarked
package io.lazytensor;

import org.jspecify.annotations.NullMarked;
