/** Optimizers and learning rate schedules: PyTorch's formulas and defaults. */
@NullMarked
package io.lazytensor.optim;

import org.jspecify.annotations.NullMarked;
