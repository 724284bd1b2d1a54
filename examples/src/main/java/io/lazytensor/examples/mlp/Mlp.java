package io.lazytensor.examples.mlp;

import io.lazytensor.Tensor;
import io.lazytensor.nn.F;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.Linear;

/** The perceptron 784-512-256-10 with ReLU. */
record Mlp(Linear fc1, Linear fc2, Linear fc3) implements Layer {
  static Mlp create() {
    return new Mlp(
        Linear.of(FashionMnist.PIXELS, 512),
        Linear.of(512, 256),
        Linear.of(256, FashionMnist.CLASSES));
  }

  /**
   * Computes class scores.
   *
   * @param x {@code [batch, 784]}
   * @return {@code [batch, 10]}
   */
  Tensor forward(Tensor x) {
    return fc3.forward(F.relu(fc2.forward(F.relu(fc1.forward(x)))));
  }
}
