/**
 * Interactions of features for ranking models: explicit ones, which multiply features, and implicit
 * ones, which learn what to make of them.
 */
@NullMarked
package io.lazytensor.nn.interaction;

import org.jspecify.annotations.NullMarked;
