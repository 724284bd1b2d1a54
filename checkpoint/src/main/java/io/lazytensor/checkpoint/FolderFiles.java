package io.lazytensor.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The files of one folder, by plain names. No name leads out of the folder, by itself or by a
 * symbolic link.
 */
final class FolderFiles {
  private static final int SHOWN = 20;
  private static final int MAX_NAME = 255;

  private final Path folder;
  private final Path real;
  private final Map<String, MemorySegment> mapped = new HashMap<>();

  private FolderFiles(Path folder, Path real) {
    this.folder = folder;
    this.real = real;
  }

  static FolderFiles of(Path folder) {
    try {
      return new FolderFiles(folder, folder.toRealPath());
    } catch (IOException e) {
      throw new CheckpointException("cannot open the folder %s: %s".formatted(folder, e), e);
    }
  }

  /** Returns the folder as it was named. */
  Path path() {
    return folder;
  }

  boolean has(String name) {
    return Files.exists(folder.resolve(name));
  }

  /** Returns the names in the folder, sorted. */
  List<String> names() {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    } catch (IOException e) {
      throw new CheckpointException("cannot list the folder %s: %s".formatted(folder, e), e);
    }
  }

  /** Returns a folder in this one. */
  FolderFiles folder(String name) {
    return new FolderFiles(folder.resolve(name), inside(name));
  }

  /** Returns a file of this folder in memory. */
  MemorySegment map(String name) {
    MemorySegment known = mapped.get(name);
    if (known != null) {
      return known;
    }
    Path file = inside(name);
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException("\"" + name + "\" is no file");
    }
    try {
      MemorySegment bytes = MappedFile.map(file);
      mapped.put(name, bytes);
      return bytes;
    } catch (IOException e) {
      throw new CheckpointException("cannot read \"%s\": %s".formatted(name, e), e);
    }
  }

  /** Returns a file of this folder as a path, without symbolic links. */
  Path inside(String name) {
    requirePlain(name);
    Path found;
    try {
      found = folder.resolve(name).toRealPath();
    } catch (IOException e) {
      throw new CheckpointException("there is no file \"" + name + "\"", e);
    }
    if (!found.startsWith(real)) {
      throw new CheckpointException(
          ("\"%s\" is a symbolic link out of the folder, which is not followed. Copy the folder"
                  + " with its files in place of links (cp -RL)")
              .formatted(name));
    }
    return found;
  }

  /** Refuses what is no name of a file right in the folder, on any operating system. */
  static void requirePlain(String name) {
    boolean plain =
        !name.isEmpty()
            && name.length() <= MAX_NAME
            && !name.equals(".")
            && !name.equals("..")
            && name.chars().noneMatch(c -> c < ' ' || c == '/' || c == '\\' || c == ':');
    if (!plain) {
      throw new CheckpointException(
          "\"%s\" is no plain name of a file in the folder".formatted(abridged(name)));
    }
  }

  private static String abridged(String name) {
    return name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME) + "…";
  }

  /** Reads something of a file; what is wrong with it is told with the file's name. */
  <T> T read(String name, Function<MemorySegment, T> reader) {
    try {
      return reader.apply(map(name));
    } catch (CheckpointException e) {
      String message = String.valueOf(e.getMessage());
      throw message.contains("\"" + name + "\"")
          ? e
          : new CheckpointException(name + ": " + message, e);
    }
  }

  /** Returns names for a message: the first ones, and how many more. */
  static String listed(List<String> names) {
    String first = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
    return names.size() <= SHOWN ? first : first + " and " + (names.size() - SHOWN) + " more";
  }
}
