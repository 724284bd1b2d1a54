package io.lazytensor.checkpoint;

import io.lazytensor.storage.Storage;
import io.lazytensor.storage.StorageException;
import io.lazytensor.storage.StorageException.Reason;
import io.lazytensor.storage.StorageWriter;
import io.lazytensor.storage.StoredObject;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Checkpoints of one run below one place: {@code step-0000001000/} with data and manifest. */
final class CheckpointFolders {
  private static final Pattern FOLDER = Pattern.compile("step-([0-9]{10,18})/.+");
  private static final String STEM = "checkpoint";

  private final Storage storage;

  CheckpointFolders(Storage storage) {
    this.storage = storage;
  }

  static String folder(long step) {
    return "step-%010d/".formatted(step);
  }

  private static String manifest(long step) {
    return folder(step) + Manifest.NAME;
  }

  /** Returns the objects of each step, complete or not. */
  private SortedMap<Long, List<StoredObject>> all() {
    return storage.list("step-").stream()
        .filter(object -> FOLDER.matcher(object.name()).matches())
        .collect(Collectors.groupingBy(CheckpointFolders::step, TreeMap::new, Collectors.toList()));
  }

  private static long step(StoredObject object) {
    Matcher name = FOLDER.matcher(object.name());
    return name.matches() ? Long.parseLong(name.group(1)) : -1;
  }

  private static boolean isComplete(long step, List<StoredObject> objects) {
    return objects.stream().anyMatch(object -> object.name().equals(manifest(step)));
  }

  /** Returns the steps that have a manifest, ascending. */
  List<Long> steps() {
    return all().entrySet().stream()
        .filter(entry -> isComplete(entry.getKey(), entry.getValue()))
        .map(java.util.Map.Entry::getKey)
        .toList();
  }

  // ---- writing ----------------------------------------------------------------------------------

  /** Writes data, then the manifest, which makes it count. Returns the bytes of the data. */
  long write(
      long step,
      TorchWriter tree,
      Function<CheckpointStorage, MemorySegment> content,
      Duration leftoverAge) {
    makeFree(step, leftoverAge);
    String name = freeName(step);
    String path = folder(step) + name;
    boolean complete = false;
    boolean stored = false;
    // The manifest's writer comes first: while it is open, nobody takes the data for a leftover.
    try (StorageWriter last = storage.createNew(manifest(step), Manifest.MAX_BYTES);
        StorageWriter data = storage.createNew(path, tree.expectedBytes())) {
      ChecksumChannel channel = new ChecksumChannel(data);
      tree.write(channel, STEM, content);
      data.commit();
      stored = true;
      Manifest.File file = new Manifest.File(name, channel.bytes(), channel.crc());
      last.write(ByteBuffer.wrap(new Manifest(step, List.of(file)).toJson()));
      last.commit();
      complete = true;
      return channel.bytes();
    } catch (StorageException e) {
      throw e.reason() == Reason.ALREADY_EXISTS ? second(step, e) : e;
    } catch (IOException e) {
      throw new CheckpointException("cannot write %s: %s".formatted(storage.describe(path), e), e);
    } finally {
      if (stored && !complete) {
        storage.delete(path);
      }
    }
  }

  private CheckpointException second(long step, StorageException cause) {
    return new CheckpointException(
        "another process has saved step %d in %s meanwhile: two runs write there"
            .formatted(step, storage),
        cause);
  }

  /** A damaged checkpoint of the step gives way; a good one does not. */
  private void makeFree(long step, Duration leftoverAge) {
    removeLeftovers(step, storage.list(folder(step)), leftoverAge);
    if (storage.size(manifest(step)).isEmpty()) {
      return;
    }
    try {
      read(step, true);
    } catch (CheckpointException damaged) {
      delete(step);
      return;
    }
    throw new CheckpointException("step %d is saved already in %s".formatted(step, storage));
  }

  /** A leftover that may not be one yet has the usual name. */
  private String freeName(long step) {
    Set<String> taken = new HashSet<>();
    storage.list(folder(step)).forEach(object -> taken.add(object.name()));
    for (int i = 1; ; i++) {
      String name = i == 1 ? STEM + ".pt" : STEM + "-" + i + ".pt";
      if (!taken.contains(folder(step) + name)) {
        return name;
      }
    }
  }

  // ---- reading ----------------------------------------------------------------------------------

  /**
   * Reads a checkpoint. What is not on a local disk is downloaded and mapped; the local file goes
   * with the mapping.
   *
   * @throws CheckpointException if it is damaged
   * @throws StorageException if the storage fails otherwise
   */
  CheckpointValue read(long step, boolean verify) {
    try {
      Manifest manifest = manifestOf(step);
      Manifest.File file = manifest.tree();
      if (manifest.step() != step) {
        throw new CheckpointException("its manifest is of step " + manifest.step());
      }
      String path = folder(step) + file.name();
      long size = storage.size(path).orElse(-1);
      if (size != file.bytes()) {
        throw new CheckpointException(
            size < 0
                ? "%s is missing".formatted(storage.describe(path))
                : "%s has %,d bytes; its manifest says %,d"
                    .formatted(storage.describe(path), size, file.bytes()));
      }
      Optional<Path> local = storage.localFile(path);
      return local.isPresent()
          ? parse(local.get(), path, file, verify)
          : download(path, file, verify);
    } catch (StorageException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        throw new CheckpointException(e.getMessage(), e);
      }
      throw e;
    }
  }

  private Manifest manifestOf(long step) {
    long size = storage.size(manifest(step)).orElse(-1);
    if (size < 0 || size > Manifest.MAX_BYTES) {
      throw new CheckpointException(
          size < 0
              ? "there is no %s".formatted(storage.describe(manifest(step)))
              : "%s has %,d bytes".formatted(storage.describe(manifest(step)), size));
    }
    byte[] json = storage.read(manifest(step));
    try {
      return Manifest.read(json);
    } catch (CheckpointException e) {
      throw new CheckpointException(storage.describe(manifest(step)) + ": " + e.getMessage(), e);
    }
  }

  /**
   * @param copy the local file with the content of an object
   */
  private CheckpointValue parse(Path copy, String path, Manifest.File file, boolean verify) {
    if (verify) {
      verify(copy, path, file);
    }
    return Checkpoints.load(copy);
  }

  private void verify(Path copy, String path, Manifest.File file) {
    try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      long crc = ChecksumChannel.crcOf(bytes);
      if (bytes.byteSize() != file.bytes() || crc != file.crc()) {
        throw new CheckpointException(
            "%s is damaged: its CRC-32C is %08x; its manifest says %08x"
                .formatted(storage.describe(path), crc, file.crc()));
      }
    } catch (IOException | InternalError e) {
      throw new CheckpointException("cannot read %s: %s".formatted(copy, e), e);
    }
  }

  private CheckpointValue download(String path, Manifest.File file, boolean verify) {
    try {
      Path folder = Files.createTempDirectory(STEM);
      Path copy = folder.resolve(file.name());
      try {
        storage.download(path, copy);
        return parse(copy, path, file, verify);
      } finally {
        Files.deleteIfExists(copy);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new CheckpointException(
          "cannot make a local copy of %s: %s".formatted(storage.describe(path), e), e);
    }
  }

  // ---- deleting ---------------------------------------------------------------------------------

  /** Deletes a checkpoint: its manifest first, so that half of one never counts. */
  void delete(long step) {
    storage.delete(manifest(step));
    storage.list(folder(step)).forEach(object -> storage.delete(object.name()));
  }

  /** Removes what saves that died have left. */
  void removeLeftovers(Duration age) {
    storage.sweep("step-", age);
    all().forEach((step, objects) -> removeLeftovers(step, objects, age));
  }

  /**
   * The order matters: a manifest is there before its hidden file is gone, so a writer that was
   * alive at the look into the folder is seen by the sweep or by the second look.
   */
  private void removeLeftovers(long step, List<StoredObject> objects, Duration age) {
    Instant before = Instant.now().minus(age);
    boolean dead =
        !objects.isEmpty()
            && !isComplete(step, objects)
            && !storage.sweep(folder(step), age)
            && objects.stream().noneMatch(object -> object.modified().isAfter(before))
            && storage.size(manifest(step)).isEmpty();
    if (dead) {
      objects.forEach(object -> storage.delete(object.name()));
    }
  }
}
