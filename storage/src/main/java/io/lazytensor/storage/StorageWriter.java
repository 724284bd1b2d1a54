package io.lazytensor.storage;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * Writes one object from its first byte to its last. Nobody sees any of it before {@link #commit}
 * has returned, and nobody ever sees a part. Closing without a commit leaves no object.
 *
 * <p>Not for several threads at once.
 */
public interface StorageWriter extends WritableByteChannel {
  /**
   * Takes all bytes of a buffer.
   *
   * @throws StorageException if they cannot be written
   */
  @Override
  int write(ByteBuffer bytes);

  /**
   * Makes the object visible, durably.
   *
   * @throws StorageException if it cannot be; with {@link StorageException.Reason#ALREADY_EXISTS}
   *     if somebody else was first and nothing was to be replaced
   */
  void commit();

  /** Gives up what was not committed. */
  @Override
  void close();
}
