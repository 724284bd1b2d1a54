package io.lazytensor.cli.run;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;

/** Counts how cases ended. */
final class Tally {
  static final String UNSUPPORTED = "UNSUPPORTED";

  private final long started = System.nanoTime();
  private final PrintWriter out;
  private final boolean verbose;
  private int cases;
  private int ran;
  private int unsupported;

  Tally(PrintWriter out, boolean verbose) {
    this.out = out;
    this.verbose = verbose;
  }

  /** Counts a case by the first line of its error, which is empty if it ran. */
  void add(Path folder, String error) {
    cases++;
    if (error.isEmpty()) {
      ran++;
    } else if (error.startsWith(UNSUPPORTED)) {
      unsupported++;
    }
    if (verbose) {
      out.printf("%s: %s%n", folder.getFileName(), error.isEmpty() ? "ok" : error);
    }
  }

  /** Returns the closing line. */
  String result() {
    return String.format(
        Locale.ROOT,
        "result: cases=%d ran=%d unsupported=%d errors=%d seconds=%.1f",
        cases,
        ran,
        unsupported,
        cases - ran - unsupported,
        (System.nanoTime() - started) / 1e9);
  }
}
