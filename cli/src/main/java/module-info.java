/** The command line. */
module io.lazytensor.cli {
  requires io.lazytensor.checkpoint;
  requires io.lazytensor.xla;
  requires info.picocli;
  requires static org.jspecify;

  opens io.lazytensor.cli to
      info.picocli;

  uses java.util.spi.ToolProvider;
}
