package io.lazytensor.xla.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executables in a folder, for the next process. They are code: the folder has to be this user's
 * alone (mode 0700). Entries are written atomically and carry a checksum; damaged ones are dropped,
 * with a warning. What was used least recently goes first when the folder grows beyond its bound.
 *
 * <p>Any number of processes may use one folder at a time.
 */
public final class PersistentCache {
  private static final Logger LOG = LoggerFactory.getLogger(PersistentCache.class);
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");
  private static final String SUFFIX = ".executable";
  private static final String TEMPORARY = ".tmp";
  private static final byte[] MAGIC = "LazyTensor executable 1\n".getBytes(StandardCharsets.UTF_8);
  private static final int HASH_BYTES = 32;

  /** 4 GiB. */
  public static final long DEFAULT_BYTES = 4L << 30;

  private final Path folder;
  private final long maxBytes;

  private PersistentCache(Path folder, long maxBytes) {
    this.folder = folder;
    this.maxBytes = maxBytes;
  }

  /** Returns the user's folder, {@code ${XDG_CACHE_HOME:-~/.cache}/lazytensor/executables}. */
  public static Path userFolder() {
    return UserCache.folder().resolve("executables");
  }

  /**
   * Opens a folder, and creates it if need be.
   *
   * @param maxBytes the most bytes to keep
   * @throws DeviceException if it cannot be used, or others than its owner can
   */
  public static PersistentCache open(Path folder, long maxBytes) {
    try {
      if (!Files.isDirectory(folder)) {
        create(folder);
      }
      requireTrusted(folder);
      return new PersistentCache(folder, maxBytes);
    } catch (IOException | UnsupportedOperationException e) {
      throw new DeviceException(
          "compiled graphs cannot be kept in "
              + folder
              + ": "
              + e
              + ". Give another folder in LAZYTENSOR_CACHE_DIR, or none: LAZYTENSOR_CACHE_DIR=off",
          e);
    }
  }

  private static void create(Path folder) throws IOException {
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  private static void requireTrusted(Path folder) throws IOException {
    Set<PosixFilePermission> others = EnumSet.noneOf(PosixFilePermission.class);
    others.addAll(Files.getPosixFilePermissions(folder));
    others.removeAll(OWNER_ONLY);
    if (!others.isEmpty()) {
      throw new DeviceException(
          "the folder %s holds code that will run, and others may use it (%s); run chmod 700 %s,"
                  .formatted(
                      folder,
                      PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)),
                      folder)
              + " after making sure that what is in it is yours, or give another folder in"
              + " LAZYTENSOR_CACHE_DIR");
    }
    // The owner of a new file is this process, whatever name the system has for it.
    Path probe = Files.createTempFile(folder, "owner", TEMPORARY);
    try {
      if (!Files.getOwner(probe).equals(Files.getOwner(folder))) {
        throw new DeviceException(
            "the folder %s holds code that will run, and belongs to %s; give a folder of your own in"
                    .formatted(folder, Files.getOwner(folder))
                + " LAZYTENSOR_CACHE_DIR");
      }
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  /** Returns the folder. */
  public Path folder() {
    return folder;
  }

  /**
   * Returns the key of an executable: a hash of everything it depends on.
   *
   * @param program the canonical bytes of the module
   * @param options how it is compiled
   * @param fingerprint {@link Backend#fingerprint}
   */
  public static String key(byte[] program, CompileOptions options, String fingerprint) {
    MessageDigest digest = sha256();
    for (byte[] part : List.of(program, utf8(options.toString()), utf8(fingerprint))) {
      digest.update(ByteBuffer.allocate(8).putLong(0, part.length));
      digest.update(part);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private Path file(String key) {
    return folder.resolve(key + SUFFIX);
  }

  /** Returns what was stored under a key; a damaged entry is dropped. */
  public Optional<byte[]> get(String key) {
    Path file = file(key);
    byte[] entry;
    try {
      if (Files.isSymbolicLink(file)) {
        drop(key, "it is a symbolic link");
        return Optional.empty();
      }
      entry = Files.readAllBytes(file);
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException | OutOfMemoryError e) {
      drop(key, "it cannot be read: " + e);
      return Optional.empty();
    }
    int head = MAGIC.length + HASH_BYTES;
    if (entry.length < head || !Arrays.equals(MAGIC, 0, MAGIC.length, entry, 0, MAGIC.length)) {
      drop(key, "it is none of ours");
      return Optional.empty();
    }
    MessageDigest digest = sha256();
    digest.update(entry, head, entry.length - head);
    if (!MessageDigest.isEqual(digest.digest(), Arrays.copyOfRange(entry, MAGIC.length, head))) {
      drop(key, "its content does not match its checksum");
      return Optional.empty();
    }
    touch(file);
    return Optional.of(Arrays.copyOfRange(entry, head, entry.length));
  }

  private static void touch(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException e) {
      LOG.debug("cannot touch {}", file, e);
    }
  }

  /** Removes an entry that turned out to be of no use, with a warning. */
  public void drop(String key, String why) {
    LOG.warn("dropped the compiled graph {}: {}; compiling again", file(key), why);
    try {
      Files.deleteIfExists(file(key));
    } catch (IOException e) {
      LOG.warn("cannot delete {}: {}", file(key), e.toString());
    }
  }

  /** Stores an executable. A failure costs the next process a compile, and is a warning only. */
  public void put(String key, byte[] executable) {
    if (executable.length + (long) MAGIC.length + HASH_BYTES > maxBytes) {
      LOG.warn("a compiled graph of {} bytes does not fit {}", executable.length, folder);
      return;
    }
    Path temporary = null;
    try {
      // Permissions of the owner only, as temporary files have.
      temporary = Files.createTempFile(folder, "entry", TEMPORARY);
      MessageDigest digest = sha256();
      try (var out = Files.newOutputStream(temporary)) {
        out.write(MAGIC);
        out.write(digest.digest(executable));
        out.write(executable);
      }
      Files.move(temporary, file(key), StandardCopyOption.ATOMIC_MOVE);
      evict();
    } catch (IOException e) {
      LOG.warn("cannot keep a compiled graph in {}: {}", folder, e.toString());
      delete(temporary);
    }
  }

  private record Entry(Path file, long bytes, FileTime used) {}

  private void evict() throws IOException {
    List<Entry> entries = new ArrayList<>();
    long total = 0;
    Instant old = Instant.now().minusSeconds(3600);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Entry entry;
        try {
          entry =
              new Entry(
                  file,
                  Files.size(file),
                  Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException _) {
          continue;
        }
        if (file.toString().endsWith(TEMPORARY) && entry.used.toInstant().isBefore(old)) {
          delete(file); // of a process that died while it wrote
        } else if (file.toString().endsWith(SUFFIX)) {
          entries.add(entry);
          total += entry.bytes;
        }
      }
    }
    entries.sort(Comparator.comparing(Entry::used));
    for (Entry entry : entries) {
      if (total <= maxBytes) {
        return;
      }
      LOG.info("removed {} to keep {} within {} bytes", entry.file, folder, maxBytes);
      delete(entry.file);
      total -= entry.bytes;
    }
  }

  private static void delete(@Nullable Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.warn("cannot delete {}: {}", file, e.toString());
    }
  }
}
