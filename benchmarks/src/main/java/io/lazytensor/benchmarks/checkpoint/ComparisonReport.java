package io.lazytensor.benchmarks.checkpoint;

import java.io.PrintStream;
import java.util.Optional;

/** The figures as a table, and beside them what is wanted. */
final class ComparisonReport {
  static final String SAVE_TORCH = "save as torch does";
  static final String SAVE_SAFETENSORS = "save as safetensors";
  static final String WAIT = "save in the background: training waits";
  static final String TOUCH = "touch alone";
  static final String READ_TORCH = "open torch's format, touch";
  static final String READ_SAFETENSORS = "open safetensors, touch";
  static final String INDEX = "open";

  private static final long MEGABYTE = 1 << 20;

  private final Timings timings;
  private final SampleStateDict sample;
  private final int rounds;
  private final Optional<Long> own;
  private final Optional<Long> fetched;

  ComparisonReport(
      Timings timings,
      SampleStateDict sample,
      int rounds,
      Optional<Long> own,
      Optional<Long> fetched) {
    this.timings = timings;
    this.sample = sample;
    this.rounds = rounds;
    this.own = own;
    this.fetched = fetched;
  }

  void print(PrintStream out) {
    out.printf("%d MB of f32, page cache warm, %d rounds%n", sample.bytes() / 1_000_000, rounds);
    out.printf("%n%-42s %8s %8s%n", "GB/s", "median", "best");
    for (String name :
        new String[] {
          SAVE_TORCH,
          SAVE_SAFETENSORS,
          "torch.save, fsync",
          "safetensors save_file, fsync",
          TOUCH,
          READ_TORCH,
          READ_SAFETENSORS,
          "torch.load, touch",
          "torch.load(mmap=True), touch",
          "safetensors load_file, touch"
        }) {
      if (timings.has(name)) {
        out.printf(
            "%-42s %8.2f %8.2f%n", name, rate(timings.median(name)), rate(timings.best(name)));
      }
    }
    out.printf("%n%-42s %8s %8s%n", "ms, index of 10,000 tensors", "median", "best");
    for (String name : new String[] {INDEX, "torch.load(mmap=True)", "safetensors load_file"}) {
      if (timings.has(name)) {
        out.printf(
            "%-42s %8.1f %8.1f%n", name, timings.median(name) * 1e3, timings.best(name) * 1e3);
      }
    }
    out.printf("%n%-42s %8.1f %8.1f%n", WAIT + ", ms", ms(WAIT), timings.best(WAIT) * 1e3);
    memory(out, "extra memory of a save, MB", own);
    memory(out, "the same, data fetched, heap of 160 MB", fetched);
    targets(out);
  }

  private double rate(double seconds) {
    return sample.bytes() / seconds / 1e9;
  }

  private double ms(String name) {
    return timings.median(name) * 1e3;
  }

  private static void memory(PrintStream out, String name, Optional<Long> bytes) {
    bytes.ifPresent(value -> out.printf("%-42s %8d%n", name, value / MEGABYTE));
  }

  private void targets(PrintStream out) {
    out.println();
    target(out, "open and touch / touch alone", ratio(TOUCH, READ_TORCH), 0.8);
    if (timings.has("torch.save, fsync")) {
      target(out, "save / torch.save", ratio("torch.save, fsync", SAVE_TORCH), 2);
      target(
          out,
          "save safetensors / its own",
          ratio("safetensors save_file, fsync", SAVE_SAFETENSORS),
          1);
    }
    out.printf("%-42s %8.1f  wanted below 100%n", "index of 10,000, ms", ms(INDEX));
    own.ifPresent(bytes ->
        out.printf(
            "%-42s %8d  wanted at most %d%n",
            "extra memory, MB", bytes / MEGABYTE, sample.largest() / MEGABYTE + 64));
  }

  private double ratio(String slower, String faster) {
    return timings.median(slower) / timings.median(faster);
  }

  private static void target(PrintStream out, String name, double value, double wanted) {
    out.printf("%-42s %8.2f  wanted at least %.1f%n", name, value, wanted);
  }
}
