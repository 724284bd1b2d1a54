/** Reads and writes PyTorch's checkpoints and safetensors in pure Java. */
module io.lazytensor.checkpoint {
  requires transitive io.lazytensor;
  requires transitive io.lazytensor.xla;
  requires transitive io.lazytensor.storage;
  requires transitive org.jspecify;
  requires jdk.jfr;
  requires org.slf4j;

  exports io.lazytensor.checkpoint;
}
