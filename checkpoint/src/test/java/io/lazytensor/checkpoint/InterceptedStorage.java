package io.lazytensor.checkpoint;

import io.lazytensor.storage.Storage;
import io.lazytensor.storage.StorageException;
import io.lazytensor.storage.StorageWriter;
import io.lazytensor.storage.StoredObject;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A storage in whose writes a test has a say. */
abstract class InterceptedStorage implements Storage {
  private final Storage real;

  InterceptedStorage(Storage real) {
    this.real = real;
  }

  abstract void beforeWrite() throws IOException;

  private StorageWriter intercepted(StorageWriter writer) {
    return new StorageWriter() {
      @Override
      public int write(ByteBuffer bytes) {
        try {
          beforeWrite();
        } catch (IOException e) {
          throw new StorageException(
              StorageException.Reason.NO_SPACE, String.valueOf(e.getMessage()), e);
        }
        return writer.write(bytes);
      }

      @Override
      public void commit() {
        writer.commit();
      }

      @Override
      public boolean isOpen() {
        return writer.isOpen();
      }

      @Override
      public void close() {
        writer.close();
      }
    };
  }

  @Override
  public StorageWriter create(String name, long expected) {
    return intercepted(real.create(name, expected));
  }

  @Override
  public StorageWriter createNew(String name, long expected) {
    return intercepted(real.createNew(name, expected));
  }

  @Override
  public OptionalLong size(String name) {
    return real.size(name);
  }

  @Override
  public void read(String name, long offset, MemorySegment target) {
    real.read(name, offset, target);
  }

  @Override
  public Optional<Path> localFile(String name) {
    return real.localFile(name);
  }

  @Override
  public void download(String name, Path file) {
    real.download(name, file);
  }

  @Override
  public List<StoredObject> list(String prefix) {
    return real.list(prefix);
  }

  @Override
  public void delete(String name) {
    real.delete(name);
  }

  @Override
  public boolean sweep(String prefix, Duration age) {
    return real.sweep(prefix, age);
  }

  @Override
  public String describe(String name) {
    return real.describe(name);
  }

  @Override
  public void close() {
    real.close();
  }
}
