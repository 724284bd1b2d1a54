/** Tensors, lazy recording, autograd, layers and optimizers. */
module io.lazytensor {
  requires transitive io.lazytensor.xla;
  requires transitive org.jspecify;
  requires org.slf4j;
  requires jdk.jfr;

  exports io.lazytensor;
  exports io.lazytensor.autograd;
  exports io.lazytensor.nn;
  exports io.lazytensor.nn.interaction;
  exports io.lazytensor.nn.transformer;
  exports io.lazytensor.observe;
  exports io.lazytensor.optim;
}
