package io.lazytensor.cli.run;

import io.lazytensor.cli.Failures;
import io.lazytensor.xla.ir.UnsupportedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Runs many cases in this process. Whatever happens in one, the next ones run; only a crash of the
 * process ends the batch, and leaves a note in the folder of the case that did it.
 */
final class CaseBatch {
  /** The note a case has while it runs, and keeps if the process ends. */
  static final String CRASHED =
      "crashed the process: it ended while this case ran on the device; nothing is known of the"
          + " result";

  private static final long STACK_BYTES = 256L << 20;

  /** What is done with a case. */
  interface Work {
    /**
     * Does it.
     *
     * @param wanted asked before results are written; a case given up on writes none
     */
    void run(CaseFolder folder, BooleanSupplier wanted) throws IOException;
  }

  private final Work work;
  private final boolean verifyOnly;
  private final int timeoutSeconds;
  private final PrintWriter err;
  private ExecutorService worker = newWorker();
  private boolean gaveUp;

  /**
   * Prepares a batch.
   *
   * @param work what is done with each
   * @param verifyOnly whether that is checking a module, with no results but a verdict
   * @param timeoutSeconds how long a case may take; 0 for no limit
   */
  CaseBatch(Work work, boolean verifyOnly, int timeoutSeconds, PrintWriter err) {
    this.work = work;
    this.verifyOnly = verifyOnly;
    this.timeoutSeconds = timeoutSeconds;
    this.err = err;
  }

  /** Runs the cases in order. */
  void run(List<Path> folders, Tally tally) {
    for (Path folder : folders) {
      tally.add(folder, run(new CaseFolder(folder)));
    }
    worker.shutdownNow();
  }

  /** Returns whether a case took too long; it may still run. */
  boolean gaveUp() {
    return gaveUp;
  }

  /** Runs a case, and returns the first line of its error; empty if there is none. */
  private String run(CaseFolder folder) {
    try {
      folder.clear();
      if (!verifyOnly) {
        folder.error(CRASHED);
      }
    } catch (IOException | RuntimeException e) {
      String message = Failures.message(e);
      err.println("error: " + message);
      return message;
    }
    String error = attempt(folder);
    try {
      if (!error.isEmpty()) {
        folder.error(error);
      } else if (verifyOnly) {
        folder.accepted();
      } else {
        folder.noError();
      }
    } catch (IOException e) {
      err.println("error: " + Failures.message(e));
      return Failures.message(e);
    }
    return error.lines().findFirst().orElse("");
  }

  /** Runs a case in the worker, and returns what went wrong; empty if nothing did. */
  private String attempt(CaseFolder folder) {
    AtomicBoolean givenUp = new AtomicBoolean();
    Future<String> done = worker.submit(() -> outcome(folder, givenUp));
    try {
      return timeoutSeconds == 0 ? done.get() : done.get(timeoutSeconds, TimeUnit.SECONDS);
    } catch (TimeoutException _) {
      givenUp.set(true);
      gaveUp = true;
      worker.shutdownNow();
      worker = newWorker();
      return "took longer than " + timeoutSeconds + " s; --timeout sets the limit";
    } catch (ExecutionException e) {
      return Failures.message(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  /** One bad case must not end the others, so this catches everything a case can throw. */
  private String outcome(CaseFolder folder, AtomicBoolean givenUp) {
    try {
      work.run(folder, () -> !givenUp.get());
      return "";
    } catch (UnsupportedException e) {
      return "UNSUPPORTED " + e.getMessage();
    } catch (Exception | StackOverflowError | OutOfMemoryError | LinkageError | AssertionError e) {
      Failures.trace(e, err);
      return Failures.message(e);
    }
  }

  private static ExecutorService newWorker() {
    return Executors.newSingleThreadExecutor(task -> {
      Thread thread = new Thread(null, task, "case", STACK_BYTES);
      thread.setDaemon(true);
      return thread;
    });
  }
}
