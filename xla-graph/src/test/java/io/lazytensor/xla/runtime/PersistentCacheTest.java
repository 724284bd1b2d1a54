package io.lazytensor.xla.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PersistentCacheTest {
  private static final String KEY =
      PersistentCache.key(new byte[] {1}, CompileOptions.DEFAULT, "f");

  @TempDir Path root;

  private PersistentCache cache() {
    return PersistentCache.open(root.resolve("a/b"), PersistentCache.DEFAULT_BYTES);
  }

  private Path entry() throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("a/b"))) {
      return files.findFirst().orElseThrow();
    }
  }

  @Test
  void whatIsPutIsThereForTheNextProcess() {
    cache().put(KEY, new byte[] {5, 6, 7});
    assertArrayEquals(new byte[] {5, 6, 7}, cache().get(KEY).orElseThrow());
    assertTrue(cache().get(KEY.replace('a', 'b').replace('0', '1')).isEmpty());
  }

  @Test
  void keysDependOnModuleOptionsAndCompiler() {
    assertEquals(KEY, PersistentCache.key(new byte[] {1}, new CompileOptions(0), "f"));
    for (String other :
        List.of(
            PersistentCache.key(new byte[] {2}, CompileOptions.DEFAULT, "f"),
            PersistentCache.key(new byte[] {1}, new CompileOptions(1), "f"),
            PersistentCache.key(new byte[] {1}, CompileOptions.DEFAULT, "g"),
            PersistentCache.key(new byte[] {}, CompileOptions.DEFAULT, "f"))) {
      assertNotEquals(KEY, other);
    }
  }

  @Test
  void newFolderIsTheOwnersAlone() throws IOException {
    cache();
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("a/b"))));
    cache().put(KEY, new byte[] {1});
    assertEquals(
        "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(entry())));
  }

  @Test
  void folderOthersMayUseIsRefused() throws IOException {
    Path open = Files.createDirectory(root.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    DeviceException e = assertThrows(DeviceException.class, () -> PersistentCache.open(open, 100));
    assertTrue(e.toString().contains("chmod 700"), e.toString());
  }

  @Test
  void fileInTheFoldersPlaceIsRefused() throws IOException {
    Path file = Files.writeString(root.resolve("file"), "");
    assertThrows(DeviceException.class, () -> PersistentCache.open(file, 100));
    assertThrows(DeviceException.class, () -> PersistentCache.open(file.resolve("x"), 100));
  }

  @Test
  void anyDamagedByteDropsTheEntry() throws IOException {
    byte[] content = {1, 2, 3, 4};
    cache().put(KEY, content);
    byte[] whole = Files.readAllBytes(entry());
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 0x40;
      Path file = root.resolve("a/b").resolve(KEY + ".executable");
      Files.write(file, damaged);
      assertTrue(cache().get(KEY).isEmpty(), "byte " + i);
      assertFalse(Files.exists(file), "byte " + i);
    }
    for (int length = 0; length < whole.length; length++) {
      Path file = root.resolve("a/b").resolve(KEY + ".executable");
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertTrue(cache().get(KEY).isEmpty(), "length " + length);
      assertFalse(Files.exists(file));
    }
  }

  @Test
  void leastRecentlyUsedGoesFirstBeyondTheBound() throws IOException {
    PersistentCache cache = PersistentCache.open(root.resolve("small"), 1000);
    for (String key : List.of("a", "b", "c")) {
      cache.put(key, new byte[200]);
      long age = key.charAt(0) - 'd';
      Files.setLastModifiedTime(
          root.resolve("small").resolve(key + ".executable"),
          FileTime.fromMillis(System.currentTimeMillis() + age * 10_000));
    }
    assertTrue(cache.get("a").isPresent());
    cache.put("d", new byte[300]);
    assertTrue(cache.get("b").isEmpty());
    assertTrue(cache.get("a").isPresent());
    assertTrue(cache.get("c").isPresent());
    cache.put("e", new byte[2000]);
    assertTrue(cache.get("e").isEmpty());
  }

  @Test
  void leftoversOfKilledProcessesGoAfterAnHour() throws IOException {
    Path folder = cache().folder();
    Path old = Files.writeString(folder.resolve("entry1.tmp"), "x");
    Path fresh = Files.writeString(folder.resolve("entry2.tmp"), "x");
    Files.setLastModifiedTime(
        old, FileTime.fromMillis(System.currentTimeMillis() - 2 * 3600 * 1000));
    cache().put(KEY, new byte[] {1});
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(fresh));
  }

  @Test
  void environmentNamesFolderOrOffAndNothingElse() {
    assertEquals(new Environment.Cache.Usual(), Environment.of(Map.of()).cache());
    assertEquals(
        new Environment.Cache.Off(), Environment.of(Map.of("LAZYTENSOR_CACHE_DIR", "off")).cache());
    assertEquals(
        new Environment.Cache.Folder(Path.of("/x")),
        Environment.of(Map.of("LAZYTENSOR_CACHE_DIR", "/x", "PATH", "y")).cache());
    DeviceException e =
        assertThrows(
            DeviceException.class, () -> Environment.of(Map.of("LAZYTENSOR_CACHE_DIRECTORY", "x")));
    assertTrue(e.toString().contains("LAZYTENSOR_CACHE_DIRECTORY"), e.toString());
  }
}
