package io.lazytensor.storage;

import io.lazytensor.storage.StorageException.Reason;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Reads ranges of an object side by side into a mapped file: one connection is slow. */
final class Download {
  private static final long RANGE = 16L << 20;
  private static final int CONNECTIONS = 8;

  private final Storage storage;
  private final String name;
  private final long size;

  Download(Storage storage, String name, long size) {
    this.storage = storage;
    this.name = name;
    this.size = size;
  }

  void to(Path file) {
    boolean complete = false;
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        Arena arena = Arena.ofShared()) {
      if (size > 0) {
        ranges(channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena));
      }
      complete = true;
    } catch (IOException e) {
      throw LocalFailures.writing(file, size, e);
    } finally {
      if (!complete) {
        remove(file);
      }
    }
  }

  private void ranges(MemorySegment target) {
    List<Future<?>> ranges = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
      for (long at = 0; at < size; at += RANGE) {
        long start = at;
        MemorySegment range = target.asSlice(start, Math.min(RANGE, size - start));
        ranges.add(threads.submit(() -> storage.read(name, start, range)));
      }
      for (Future<?> range : ranges) {
        await(range, threads);
      }
    }
  }

  private void await(Future<?> range, ExecutorService threads) {
    try {
      range.get();
    } catch (ExecutionException e) {
      threads.shutdownNow();
      if (e.getCause() instanceof StorageException failure) {
        throw failure;
      }
      throw new StorageException(Reason.FAILED, "cannot read " + storage.describe(name), e);
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
      throw new StorageException(
          Reason.FAILED, "interrupted while reading " + storage.describe(name), e);
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // The failure that led here says more.
    }
  }
}
