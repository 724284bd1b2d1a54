package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.Shape;

/**
 * A value in MLIR.
 *
 * @param name with its percent sign
 * @param shape of an array or a token
 */
record StableHloValue(String name, Shape shape) {}
