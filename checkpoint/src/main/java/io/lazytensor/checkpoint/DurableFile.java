package io.lazytensor.checkpoint;

import io.lazytensor.storage.Storage;
import io.lazytensor.storage.StorageException;
import io.lazytensor.storage.StorageWriter;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Replaces a file in one step: its readers, and a process that starts after a crash, see the old
 * content or the new, never a part. The old file is never changed, since others may have it mapped.
 */
final class DurableFile {
  private DurableFile() {}

  /** Writes the content. */
  interface Content {
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  /**
   * @param expected about how many bytes will be written
   */
  static void replace(Path path, long expected, Content content) {
    Path name = path.getFileName();
    Path folder = path.toAbsolutePath().getParent();
    if (name == null || folder == null) {
      throw new CheckpointException("\"" + path + "\" names no file");
    }
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(
          "cannot write %s: there is no folder %s".formatted(path, folder));
    }
    try (Storage storage = Storage.at(folder);
        StorageWriter writer = storage.create(name.toString(), expected)) {
      content.writeTo(writer);
      writer.commit();
    } catch (StorageException | IOException e) {
      throw new CheckpointException(
          "%s. What was there before is unchanged".formatted(e.getMessage()), e);
    }
  }
}
