package io.lazytensor.storage;

import io.lazytensor.storage.StorageException.Reason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * Collects bytes into parts and uploads some of them at the same time while it takes more. What
 * fits into one part is put at once.
 *
 * <p>Source: "Amazon S3 multipart upload limits": parts of 5 MiB to 5 GiB, at most 10,000.
 */
final class S3Writer implements StorageWriter {
  static final long LEAST_PART = 8L << 20;
  private static final long MOST_PARTS = 9_000;
  private static final long MOST_BYTES = 5L << 40;
  private static final int BUFFERS = 4;

  private final S3Upload upload;
  private final int partSize;
  private final BlockingQueue<byte[]> free = new LinkedBlockingQueue<>();
  private final List<Future<CompletedPart>> parts = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private int buffers;
  private byte @Nullable [] buffer;
  private int filled;
  private @Nullable String id;
  private boolean open = true;

  S3Writer(S3Upload upload, long expected) {
    this.upload = upload;
    this.partSize = partSize(expected);
  }

  static int partSize(long expected) {
    if (expected > MOST_BYTES) {
      throw new StorageException(
          Reason.INVALID,
          "an object of S3 has at most %,d bytes; %,d are to be written"
              .formatted(MOST_BYTES, expected));
    }
    return (int) Math.max(LEAST_PART, Math.ceilDiv(expected, MOST_PARTS));
  }

  @Override
  public int write(ByteBuffer bytes) {
    requireOpen();
    int count = bytes.remaining();
    while (bytes.hasRemaining()) {
      if (buffer != null && filled == partSize) {
        send(buffer);
      }
      byte[] target = buffer();
      int length = Math.min(bytes.remaining(), partSize - filled);
      bytes.get(target, filled, length);
      filled += length;
    }
    return count;
  }

  private void requireOpen() {
    if (!open) {
      throw new StorageException(Reason.INVALID, "this writer is closed");
    }
  }

  private byte[] buffer() {
    if (buffer == null) {
      byte[] next = free.poll();
      if (next == null && buffers < BUFFERS) {
        buffers++;
        next = new byte[partSize];
      }
      buffer = next == null ? await() : next;
      filled = 0;
    }
    return buffer;
  }

  private byte[] await() {
    try {
      return free.take();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static StorageException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new StorageException(Reason.FAILED, "interrupted while uploading", e);
  }

  private void send(byte[] full) {
    requireNoFailure();
    String started = id == null ? upload.begin() : id;
    id = started;
    int number = parts.size() + 1;
    int count = filled;
    buffer = null;
    parts.add(
        threads.submit(() -> {
          try {
            return upload.part(started, number, full, count);
          } finally {
            free.add(full);
          }
        }));
  }

  /** A failed part ends the upload at the next one, not after the last. */
  private void requireNoFailure() {
    for (Future<CompletedPart> part : parts) {
      if (part.state() == Future.State.FAILED) {
        part(part);
      }
    }
  }

  private static CompletedPart part(Future<CompletedPart> part) {
    try {
      return part.get();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StorageException failure) {
        throw failure;
      }
      throw new StorageException(Reason.FAILED, "cannot upload: " + e.getCause(), e);
    }
  }

  @Override
  public void commit() {
    requireOpen();
    if (id == null) {
      upload.put(buffer(), filled);
    } else {
      if (buffer != null) {
        send(buffer);
      }
      upload.complete(id, parts.stream().map(S3Writer::part).toList());
    }
    id = null;
    close();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    if (!open) {
      return;
    }
    open = false;
    // A part that arrives after the abort would stay, and be paid for.
    threads.close();
    if (id != null) {
      upload.abort(id);
    }
  }
}
