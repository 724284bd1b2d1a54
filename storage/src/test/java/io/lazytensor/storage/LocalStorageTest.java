package io.lazytensor.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.storage.StorageException.Reason;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalStorageTest {
  @TempDir Path folder;
  private Storage storage;

  @BeforeEach
  void open() {
    storage = Storage.at(folder);
  }

  private static byte[] text(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private void put(String name, String content) {
    try (StorageWriter writer = storage.create(name, content.length())) {
      writer.write(ByteBuffer.wrap(text(content)));
      writer.commit();
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).map(f -> folder.relativize(f).toString()).toList();
    }
  }

  private List<String> names(String prefix) {
    return storage.list(prefix).stream().map(StoredObject::name).toList();
  }

  @Test
  void anObjectIsReadAsItWasWritten() {
    put("a/b.txt", "hello world");
    assertArrayEquals(text("hello world"), storage.read("a/b.txt"));
    assertEquals(11, storage.size("a/b.txt").orElseThrow());
    byte[] part = new byte[5];
    storage.read("a/b.txt", 6, MemorySegment.ofArray(part));
    assertArrayEquals(text("world"), part);
    short[] pairs = new short[2];
    storage.read("a/b.txt", 6, MemorySegment.ofArray(pairs));
    assertEquals('w' + ('o' << 8), pairs[0]);
  }

  @Test
  void rangesBehindTheEndAreRefused() {
    put("a", "hello");
    StorageException refused =
        assertThrows(
            StorageException.class, () -> storage.read("a", 3, MemorySegment.ofArray(new byte[5])));
    assertTrue(refused.getMessage().contains("a ends at 5; bytes to 8"), refused.getMessage());
  }

  @Test
  void namesAreListedByPrefix() {
    put("b", "");
    put("a/2", "22");
    put("a/1", "1");
    put("ab", "");
    assertEquals(List.of("a/1", "a/2", "ab", "b"), names(""));
    assertEquals(List.of("a/1", "a/2", "ab"), names("a"));
    assertEquals(List.of("a/1", "a/2"), names("a/"));
    assertEquals(List.of(), names("nothing/"));
    assertEquals(2, storage.list("a/2").getFirst().size());
  }

  @Test
  void aFolderThatDoesNotExistYetIsEmpty() {
    Storage later = Storage.at(folder.resolve("later"));
    assertEquals(List.of(), later.list(""));
    assertTrue(later.size("a").isEmpty());
    assertTrue(later.createIfAbsent("a", new byte[1]));
    assertEquals(1, later.size("a").orElseThrow());
  }

  @Test
  void nothingIsSeenBeforeTheCommit() throws IOException {
    put("a", "old");
    try (StorageWriter writer = storage.create("a", 3)) {
      writer.write(ByteBuffer.wrap(text("new")));
      assertArrayEquals(text("old"), storage.read("a"));
      assertEquals(List.of("a"), names(""));
      writer.commit();
    }
    assertArrayEquals(text("new"), storage.read("a"));
    assertEquals(List.of("a"), files());
  }

  @Test
  void closingWithoutCommitLeavesWhatWasThere() throws IOException {
    put("a", "old");
    try (StorageWriter writer = storage.create("a", 3)) {
      writer.write(ByteBuffer.wrap(text("new")));
    }
    assertArrayEquals(text("old"), storage.read("a"));
    assertEquals(List.of("a"), files());
  }

  @Test
  void aFolderMadeForAnObjectThatIsGivenUpGoesWithIt() {
    storage.create("b/c/a", 3).close();
    assertFalse(Files.exists(folder.resolve("b")));
  }

  @Test
  void oneOfSeveralWritersIsFirst() throws IOException {
    for (int round = 0; round < 20; round++) {
      String name = "round-" + round;
      List<Integer> winners =
          IntStream.range(0, 8)
              .parallel()
              .filter(i -> storage.createIfAbsent(name, text("writer " + i)))
              .boxed()
              .toList();
      assertEquals(1, winners.size());
      assertArrayEquals(text("writer " + winners.getFirst()), storage.read(name));
    }
    assertEquals(20, files().size());
  }

  @Test
  void largeObjectsAreForcedWhileTheyAreWritten() {
    byte[] content = new byte[40 << 20];
    new Random(1).nextBytes(content);
    try (StorageWriter writer = storage.create("large", content.length)) {
      for (int at = 0; at < content.length; at += 8 << 20) {
        writer.write(ByteBuffer.wrap(content, at, 8 << 20));
      }
      writer.commit();
    }
    assertArrayEquals(content, storage.read("large"));
  }

  @Test
  void deletingTheLastObjectEndsTheFolder() {
    put("a/b/c", "1");
    put("a/d", "1");
    storage.delete("a/b/c");
    assertFalse(Files.exists(folder.resolve("a/b")));
    storage.delete("a/d");
    storage.delete("a/d");
    assertFalse(Files.exists(folder.resolve("a")));
    assertTrue(Files.exists(folder));
  }

  @Test
  void aFullDiskIsNamedAndHarmsNothing() throws IOException {
    put("a", "old");
    Storage full = new LocalStorage(folder, LocalStorageTest::fullAfter10);
    StorageException failure;
    try (StorageWriter writer = full.create("a", 1_234_567)) {
      writer.write(ByteBuffer.allocate(10));
      failure = assertThrows(StorageException.class, () -> writer.write(ByteBuffer.allocate(1)));
    }
    assertEquals(Reason.NO_SPACE, failure.reason());
    assertTrue(
        failure
            .getMessage()
            .matches(
                ".*/a: No space left on device. It needs about 1,234,567 bytes, and [0-9,]+"
                    + " are free. Make room, or keep fewer files"),
        failure.getMessage());
    assertArrayEquals(text("old"), storage.read("a"));
    assertEquals(List.of("a"), files());
  }

  private static WritableByteChannel fullAfter10(WritableByteChannel disk) {
    return new WritableByteChannel() {
      private int left = 10;

      @Override
      public int write(ByteBuffer bytes) throws IOException {
        left -= bytes.remaining();
        if (left < 0) {
          throw new IOException("No space left on device");
        }
        return disk.write(bytes);
      }

      @Override
      public boolean isOpen() {
        return disk.isOpen();
      }

      @Override
      public void close() throws IOException {
        disk.close();
      }
    };
  }

  @Test
  void theLeftoversOfTheDeadAreSweptAndThoseOfTheLivingKept() throws IOException {
    Files.createDirectories(folder.resolve("dead"));
    Files.writeString(folder.resolve("dead/.x.0123456789abcdef.part"), "half");
    try (StorageWriter living = storage.create("living/y", 1)) {
      living.write(ByteBuffer.wrap(text("y")));
      assertFalse(storage.sweep("dead/", Duration.ZERO));
      assertFalse(Files.exists(folder.resolve("dead")));
      assertTrue(storage.sweep("", Duration.ZERO));
      living.commit();
    }
    assertEquals(List.of("living/y"), files());
  }

  @Test
  void youngLeftoversAreKept() throws IOException {
    Path part = folder.resolve(".x.0123456789abcdef.part");
    Files.writeString(part, "half");
    assertTrue(storage.sweep("", Duration.ofHours(1)));
    assertTrue(Files.exists(part));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "a/../b", "/a", "a//b", "a/", "a\\b", "a\nb", "./a"})
  void namesThatLeadElsewhereAreRefused(String name) {
    StorageException refused = assertThrows(StorageException.class, () -> storage.create(name, 1));
    assertEquals(Reason.INVALID, refused.reason());
  }

  @Test
  void whatIsMissingIsNamed() {
    StorageException refused = assertThrows(StorageException.class, () -> storage.read("no/a"));
    assertEquals(Reason.NOT_FOUND, refused.reason());
    assertTrue(refused.getMessage().contains(folder.resolve("no/a").toString()));
  }

  @Test
  void aFileWhereAFolderShouldBeIsNamed() throws IOException {
    Files.writeString(folder.resolve("file"), "");
    StorageException refused =
        assertThrows(StorageException.class, () -> storage.create("file/a", 1));
    assertTrue(refused.getMessage().endsWith("file is a file, no folder"), refused.getMessage());
    assertThrows(StorageException.class, () -> Storage.at(folder.resolve("file")).list(""));
  }

  @Test
  void aFolderIsReachedThroughALink() throws IOException {
    put("a", "1");
    Path link = folder.resolveSibling(folder.getFileName() + "-link");
    Files.createSymbolicLink(link, folder);
    try {
      assertEquals("a", Storage.at(link).list("").getFirst().name());
    } finally {
      Files.delete(link);
    }
  }

  @Test
  void eachRefusalOfTheSystemHasItsReason() {
    Path path = Path.of("x");
    assertEquals(
        Reason.READ_ONLY,
        LocalFailures.writing(
                path, 1, new java.nio.file.FileSystemException("x", null, "Read-only file system"))
            .reason());
    assertEquals(
        Reason.ACCESS_DENIED,
        LocalFailures.writing(path, 1, new java.nio.file.AccessDeniedException("x")).reason());
    assertEquals(
        Reason.NO_SPACE,
        LocalFailures.writing(
                path, 1, new java.nio.file.FileSystemException("x", null, "Disk quota exceeded"))
            .reason());
  }

  @Test
  void placesThatAreNoneAreRefused() {
    for (String place : List.of("http://x/y", "s3://", "s3:/a", "s3://a/../b", "file://host/x")) {
      StorageException refused =
          assertThrows(StorageException.class, () -> Storage.at(place), place);
      assertEquals(Reason.INVALID, refused.reason());
    }
  }

  @Test
  void aPlaceMayBeAFileUri() {
    put("a", "1");
    assertEquals(1, Storage.at(folder.toUri().toString()).size("a").orElseThrow());
  }
}
