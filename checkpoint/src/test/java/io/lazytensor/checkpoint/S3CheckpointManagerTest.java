package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.storage.Storage;
import io.lazytensor.storage.StorageWriter;
import io.lazytensor.storage.testing.S3Server;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a real server in another process. */
class S3CheckpointManagerTest {
  /** 12 MB: two parts. */
  private static final int FLOATS = 3_000_000;

  private String place;

  @BeforeEach
  void start() {
    place = S3Server.freshPlace();
  }

  @AfterEach
  void forget() {
    S3Server.forget();
  }

  private void save(long... steps) {
    try (CheckpointManager manager = CheckpointManager.builder(place).keepLast(2).build()) {
      for (long step : steps) {
        manager.save(step, Steps.tree(step, FLOATS));
      }
    }
  }

  private List<String> names() {
    try (Storage storage = Storage.at(place)) {
      return storage.list("").stream().map(object -> object.name()).toList();
    }
  }

  private long latest() {
    try (CheckpointManager manager = CheckpointManager.builder(place).build()) {
      SavedCheckpoint found = manager.latest().orElseThrow();
      Steps.check(found.step(), found.tree());
      return found.step();
    }
  }

  @Test
  void checkpointsAreKeptAndFound() {
    save(1, 2, 3);
    assertEquals(
        List.of(
            "step-0000000002/checkpoint.pt",
            "step-0000000002/manifest.json",
            "step-0000000003/checkpoint.pt",
            "step-0000000003/manifest.json"),
        names());
    assertEquals(3, latest());
  }

  @Test
  void aDamagedCheckpointIsPassedOver() {
    save(1, 2);
    try (Storage storage = Storage.at(place)) {
      byte[] bytes = storage.read("step-0000000002/checkpoint.pt");
      bytes[bytes.length / 2] ^= 1;
      try (StorageWriter writer = storage.create("step-0000000002/checkpoint.pt", bytes.length)) {
        writer.write(ByteBuffer.wrap(bytes));
        writer.commit();
      }
    }
    assertEquals(1, latest());
  }

  @Test
  void dataWithoutManifestDoesNotCountAndIsRemovedWithAge() {
    save(1);
    try (Storage storage = Storage.at(place)) {
      assertTrue(storage.createIfAbsent("step-0000000002/checkpoint.pt", new byte[10]));
    }
    assertEquals(1, latest());
    // It may be somebody's who writes the manifest just now, so the name is left to him.
    save(2);
    assertTrue(names().contains("step-0000000002/checkpoint-2.pt"), names().toString());
    assertEquals(2, latest());
    try (Storage storage = Storage.at(place)) {
      storage.createIfAbsent("step-0000000003/checkpoint.pt", new byte[10]);
    }
    try (CheckpointManager manager =
        CheckpointManager.builder(place).leftoverAge(Duration.ofMinutes(-5)).build()) {
      manager.save(4, Steps.tree(4, 10));
    }
    assertTrue(names().stream().noneMatch(name -> name.startsWith("step-0000000003")));
  }

  @Test
  void aStepOfAnotherRunIsNotReplaced() {
    save(1);
    try (CheckpointManager manager = CheckpointManager.builder(place).asynchronous(false).build()) {
      CheckpointException refused =
          assertThrows(CheckpointException.class, () -> manager.save(1, Steps.tree(1, 10)));
      assertTrue(String.valueOf(refused.getMessage()).contains(place), refused.getMessage());
    }
    assertEquals(1, latest());
  }
}
