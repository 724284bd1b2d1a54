package io.lazytensor.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Replaces a file in one step: its readers, and a process that starts after a crash, see the old
 * content or the new, never a part. The old file is never changed, since others may have it mapped.
 */
final class DurableFile {
  private static final AtomicLong COUNTER = new AtomicLong();

  private DurableFile() {}

  /** Writes the content. */
  interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  static void replace(Path path, Content content) {
    try {
      Path part = stage(path, content);
      try {
        publish(part, path);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw cannotWrite(path, e);
    }
    Path folder = path.toAbsolutePath().getParent();
    if (folder != null) {
      forceFolder(folder);
    }
  }

  static CheckpointException cannotWrite(Path path, IOException e) {
    return new CheckpointException(
        "cannot write %s: %s. What was there before is unchanged.".formatted(path, e), e);
  }

  /** Writes the content beside the file, down to the disk; returns where. */
  static Path stage(Path path, Content content) throws IOException {
    Path name = path.getFileName();
    if (name == null) {
      throw new CheckpointException("\"" + path + "\" names no file");
    }
    Path part =
        path.resolveSibling(
            ".%s.%d-%d.part"
                .formatted(name, ProcessHandle.current().pid(), COUNTER.incrementAndGet()));
    boolean whole = false;
    try (FileChannel channel =
        FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      content.writeTo(channel);
      channel.force(true);
      whole = true;
    } finally {
      if (!whole) {
        Files.deleteIfExists(part);
      }
    }
    return part;
  }

  /** Gives staged content its name. */
  static void publish(Path part, Path path) throws IOException {
    Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Makes the new name durable where the system can: Linux does, others refuse to open folders. */
  static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // The content is safe; only the moment of the renaming is up to the system.
    }
  }
}
