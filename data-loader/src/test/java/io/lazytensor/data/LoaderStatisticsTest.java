package io.lazytensor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.data.Batches.Numbers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said about waiting. */
class LoaderStatisticsTest {
  @TempDir Path folder;

  /** Without workers the program waits for every batch, whatever the machine does. */
  @Test
  void everyWaitIsAnEventAndCounted() throws IOException {
    Path file = folder.resolve("stalls.jfr");
    LoaderStatistics statistics;
    try (Recording recording = new Recording()) {
      recording.enable(LoaderStallEvent.class).withoutThreshold();
      recording.start();
      try (DataLoader<Numbers> loader =
          Batches.loader(Batches.numbers(12)).batchSize(4).workers(0).build()) {
        assertEquals(3, Batches.epoch(loader).size());
        statistics = loader.statistics();
      }
      recording.dump(file);
    }
    List<RecordedEvent> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().equals("io.lazytensor.LoaderStall"))
            .filter(
                event -> event.getThread().getJavaThreadId() == Thread.currentThread().threadId())
            .toList();
    assertEquals(
        List.of(0L, 1L, 2L), events.stream().map(event -> event.getLong("batch")).toList());
    assertTrue(events.getFirst().getBoolean("first"));
    assertEquals(3, statistics.batches());
    assertEquals(12, statistics.rows());
    assertTrue(statistics.startNanos() > 0 && statistics.waitedNanos() > 0);
    assertTrue(statistics.stall() > 0 && statistics.stall() <= 1);
    assertTrue(statistics.toString().startsWith("loader: 3 batches, 12 records, waited "));
  }
}
