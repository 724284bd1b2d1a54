package io.lazytensor.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Writes the files of a checkpoint folder so that a reader, and a process that starts after a
 * crash, finds the old checkpoint or the new, and never a mix.
 *
 * <p>All files are on disk under other names before the first gets its own. The file that tells of
 * the others, the entry, comes last. If new files take names of old ones, the old entry goes before
 * that; a crash right then leaves a folder that is refused as incomplete.
 */
final class StagedFolder implements AutoCloseable {
  private static final AtomicLong COUNTER = new AtomicLong();

  private final Path folder;
  private final SequencedMap<String, Path> parts = new LinkedHashMap<>();

  StagedFolder(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new CheckpointException("cannot make the folder %s: %s".formatted(folder, e), e);
    }
  }

  /** Writes a file to the disk, under another name as yet. */
  void stage(String name, DurableFile.Content content) {
    try {
      parts.put(name, stage(folder.resolve(name), content));
    } catch (IOException e) {
      throw new CheckpointException(
          "cannot write %s: %s. What was there before is unchanged."
              .formatted(folder.resolve(name), e),
          e);
    }
  }

  private static Path stage(Path path, DurableFile.Content content) throws IOException {
    Path part =
        path.resolveSibling(
            ".%s.%d-%d.part"
                .formatted(
                    path.getFileName(), ProcessHandle.current().pid(), COUNTER.incrementAndGet()));
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

  /** Makes new names durable where the system can: Linux does, others refuse to open folders. */
  private void forceFolder() {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // The content is safe; only the moment of the renaming is up to the system.
    }
  }

  /**
   * Gives the files their names, the one staged last at the end.
   *
   * @param entry the file by which readers find several files
   * @param stale which other files in the folder are of an older checkpoint
   */
  void publish(String entry, Predicate<String> stale) {
    try {
      String last = parts.lastEntry().getKey();
      boolean several = parts.size() > 1;
      boolean collision =
          parts.keySet().stream()
              .anyMatch(name -> !name.equals(last) && Files.exists(folder.resolve(name)));
      if (several && collision) {
        Files.deleteIfExists(folder.resolve(entry));
        forceFolder();
      }
      while (!parts.isEmpty()) {
        if (parts.size() == 1) {
          forceFolder();
        }
        var next = parts.firstEntry();
        Files.move(
            next.getValue(),
            folder.resolve(next.getKey()),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
        parts.remove(next.getKey());
      }
      forceFolder();
      remove(entry, stale);
    } catch (IOException e) {
      throw new CheckpointException("cannot write into %s: %s".formatted(folder, e), e);
    }
  }

  /** Removes what an older checkpoint left, its entry first. */
  private void remove(String entry, Predicate<String> stale) throws IOException {
    List<String> names = new ArrayList<>(FolderFiles.of(folder).names());
    names.removeIf(stale.negate());
    if (names.remove(entry)) {
      names.addFirst(entry);
    }
    for (String name : names) {
      Files.deleteIfExists(folder.resolve(name));
      forceFolder();
    }
  }

  /** Deletes what was not published. */
  @Override
  public void close() {
    for (Path part : parts.values()) {
      try {
        Files.deleteIfExists(part);
      } catch (IOException e) {
        // A leftover under a hidden name harms no reader; the reason to close early is being told.
      }
    }
  }
}
