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
    Path name = path.getFileName();
    if (name == null) {
      throw new CheckpointException("\"" + path + "\" names no file");
    }
    Path folder = path.toAbsolutePath().getParent();
    Path part =
        path.resolveSibling(
            ".%s.%d-%d.part"
                .formatted(name, ProcessHandle.current().pid(), COUNTER.incrementAndGet()));
    try {
      try {
        try (FileChannel channel =
            FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          content.writeTo(channel);
          channel.force(true);
        }
        Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new CheckpointException(
          "cannot write %s: %s. What was there before is unchanged.".formatted(path, e), e);
    }
    if (folder != null) {
      forceFolder(folder);
    }
  }

  /** Makes the new name durable where the system can: Linux does, others refuse to open folders. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // The content is safe; only the moment of the renaming is up to the system.
    }
  }
}
