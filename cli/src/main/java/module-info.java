/** The command line. */
module io.lazytensor.cli {
  requires io.lazytensor.checkpoint;
  requires io.lazytensor.xla;
  requires com.fasterxml.jackson.core;
  requires info.picocli;
  requires java.management;
  requires static org.jspecify;

  opens io.lazytensor.cli to
      info.picocli;
  opens io.lazytensor.cli.hlo to
      info.picocli;
  opens io.lazytensor.cli.plugin to
      info.picocli;
  opens io.lazytensor.cli.run to
      info.picocli;

  uses java.util.spi.ToolProvider;
}
