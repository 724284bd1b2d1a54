/** Reads and writes PyTorch's checkpoints and safetensors in pure Java. */
module io.lazytensor.checkpoint {
  requires transitive io.lazytensor;
  requires transitive io.lazytensor.xla;
  requires transitive org.jspecify;

  exports io.lazytensor.checkpoint;
}
