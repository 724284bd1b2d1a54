package io.lazytensor.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Writes a hidden file beside the target, forces it to the disk, and renames it. The file that was
 * there before is never changed, since others may have it mapped.
 *
 * <p>The hidden file is locked, so that others can tell a live writer from one that died.
 */
final class LocalWriter implements StorageWriter {
  static final String PREFIX = ".";
  static final String SUFFIX = ".part";
  private static final int ATTEMPTS = 5;
  private static final SecureRandom RANDOM = new SecureRandom();

  /**
   * The files this process writes now. Their locks cannot be asked for: a system gives up a lock of
   * a process as soon as it closes any channel on that file.
   */
  private static final Set<Path> LIVE = ConcurrentHashMap.newKeySet();

  private final Path target;
  private final Path part;
  private final long expected;
  private final boolean replace;
  private final FileChannel channel;
  private final @Nullable FileLock lock;
  private final WritableByteChannel sink;
  private final EarlyForce force;
  private final Runnable abandoned;
  private long written;
  private boolean committed;

  /**
   * @param disk what the bytes pass through on their way
   * @param abandoned what tidies up when nothing was committed
   */
  LocalWriter(
      Path target,
      long expected,
      boolean replace,
      UnaryOperator<WritableByteChannel> disk,
      Runnable abandoned) {
    this.abandoned = abandoned;
    this.target = target;
    this.expected = expected;
    this.replace = replace;
    this.part =
        target.resolveSibling(
            // Process ids repeat: in a container each run may have the same.
            "%s%s.%016x%s".formatted(PREFIX, target.getFileName(), RANDOM.nextLong(), SUFFIX));
    LIVE.add(part);
    try {
      this.channel = open();
    } catch (IOException e) {
      LIVE.remove(part);
      throw LocalFailures.writing(target, expected, e);
    } catch (ReadOnlyFileSystemException e) {
      LIVE.remove(part);
      throw LocalFailures.readOnly(target, e);
    }
    this.lock = lock(channel);
    this.sink = disk.apply(channel);
    this.force = new EarlyForce(channel);
  }

  private FileChannel open() throws IOException {
    for (int attempt = 1; ; attempt++) {
      Path folder = part.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      try {
        return FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      } catch (NoSuchFileException e) {
        // Somebody deleted the folder's last file, and the folder with it, in between.
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) {
    try {
      return channel.tryLock();
    } catch (IOException e) {
      // A file system without locks: its leftovers are known by age alone.
      return null;
    }
  }

  @Override
  public int write(ByteBuffer bytes) {
    int count = bytes.remaining();
    try {
      while (bytes.hasRemaining()) {
        sink.write(bytes);
      }
    } catch (IOException e) {
      throw LocalFailures.writing(target, Math.max(expected, written + count), e);
    }
    written += count;
    force.written(written);
    return count;
  }

  @Override
  public void commit() {
    try {
      force.finish();
      channel.force(true);
      if (replace) {
        Files.move(
            part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } else {
        publishNew();
      }
    } catch (IOException e) {
      throw LocalFailures.writing(target, Math.max(expected, written), e);
    }
    committed = true;
    close();
    forceFolder();
  }

  /** A second name fails if it exists, which no renaming does. */
  private void publishNew() throws IOException {
    try {
      Files.createLink(target, part);
    } catch (UnsupportedOperationException e) {
      throw new IOException("its file system has no hard links, which tell who was first", e);
    }
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() {
    if (!channel.isOpen()) {
      return;
    }
    try {
      force.finish();
    } catch (IOException e) {
      // What is committed was forced, and the rest is given up.
    }
    try {
      if (!(committed && replace)) {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      if (!committed) {
        throw LocalFailures.deleting(part, e);
      }
    } finally {
      release();
      LIVE.remove(part);
    }
    if (!committed) {
      abandoned.run();
    }
  }

  /** Tells whether this process writes a hidden file now. */
  static boolean isLive(Path part) {
    return LIVE.contains(part);
  }

  private void release() {
    try (channel) {
      if (lock != null) {
        lock.release();
      }
    } catch (IOException e) {
      // An interrupted write has closed the channel, and given up the lock with it.
    }
  }

  /** Makes the new name durable where the system can: Linux does, others refuse to open folders. */
  private void forceFolder() {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null) {
      return;
    }
    try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
      names.force(true);
    } catch (IOException e) {
      // The content is safe; only the moment of the renaming is up to the system.
    }
  }
}
