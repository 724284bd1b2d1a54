package io.lazytensor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.runtime.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SupportTableTest {
  private static final Path PAGE = Path.of("..", "docs", "support.md");

  @Test
  void pageIsWhatTheBackendsClaim() throws IOException {
    assertEquals(
        SupportTable.markdown(Backends.providers()),
        Files.readString(PAGE),
        "docs/support.md is out of date; write it with bin/lazytensor doctor --support");
  }

  @Test
  void readmeCountsTheOpcodes() throws IOException {
    String readme = Files.readString(Path.of("..", "README.md"));
    assertTrue(readme.contains("HLO: " + HloOpcode.values().length + " opcodes"));
  }

  @Test
  void everyBackendOfTheTreeIsThere() {
    String page = CommandRun.of("doctor", "--support").out();
    assertTrue(page.contains("| `dot` | yes | yes | yes |"), page);
    assertTrue(page.contains("| `c64` | yes | – |"), page);
  }
}
