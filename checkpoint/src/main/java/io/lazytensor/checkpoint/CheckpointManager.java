package io.lazytensor.checkpoint;

import io.lazytensor.storage.Storage;
import io.lazytensor.storage.StorageException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves a run's checkpoints one after the other, in a folder or below an {@code s3://} prefix, and
 * finds the newest good one.
 *
 * <p>A checkpoint is a folder {@code step-0000001000} with {@code checkpoint.pt}, which {@code
 * torch.load} reads, and {@code manifest.json} with its size and CRC-32C, which is written last: a
 * checkpoint without one is none. After a crash at any moment the newest or the one before it is
 * complete.
 *
 * <p>An asynchronous save copies the tree's data into host memory, in the caller's thread, and
 * writes it in another. That memory, as large as the checkpoint, is kept for the next save. A save
 * that is not asynchronous fetches one storage after the other.
 *
 * <p>One process writes, rank 0 of a parallel run. Nothing in a checkpoint depends on the number of
 * ranks: parameters and optimizer state are the same on all of them, and a position in the data
 * counts samples of the global batch.
 *
 * <p>Not for several threads at once.
 */
public final class CheckpointManager implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointManager.class);

  /** The step in the name of a folder has at most 18 digits. */
  private static final long MAX_STEP = 999_999_999_999_999_999L;

  private static final Duration REMOTE_AGE = Duration.ofHours(1);

  private final Storage storage;
  private final CheckpointFolders folders;
  private final Retention retention;
  private final boolean asynchronous;
  private final boolean verify;
  private final Duration leftoverAge;
  private final HostSnapshot snapshot = new HostSnapshot();
  private @Nullable FutureTask<?> pending;
  private boolean closed;

  private CheckpointManager(Builder builder) {
    this.storage = builder.storage;
    this.folders = new CheckpointFolders(storage);
    this.retention = new Retention(builder.keepLast, builder.keepEvery);
    this.asynchronous = builder.asynchronous;
    this.verify = builder.verify;
    // The locks of a folder tell who is alive; elsewhere only time does.
    boolean local = storage.localFile(Manifest.NAME).isPresent();
    Duration usual = local ? Duration.ZERO : REMOTE_AGE;
    this.leftoverAge = builder.leftoverAge == null ? usual : builder.leftoverAge;
  }

  /**
   * Starts a manager of the checkpoints in a place.
   *
   * @param place a folder, or {@code s3://bucket/prefix}; see {@link Storage#at(String)}
   * @throws CheckpointException if it is no place
   */
  public static Builder builder(String place) {
    return builder(wrapped(() -> Storage.at(place)));
  }

  /** Starts a manager of the checkpoints in a folder, which is made when something is saved. */
  public static Builder builder(Path folder) {
    return builder(Storage.at(folder));
  }

  /** Starts a manager of the checkpoints in a storage, which the manager will close. */
  public static Builder builder(Storage storage) {
    return new Builder(storage);
  }

  /** Settings of a manager. */
  public static final class Builder {
    private final Storage storage;
    private int keepLast = 3;
    private long keepEvery;
    private boolean asynchronous = true;
    private boolean verify = true;
    private @Nullable Duration leftoverAge;

    private Builder(Storage storage) {
      this.storage = storage;
    }

    /** Keeps so many of the newest checkpoints; 3 unless set. */
    public Builder keepLast(int count) {
      if (count < 1) {
        throw new CheckpointException("keepLast is " + count + "; at least 1 is kept");
      }
      keepLast = count;
      return this;
    }

    /** Keeps checkpoints whose step is a multiple of this for ever; 0, the default, for none. */
    public Builder keepEvery(long steps) {
      if (steps < 0) {
        throw new CheckpointException("keepEvery is " + steps + "; it is a number of steps");
      }
      keepEvery = steps;
      return this;
    }

    /** Writes in the background, which is the default, or before {@link #save} returns. */
    public Builder asynchronous(boolean value) {
      asynchronous = value;
      return this;
    }

    /** Compares checksums when a checkpoint is read; the default. Sizes are compared always. */
    public Builder verifyOnRead(boolean value) {
      verify = value;
      return this;
    }

    /**
     * Sets how old the remains of a save that died must be to be removed by a later one. By default
     * that is no time in a folder, where locks tell the dead from the living, and an hour on S3.
     */
    public Builder leftoverAge(Duration age) {
      leftoverAge = age;
      return this;
    }

    /** Creates the manager. */
    public CheckpointManager build() {
      return new CheckpointManager(this);
    }
  }

  private static <T> T wrapped(Supplier<T> action) {
    try {
      return action.get();
    } catch (StorageException e) {
      throw new CheckpointException(e.getMessage(), e);
    }
  }

  // ---- saving -----------------------------------------------------------------------------------

  /**
   * Saves a tree as the checkpoint of a step. Waits for the save before, so one is in flight at
   * most.
   *
   * @throws CheckpointException if the save before failed; unless asynchronous, if this one fails,
   *     for example since the step is saved already. Checkpoints that were there before stay
   */
  public void save(long step, CheckpointValue tree) {
    requireOpen();
    if (step < 0 || step > MAX_STEP) {
      throw new CheckpointException(
          "step %d cannot be saved: it is not from 0 to 10^18 - 1".formatted(step));
    }
    await();
    TorchWriter writer = new TorchWriter(tree, TorchFlavor.PYTHON);
    if (!asynchronous) {
      wrapped(() -> write(step, writer, CheckpointStorage::data));
      return;
    }
    snapshot.take(writer.storages());
    FutureTask<Long> task = new FutureTask<>(() -> write(step, writer, snapshot::of));
    pending = task;
    Thread.ofPlatform().daemon().name("checkpoint-" + step).start(task);
  }

  private long write(
      long step, TorchWriter writer, Function<CheckpointStorage, MemorySegment> content) {
    CheckpointEvent event = new CheckpointEvent();
    event.begin();
    long bytes = folders.write(step, writer, content, leftoverAge);
    event.step = step;
    event.bytes = bytes;
    event.asynchronous = asynchronous;
    event.commit();
    tidyUp(step);
    return bytes;
  }

  /** What fails here leaves too much, not too little, so the save has succeeded all the same. */
  private void tidyUp(long step) {
    try {
      retention.surplus(folders.steps(), step).forEach(folders::delete);
      folders.removeLeftovers(leftoverAge);
    } catch (StorageException e) {
      LOG.warn("old checkpoints in {} could not be removed: {}", storage, e.getMessage());
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new CheckpointException("this manager of checkpoints is closed");
    }
  }

  /**
   * Waits until the last save is complete.
   *
   * @throws CheckpointException if it failed, once; or if the wait is interrupted
   */
  public void await() {
    FutureTask<?> task = pending;
    if (task == null) {
      return;
    }
    try {
      task.get();
      pending = null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CheckpointException("interrupted while a checkpoint is saved; that goes on", e);
    } catch (ExecutionException e) {
      pending = null;
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new CheckpointException(
          "a checkpoint could not be saved: " + cause.getMessage(), cause);
    }
  }

  // ---- reading ----------------------------------------------------------------------------------

  /**
   * Returns the newest good checkpoint; empty if nothing was ever saved. One that is damaged is
   * passed over with a warning that says why.
   *
   * @throws CheckpointException if all are damaged, or the storage fails
   */
  public Optional<SavedCheckpoint> latest() {
    requireOpen();
    List<String> damages = new ArrayList<>();
    for (long step : list().reversed()) {
      try {
        return Optional.of(new SavedCheckpoint(step, folders.read(step, verify)));
      } catch (CheckpointException e) {
        LOG.warn(
            "the checkpoint of step {} in {} is passed over: {}", step, storage, e.getMessage());
        damages.add("step " + step + ": " + e.getMessage());
      } catch (StorageException e) {
        throw new CheckpointException(e.getMessage(), e);
      }
    }
    if (!damages.isEmpty()) {
      throw new CheckpointException(
          "no checkpoint in %s is good: %s".formatted(storage, String.join("; ", damages)));
    }
    return Optional.empty();
  }

  /**
   * Returns the checkpoint of a step.
   *
   * @throws CheckpointException if there is none, or it is damaged
   */
  public CheckpointValue load(long step) {
    requireOpen();
    return wrapped(() -> folders.read(step, verify));
  }

  /** Returns the steps of complete checkpoints, ascending. */
  public List<Long> list() {
    requireOpen();
    return wrapped(folders::steps);
  }

  /** Deletes the checkpoint of a step, if there is one. */
  public void delete(long step) {
    requireOpen();
    wrapped(() -> {
      folders.delete(step);
      return step;
    });
  }

  /**
   * Waits for the last save and gives memory and connections back.
   *
   * @throws CheckpointException if that save failed and nobody was told
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    try {
      await();
    } finally {
      if (pending == null) {
        closed = true;
        snapshot.close();
        storage.close();
      }
    }
  }

  @Override
  public String toString() {
    return "checkpoints in " + storage;
  }
}
