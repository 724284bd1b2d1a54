package io.lazytensor.cli;

import io.lazytensor.xla.ir.LazyTensorException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Turns what went wrong into one sentence for people. */
public final class Failures {
  private static final String TRACE = "lazytensor.trace";

  private Failures() {}

  /**
   * Returns what to tell the user. Failures the library foresees speak for themselves; of others
   * the place is named, never a class of Java's.
   */
  public static String message(Throwable failure) {
    return switch (failure) {
      case LazyTensorException e -> String.valueOf(e.getMessage());
      case NoSuchFileException e -> e.getFile() + " does not exist";
      case AccessDeniedException e -> e.getFile() + ": permission denied";
      case NotDirectoryException e -> e.getFile() + " is no folder";
      case FileSystemException e ->
          e.getFile() + ": " + (e.getReason() == null ? "cannot be used" : e.getReason());
      case IOException e -> e.getMessage() == null ? "input or output failed" : e.getMessage();
      case OutOfMemoryError _ ->
          "out of memory: the Java heap holds %d MiB; JAVA_OPTS=-Xmx4g raises it"
              .formatted(Runtime.getRuntime().maxMemory() >> 20);
      case StackOverflowError _ -> "too deeply nested" + place(failure);
      default ->
          "internal error%s; please report it (JAVA_OPTS=-D%s=true shows where it came from)"
              .formatted(place(failure), TRACE);
    };
  }

  /** Prints the stack trace of a failure nobody foresaw, if the user asked for it. */
  public static void trace(Throwable failure, PrintWriter err) {
    if (Boolean.getBoolean(TRACE) && !(failure instanceof LazyTensorException)) {
      failure.printStackTrace(err);
    }
  }

  private static String place(Throwable failure) {
    for (StackTraceElement frame : failure.getStackTrace()) {
      if (frame.getClassName().startsWith("io.lazytensor.")) {
        return " in " + frame.getFileName() + ", line " + frame.getLineNumber();
      }
    }
    return "";
  }
}
