/**
 * Data sets and loaders: batches of fixed shapes, in a fixed order, ready when a step needs them.
 */
@NullMarked
package io.lazytensor.data;

import org.jspecify.annotations.NullMarked;
