package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.storage.Storage;
import io.lazytensor.storage.StorageWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointManagerTest {
  private static final int FLOATS = 1000;

  @TempDir Path folder;

  private CheckpointManager.Builder builder() {
    return CheckpointManager.builder(folder).asynchronous(false);
  }

  private void save(long... steps) {
    try (CheckpointManager manager = builder().keepLast(100).build()) {
      for (long step : steps) {
        manager.save(step, Steps.tree(step, FLOATS));
      }
    }
  }

  private Path data(long step) {
    return folder.resolve(CheckpointFolders.folder(step) + "checkpoint.pt");
  }

  private Path manifest(long step) {
    return folder.resolve(CheckpointFolders.folder(step) + "manifest.json");
  }

  private SavedCheckpoint latest() {
    try (CheckpointManager manager = builder().build()) {
      SavedCheckpoint found = manager.latest().orElseThrow();
      Steps.check(found.step(), found.tree());
      return found;
    }
  }

  private List<Long> list() {
    try (CheckpointManager manager = builder().build()) {
      return manager.list();
    }
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String message(CheckpointException e) {
    return String.valueOf(e.getMessage());
  }

  @Test
  void nothingIsTheLatestOfNothing() {
    try (CheckpointManager manager = CheckpointManager.builder(folder.resolve("new")).build()) {
      assertTrue(manager.latest().isEmpty());
      assertEquals(List.of(), manager.list());
    }
  }

  @Test
  void aCheckpointIsATorchFileWithAManifest() throws IOException {
    save(1000);
    Steps.check(1000, Checkpoints.load(data(1000)));
    assertEquals(List.of(data(1000), manifest(1000)), files());
    String json = Files.readString(manifest(1000));
    assertTrue(
        json.matches(
            "\\{\"format\":1,\"step\":1000,\"files\":\\[\\{\"name\":\"checkpoint.pt\",\"bytes\":"
                + Files.size(data(1000))
                + ",\"crc32c\":\"[0-9a-f]{8}\"}]}\n"),
        json);
  }

  @Test
  void theNewestIsTheLatest() {
    save(2, 10, 300);
    assertEquals(300, latest().step());
    assertEquals(List.of(2L, 10L, 300L), list());
  }

  @Test
  void theNewestAndEveryKthAreKept() {
    try (CheckpointManager manager = builder().keepLast(2).keepEvery(1000).build()) {
      for (long step = 250; step <= 2500; step += 250) {
        manager.save(step, Steps.tree(step, FLOATS));
      }
      assertEquals(List.of(1000L, 2000L, 2250L, 2500L), manager.list());
    }
    assertEquals(8, files().size());
  }

  @Test
  void whatWasJustSavedStaysThoughLaterStepsAreThere() throws IOException {
    save(1000, 2000, 3000);
    Files.write(data(2000), new byte[1]);
    Files.write(data(3000), new byte[1]);
    assertEquals(1000, latest().step());
    try (CheckpointManager manager = builder().keepLast(1).build()) {
      manager.save(1500, Steps.tree(1500, FLOATS));
      assertEquals(1500, manager.latest().orElseThrow().step());
    }
  }

  @Test
  void aDamagedCheckpointIsPassedOver() throws IOException {
    save(1, 2, 3, 4, 5);
    byte[] flipped = Files.readAllBytes(data(5));
    flipped[flipped.length / 2] ^= 1;
    Files.write(data(5), flipped);
    assertEquals(4, latest().step());
    byte[] content = Files.readAllBytes(data(4));
    Files.write(data(4), java.util.Arrays.copyOf(content, content.length - 1));
    assertEquals(3, latest().step());
    Files.delete(data(3));
    assertEquals(2, latest().step());
    Files.writeString(manifest(2), "{\"format\":1,");
    assertEquals(1, latest().step());
  }

  @Test
  void whenAllAreDamagedEachIsNamed() throws IOException {
    save(1, 2, 3, 4);
    Files.delete(data(1));
    Files.writeString(manifest(2), "[]");
    Files.writeString(manifest(3), "{\"format\":2}");
    Files.writeString(
        manifest(4),
        "{\"format\":1,\"step\":4,\"files\":[{\"name\":\"../../x\",\"bytes\":1,"
            + "\"crc32c\":\"00000000\"}]}");
    try (CheckpointManager manager = builder().build()) {
      CheckpointException refused = assertThrows(CheckpointException.class, manager::latest);
      String message = message(refused);
      assertTrue(message.contains("step 1: " + data(1) + " is missing"), message);
      assertTrue(message.contains("step 2: " + manifest(2) + ": it is no object"), message);
      assertTrue(message.contains(manifest(3) + ": it has format 2; 1 is read"), message);
      assertTrue(message.contains(manifest(4) + ": it has a malformed file entry"), message);
    }
  }

  @Test
  void checksumsAreLeftOutOnRequest() throws IOException {
    save(1, 2);
    byte[] flipped = Files.readAllBytes(data(2));
    // In the middle of the weights, which the reader does not check by itself.
    flipped[flipped.length / 2] ^= 1;
    Files.write(data(2), flipped);
    try (CheckpointManager manager = builder().verifyOnRead(false).build()) {
      assertEquals(2, manager.latest().orElseThrow().step());
    }
  }

  @Test
  void aStepIsSavedOnceUnlessItIsDamaged() throws IOException {
    save(1, 2);
    byte[] before = Files.readAllBytes(data(2));
    try (CheckpointManager manager = builder().build()) {
      CheckpointException refused =
          assertThrows(CheckpointException.class, () -> manager.save(2, Steps.tree(2, 10)));
      assertTrue(message(refused).contains("step 2 is saved already"), message(refused));
      assertArrayEquals(before, Files.readAllBytes(data(2)));
      Files.write(data(2), new byte[1]);
      manager.save(2, Steps.tree(2, FLOATS));
    }
    assertEquals(2, latest().step());
    assertEquals(4, files().size());
  }

  @Test
  void whatChangesAfterAnAsynchronousSaveIsNotSaved() {
    float[] values = {1, 2, 3};
    CheckpointStorage storage =
        CheckpointStorage.of(TorchDType.FLOAT32, MemorySegment.ofArray(values));
    CheckpointDict tree =
        CheckpointDict.builder()
            .put("t", CheckpointTensor.of(TorchDType.FLOAT32, storage, 3))
            .build();
    try (CheckpointManager manager = CheckpointManager.builder(folder).build()) {
      manager.save(1, tree);
      values[0] = 100;
      manager.save(2, tree);
    }
    try (CheckpointManager manager = builder().build()) {
      assertEquals(1, first(manager.load(1)));
      assertEquals(100, first(manager.load(2)));
    }
  }

  private static float first(CheckpointValue tree) {
    return tree.asDict().get("t").asTensor().contiguous().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
  }

  @Test
  void tiedStoragesAreFetchedAndWrittenOnce() {
    AtomicInteger fetched = new AtomicInteger();
    CheckpointStorage storage =
        CheckpointStorage.of(
            TorchDType.FLOAT32,
            8,
            () -> {
              fetched.incrementAndGet();
              return MemorySegment.ofArray(new float[] {1, 2});
            });
    CheckpointTensor tensor = CheckpointTensor.of(TorchDType.FLOAT32, storage, 2);
    CheckpointDict tree = CheckpointDict.builder().put("in", tensor).put("out", tensor).build();
    try (CheckpointManager manager = CheckpointManager.builder(folder).build()) {
      manager.save(1, tree);
    }
    assertEquals(1, fetched.get());
    CheckpointDict read = Checkpoints.load(data(1)).asDict();
    assertSame(read.get("in").asTensor().storage(), read.get("out").asTensor().storage());
  }

  @Test
  void trainingGoesOnWhileACheckpointIsWritten() throws InterruptedException {
    CountDownLatch mayWrite = new CountDownLatch(1);
    Storage slow =
        new InterceptedStorage(Storage.at(folder)) {
          @Override
          void beforeWrite() {
            try {
              mayWrite.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    try (CheckpointManager manager = CheckpointManager.builder(slow).build()) {
      manager.save(1, Steps.tree(1, FLOATS));
      assertEquals(List.of(), manager.list());
      mayWrite.countDown();
      manager.await();
      assertEquals(List.of(1L), manager.list());
    }
  }

  private Storage failing() {
    return new InterceptedStorage(Storage.at(folder)) {
      private int writes;

      @Override
      void beforeWrite() throws IOException {
        if (++writes == 5) {
          throw new IOException("No space left on device");
        }
      }
    };
  }

  @Test
  void theNextSaveTellsThatTheOneBeforeFailed() {
    save(1);
    try (CheckpointManager manager = CheckpointManager.builder(failing()).build()) {
      manager.save(2, Steps.tree(2, FLOATS));
      CheckpointException told =
          assertThrows(CheckpointException.class, () -> manager.save(3, Steps.tree(3, FLOATS)));
      assertTrue(message(told).contains("No space left on device"), message(told));
      manager.save(3, Steps.tree(3, FLOATS));
    }
    assertEquals(List.of(1L, 3L), list());
    assertEquals(3, latest().step());
    assertEquals(4, files().size());
  }

  @Test
  void closingTellsThatTheLastSaveFailed() {
    save(1);
    CheckpointManager manager = CheckpointManager.builder(failing()).build();
    manager.save(2, Steps.tree(2, FLOATS));
    CheckpointException told = assertThrows(CheckpointException.class, manager::close);
    assertTrue(message(told).contains("No space left on device"), message(told));
    manager.close();
    assertThrows(CheckpointException.class, () -> manager.save(3, Steps.tree(3, FLOATS)));
    assertEquals(1, latest().step());
    assertEquals(2, files().size());
  }

  @Test
  void theRemainsOfADeadSaveGoWithTheNextOne() throws IOException {
    save(1);
    Files.createDirectories(data(2).getParent());
    Files.write(data(2), new byte[100]);
    Files.write(data(2).resolveSibling(".manifest.json.0123456789abcdef.part"), new byte[3]);
    assertEquals(1, latest().step());
    save(3);
    assertFalse(Files.exists(data(2).getParent()));
    assertEquals(4, files().size());
  }

  @Test
  void theRemainsOfADeadSaveOfTheSameStepGoFirst() throws IOException {
    Files.createDirectories(data(1).getParent());
    Files.write(data(1), new byte[100]);
    save(1);
    assertEquals(1, latest().step());
    assertEquals(List.of(data(1), manifest(1)), files());
  }

  @Test
  void aSaveUnderWayElsewhereIsLeftAlone() {
    save(1);
    Storage elsewhere = Storage.at(folder);
    String step = CheckpointFolders.folder(2);
    try (StorageWriter last = elsewhere.createNew(step + "manifest.json", 10)) {
      elsewhere.createIfAbsent(step + "checkpoint.pt", new byte[10]);
      save(3);
      assertTrue(Files.exists(data(2)));
      last.commit();
    }
    save(4);
    assertTrue(Files.exists(data(2)));
  }

  @Test
  void ofTwoRunsThatSaveTheSameStepOneSucceeds() {
    for (long round = 0; round < 10; round++) {
      long step = round;
      long successes =
          IntStream.range(0, 2)
              .parallel()
              .filter(i -> {
                try {
                  save(step);
                  return true;
                } catch (CheckpointException e) {
                  return false;
                }
              })
              .count();
      assertEquals(1, successes);
      assertEquals(step, latest().step());
    }
    assertEquals(20, files().size());
  }

  @Test
  void aSynchronousSaveFetchesOneStorageAfterTheOther() {
    StringBuilder order = new StringBuilder();
    CheckpointDict.Builder tree = CheckpointDict.builder();
    for (int i = 0; i < 3; i++) {
      int number = i;
      CheckpointStorage storage =
          CheckpointStorage.of(
              TorchDType.FLOAT32,
              4,
              () -> {
                order.append("fetch ").append(number).append(' ');
                return MemorySegment.ofArray(new float[] {number});
              });
      tree.put("t" + i, CheckpointTensor.of(TorchDType.FLOAT32, storage, 1));
    }
    Storage watched =
        new InterceptedStorage(Storage.at(folder)) {
          @Override
          void beforeWrite() {
            order.append('w');
          }
        };
    try (CheckpointManager manager =
        CheckpointManager.builder(watched).asynchronous(false).build()) {
      manager.save(1, tree.build());
    }
    assertTrue(order.toString().matches("w+fetch 0 w+fetch 1 w+fetch 2 w+"), order.toString());
  }

  @Test
  void wrongSettingsAreRefused() {
    assertThrows(CheckpointException.class, () -> builder().keepLast(0));
    assertThrows(CheckpointException.class, () -> builder().keepEvery(-1));
    assertThrows(CheckpointException.class, () -> CheckpointManager.builder("ftp://x"));
    try (CheckpointManager manager = builder().build()) {
      assertThrows(CheckpointException.class, () -> manager.save(-1, Steps.tree(1, 1)));
      assertThrows(CheckpointException.class, () -> manager.load(7));
    }
  }
}
