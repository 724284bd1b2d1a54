package io.lazytensor.storage;

import io.lazytensor.storage.StorageException.Reason;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/** A folder. */
final class LocalStorage implements Storage {
  private static final int CHUNK = 1 << 20;

  private final Path root;
  private final UnaryOperator<WritableByteChannel> disk;

  LocalStorage(Path root) {
    this(root, UnaryOperator.identity());
  }

  /** Creates one whose written bytes pass through something first. */
  LocalStorage(Path root, UnaryOperator<WritableByteChannel> disk) {
    this.root = root.toAbsolutePath().normalize();
    this.disk = disk;
  }

  private Path path(String name) {
    ObjectName.check(name);
    return root.resolve(name);
  }

  @Override
  public OptionalLong size(String name) {
    Path path = path(name);
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return attributes.isRegularFile() ? OptionalLong.of(attributes.size()) : OptionalLong.empty();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return OptionalLong.empty();
    } catch (IOException e) {
      throw LocalFailures.reading(path, e);
    }
  }

  @Override
  public void read(String name, long offset, MemorySegment target) {
    Path path = path(name);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(target.isNative() ? 0 : CHUNK);
      for (long at = 0; at < target.byteSize(); ) {
        int length = (int) Math.min(CHUNK, target.byteSize() - at);
        ByteBuffer chunk =
            target.isNative()
                ? target.asSlice(at, length).asByteBuffer()
                : buffer.clear().limit(length);
        int count = channel.read(chunk, offset + at);
        if (count < 0) {
          throw new StorageException(
              Reason.FAILED,
              "%s ends at %d; bytes to %d were asked for"
                  .formatted(path, offset + at, offset + target.byteSize()));
        }
        if (!target.isNative()) {
          MemorySegment.copy(MemorySegment.ofBuffer(buffer.flip()), 0, target, at, count);
        }
        at += count;
      }
    } catch (IOException e) {
      throw LocalFailures.reading(path, e);
    }
  }

  @Override
  public Optional<Path> localFile(String name) {
    return Optional.of(path(name));
  }

  @Override
  public void download(String name, Path file) {
    try {
      Files.copy(path(name), file);
    } catch (NoSuchFileException e) {
      throw LocalFailures.reading(path(name), e);
    } catch (IOException e) {
      throw LocalFailures.writing(file, size(name).orElse(0), e);
    }
  }

  @Override
  public List<StoredObject> list(String prefix) {
    List<StoredObject> found = new ArrayList<>();
    visit(
        prefix,
        (path, name, attributes) -> {
          if (!isPart(path)) {
            found.add(
                new StoredObject(
                    name, attributes.size(), attributes.lastModifiedTime().toInstant()));
          }
        });
    found.sort(Comparator.comparing(StoredObject::name));
    return found;
  }

  private static boolean isPart(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.startsWith(LocalWriter.PREFIX) && name.endsWith(LocalWriter.SUFFIX);
  }

  private interface FileVisitor {
    void visit(Path path, String name, BasicFileAttributes attributes) throws IOException;
  }

  /** Visits the files whose names start with a prefix. Files may come and go meanwhile. */
  private void visit(String prefix, FileVisitor visitor) {
    ObjectName.checkPrefix(prefix);
    int slash = prefix.lastIndexOf('/');
    Path start = slash < 0 ? root : root.resolve(prefix.substring(0, slash));
    if (Files.isRegularFile(start)) {
      throw new StorageException(Reason.INVALID, start + " is a file, no folder");
    }
    try {
      Files.walkFileTree(
          start,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              String name = name(file);
              if (attributes.isRegularFile() && name.startsWith(prefix)) {
                visitor.visit(file, name, attributes);
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              if (e instanceof NoSuchFileException || e instanceof FileSystemLoopException) {
                return FileVisitResult.CONTINUE;
              }
              throw e;
            }
          });
    } catch (IOException e) {
      throw LocalFailures.reading(start, e);
    }
  }

  private String name(Path file) {
    List<String> parts = new ArrayList<>();
    root.relativize(file).forEach(part -> parts.add(part.toString()));
    return String.join("/", parts);
  }

  @Override
  public StorageWriter create(String name, long expected) {
    return writer(path(name), expected, true);
  }

  @Override
  public StorageWriter createNew(String name, long expected) {
    return writer(path(name), expected, false);
  }

  private StorageWriter writer(Path path, long expected, boolean replace) {
    return new LocalWriter(path, expected, replace, disk, () -> deleteEmptyFolders(path));
  }

  @Override
  public void delete(String name) {
    Path path = path(name);
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw LocalFailures.deleting(path, e);
    }
    deleteEmptyFolders(path);
  }

  private void deleteEmptyFolders(Path path) {
    Path folder = path.getParent();
    while (folder != null && !folder.equals(root) && folder.startsWith(root)) {
      try {
        Files.deleteIfExists(folder);
      } catch (IOException e) {
        // Not empty, which is the usual end.
        return;
      }
      folder = folder.getParent();
    }
  }

  @Override
  public boolean sweep(String prefix, Duration age) {
    Instant before = Instant.now().minus(age);
    List<Path> dead = new ArrayList<>();
    boolean[] alive = {false};
    visit(
        prefix,
        (path, name, attributes) -> {
          if (isPart(path)) {
            boolean old = !attributes.lastModifiedTime().toInstant().isAfter(before);
            if (old && !LocalWriter.isLive(path) && removeUnlocked(path)) {
              dead.add(path);
            } else {
              alive[0] = true;
            }
          }
        });
    dead.forEach(this::deleteEmptyFolders);
    return alive[0];
  }

  private static boolean removeUnlocked(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      if (!lock(channel)) {
        return false;
      }
      Files.deleteIfExists(path);
      return true;
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  /** Closing the channel gives the lock up. */
  private static boolean lock(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (IOException e) {
      // Without locks nobody can be told to be dead.
      return false;
    }
  }

  @Override
  public String describe(String name) {
    return path(name).toString();
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return root.toString();
  }
}
