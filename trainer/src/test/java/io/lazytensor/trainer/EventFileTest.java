package io.lazytensor.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes as TensorBoard's own writer makes them. */
class EventFileTest {
  @TempDir Path folder;

  /**
   * Made by {@code EventFileWriter} of tensorboard 2.21.0 with the events {@code Event(wall_time=1,
   * file_version="brain.Event:2")} and {@code Event(wall_time=2.5, step=300,
   * summary=Summary(value=[Value(tag="loss", simple_value=0.25)]))}.
   */
  private static final String GOLDEN =
      "1800000000000000a37f4b2209000000000000f03f1a0d627261696e2e4576656e743a3286bf577a"
          + "1b000000000000001a0d9e1309000000000000044010ac022a0d0a0b0a046c6f7373150000803e20"
          + "5d3896";

  @Test
  void scalarsAreTensorBoardsBytes() throws IOException {
    try (EventFile events = new EventFile(folder, 1)) {
      events.scalars(2.5, 300, Map.of("loss", 0.25));
    }
    byte[] written =
        Files.readAllBytes(folder.resolve("events.out.tfevents.0000000001.lazytensor"));
    assertArrayEquals(HexFormat.of().parseHex(GOLDEN), written);
  }

  @Test
  void aFileThatExistsIsNotWrittenOver() throws IOException {
    new EventFile(folder, 7).close();
    assertThrows(IOException.class, () -> new EventFile(folder, 7));
  }
}
