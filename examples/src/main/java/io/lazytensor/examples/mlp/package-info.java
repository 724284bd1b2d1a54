/** Fashion-MNIST with a multi-layer perceptron. */
@NullMarked
package io.lazytensor.examples.mlp;

import org.jspecify.annotations.NullMarked;
