/** Complete training programs. */
module io.lazytensor.examples {
  requires io.lazytensor;
  requires io.lazytensor.checkpoint;
  requires io.lazytensor.data;
  requires info.picocli;
  requires io.lazytensor.trainer;
  requires static org.jspecify;

  opens io.lazytensor.examples.mlp to
      io.lazytensor,
      io.lazytensor.data,
      info.picocli;

  provides java.util.spi.ToolProvider with
      io.lazytensor.examples.mlp.TrainMlp;
}
