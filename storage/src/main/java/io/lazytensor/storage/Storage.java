package io.lazytensor.storage;

import io.lazytensor.storage.StorageException.Reason;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A place for objects with names: a folder, or a bucket of S3 and a prefix in it. Objects are
 * written as a whole or not at all, so readers never meet a part of one.
 *
 * <p>Names are relative, such as {@code step-0000001000/manifest.json}. Folders exist as long as
 * something is in them. May be used by several threads.
 */
public interface Storage extends AutoCloseable {
  /** The most bytes {@link #read(String)} returns. */
  int MAX_WHOLE_READ = 64 << 20;

  /**
   * Opens a place: {@code s3://bucket/prefix}, a {@code file:} URI, or a path.
   *
   * <p>S3 takes region, credentials and endpoint from where the AWS SDK looks for them ({@code
   * AWS_REGION}, {@code AWS_PROFILE}, {@code AWS_ENDPOINT_URL_S3}, instance roles, …). Where the
   * endpoint is overridden, bucket names go into the path, and the region may be left out.
   *
   * @throws StorageException if it is no place, or the library for it is not there
   */
  static Storage at(String place) {
    if (place.startsWith("s3:")) {
      return S3Places.open(S3Place.parse(place));
    }
    if (place.startsWith("file:")) {
      try {
        return at(new URI(place));
      } catch (URISyntaxException e) {
        throw new StorageException(Reason.INVALID, "\"%s\" is no URI".formatted(place), e);
      }
    }
    if (place.matches("[A-Za-z][A-Za-z0-9+.-]+://.*")) {
      throw new StorageException(
          Reason.INVALID, "\"%s\" is no place: use s3://, file: or a path".formatted(place));
    }
    try {
      return at(Path.of(place));
    } catch (InvalidPathException e) {
      throw new StorageException(Reason.INVALID, "\"%s\" is no path".formatted(place), e);
    }
  }

  /** Opens a place by URI; see {@link #at(String)}. */
  static Storage at(URI place) {
    if (!"file".equals(place.getScheme())) {
      return at(place.toString());
    }
    try {
      return at(Path.of(place));
    } catch (IllegalArgumentException | FileSystemNotFoundException e) {
      throw new StorageException(Reason.INVALID, "\"%s\" is no local folder".formatted(place), e);
    }
  }

  /** Opens a folder. It is made when something is written. */
  static Storage at(Path folder) {
    return new LocalStorage(folder);
  }

  /** Returns the size of an object in bytes, if it exists. */
  OptionalLong size(String name);

  /**
   * Fills memory with the bytes of an object from an offset on.
   *
   * @throws StorageException if there are not so many
   */
  void read(String name, long offset, MemorySegment target);

  /**
   * Returns all bytes of a small object.
   *
   * @throws StorageException if it does not exist or has more than 64 MiB
   */
  default byte[] read(String name) {
    long size =
        size(name)
            .orElseThrow(
                () -> new StorageException(Reason.NOT_FOUND, "there is no " + describe(name)));
    if (size > MAX_WHOLE_READ) {
      throw new StorageException(
          Reason.INVALID,
          "%s has %d bytes; at most %d are read at once"
              .formatted(describe(name), size, MAX_WHOLE_READ));
    }
    byte[] bytes = new byte[(int) size];
    read(name, 0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /**
   * Returns the file that holds an object, to map it; empty if none does, and {@link #download} is
   * the way.
   */
  Optional<Path> localFile(String name);

  /** Copies an object into a new file. On failure there is no file. */
  void download(String name, Path file);

  /** Returns the objects whose names start with a prefix, by name. */
  List<StoredObject> list(String prefix);

  /**
   * Starts to write an object that replaces the one of that name.
   *
   * @param expected about how many bytes will follow: sizes the parts of an upload, and is named
   *     when the disk is full
   */
  StorageWriter create(String name, long expected);

  /**
   * Starts to write an object that must not exist when it is committed: of several writers one
   * succeeds.
   */
  StorageWriter createNew(String name, long expected);

  /** Writes an object unless it exists, and returns whether this call wrote it. */
  default boolean createIfAbsent(String name, byte[] content) {
    try (StorageWriter writer = createNew(name, content.length)) {
      writer.write(ByteBuffer.wrap(content));
      writer.commit();
      return true;
    } catch (StorageException e) {
      if (e.reason() == Reason.ALREADY_EXISTS) {
        return false;
      }
      throw e;
    }
  }

  /** Deletes an object; nothing happens if there is none. */
  void delete(String name);

  /**
   * Removes what writers that died have left below a prefix, which nobody but this call sees.
   *
   * <p>A folder's dead writers are known by their locks, which end with their process; those of S3
   * only by age.
   *
   * @param age how old it must be
   * @return whether somebody may still be writing there
   */
  boolean sweep(String prefix, Duration age);

  /** Returns an object's full name, for messages. */
  String describe(String name);

  @Override
  void close();
}
