package io.lazytensor.storage;

import io.lazytensor.storage.StorageException.Reason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;

/** Says in one sentence what a file system refuses. */
final class LocalFailures {
  private LocalFailures() {}

  static StorageException reading(Path path, IOException cause) {
    return of("read", path, cause);
  }

  static StorageException deleting(Path path, IOException cause) {
    return of("delete", path, cause);
  }

  /**
   * @param expected bytes that are to be written
   */
  static StorageException writing(Path path, long expected, IOException cause) {
    if (!isFull(cause)) {
      return of("write", path, cause);
    }
    return new StorageException(
        Reason.NO_SPACE,
        "cannot write %s: %s. It needs about %,d bytes, and %s are free. Make room, or keep fewer"
                .formatted(path, systemText(cause), expected, free(path))
            + " files",
        cause);
  }

  static StorageException readOnly(Path path, Throwable cause) {
    return new StorageException(
        Reason.READ_ONLY,
        "cannot write %s: its file system is mounted for reading only".formatted(path),
        cause);
  }

  private static StorageException of(String what, Path path, IOException cause) {
    String text = systemText(cause);
    String start = "cannot %s %s: ".formatted(what, path);
    return switch (cause) {
      case NoSuchFileException _ ->
          new StorageException(Reason.NOT_FOUND, start + "it does not exist", cause);
      case FileAlreadyExistsException e when !path.toString().equals(e.getFile()) ->
          new StorageException(
              Reason.INVALID, start + e.getFile() + " is a file, no folder", cause);
      case FileAlreadyExistsException _ ->
          new StorageException(Reason.ALREADY_EXISTS, start + "it exists already", cause);
      case AccessDeniedException _ ->
          new StorageException(
              Reason.ACCESS_DENIED,
              start + "the user may not. Check the permissions of the folder",
              cause);
      default ->
          text.contains("Read-only file system")
              ? readOnly(path, cause)
              : new StorageException(Reason.FAILED, start + text, cause);
    };
  }

  /** Java has no type for it; the texts are of Linux, macOS and Windows. */
  private static boolean isFull(IOException cause) {
    String text = systemText(cause);
    return text.contains("No space left on device")
        || text.contains("quota exceeded")
        || text.contains("File too large")
        || text.contains("not enough space on the disk");
  }

  private static String systemText(IOException cause) {
    String message = cause.getMessage();
    return message == null ? cause.toString() : message;
  }

  private static String free(Path path) {
    for (Path at = path.toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at)) {
        try {
          return "%,d".formatted(Files.getFileStore(at).getUsableSpace());
        } catch (IOException | ReadOnlyFileSystemException e) {
          return "an unknown number";
        }
      }
    }
    return "an unknown number";
  }
}
