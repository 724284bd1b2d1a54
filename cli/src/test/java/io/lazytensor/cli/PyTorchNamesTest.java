package io.lazytensor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PyTorchNamesTest {
  private static final Path PAGE = Path.of("..", "docs", "pytorch-names.md");
  private static final Path SOURCES =
      Path.of("..", "lazytensor-api", "src", "main", "java", "io", "lazytensor");

  @Test
  void pageIsWhatTheCodeSays() throws IOException {
    String page = PyTorchNames.of(SOURCES).markdown();
    if (Boolean.getBoolean("lazytensor.write")) {
      Files.writeString(PAGE, page);
    }
    assertEquals(
        Files.readString(PAGE),
        page,
        "docs/pytorch-names.md is out of date; write it with -Dlazytensor.write=true");
  }

  @Test
  void pyTorchHasTheNamesTheDocumentationSays() {
    assertEquals(List.of(), PyTorchNames.of(SOURCES).unknown());
  }

  @Test
  void namesThatDifferAndThoseThatDoNotAreFound() {
    String page = PyTorchNames.of(SOURCES).markdown();
    for (String row :
        List.of(
            "| `cat` | `F.concat` |",
            "| `masked_fill` | `x.maskedFill` |",
            "| `amax` | `x.max` |",
            "| `nn.Linear` | `Linear` |",
            "| `bitwise_right_shift` | `x.shiftRight` |",
            "| `kaiming_uniform_` | `Initializer.kaimingUniform` |")) {
      assertTrue(page.contains(row), row);
    }
  }
}
