package io.lazytensor.benchmarks.checkpoint;

import io.lazytensor.benchmarks.Comparisons;
import io.lazytensor.checkpoint.CheckpointDict;
import io.lazytensor.checkpoint.CheckpointManager;
import io.lazytensor.checkpoint.CheckpointValue;
import io.lazytensor.checkpoint.Checkpoints;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures saving and reading of a 438 MB state dict, beside PyTorch and safetensors in the same
 * rounds, so that what else the machine does disturbs all alike.
 */
@Command(
    name = "lazytensor benchmark checkpoint",
    description =
        "Saves and reads a state dict of 438 MB in 199 tensors, and the index of one of 10,000.",
    showDefaultValues = true,
    sortOptions = false)
@SuppressWarnings("NullAway.Init") // picocli sets options before it calls
public final class CheckpointComparison implements Callable<Integer> {
  private static final int MANY = 10_000;
  private static final int PAGE = 4096;
  private static final int WARM_UP = 3;

  @Option(
      names = "--python",
      description =
          "An interpreter with torch and safetensors, to measure both in the same rounds.")
  private @Nullable Path python;

  @Option(names = "--script", defaultValue = "benchmarks/scripts/checkpoint_speed.py")
  private Path script;

  @Option(
      names = "--folder",
      defaultValue = "${sys:java.io.tmpdir}",
      description = "Where the files go, which are removed.")
  private Path parent;

  @Option(names = "--rounds", defaultValue = "9", converter = Comparisons.Rounds.class)
  private int rounds;

  private long touched;

  private CheckpointComparison() {}

  /** Runs the comparison; wrong usage ends with exit code 2, a failure with 1. */
  public static void main(String[] arguments) {
    Comparisons.main(new CheckpointComparison(), arguments);
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  @Override
  public Integer call() throws Exception {
    double loadBefore = load();
    Path folder = Files.createTempDirectory(parent, "checkpoint-benchmark");
    try {
      SampleStateDict sample = SampleStateDict.bert();
      Timings timings = new Timings();
      String versions = measure(folder, sample, timings);
      Optional<Long> own = PeakMemory.measure(folder.resolve("memory.pt"), "memory", "-Xmx256m");
      Optional<Long> fetched = PeakMemory.measure(folder.resolve("memory.pt"), "fetch", "-Xmx160m");
      new ComparisonReport(timings, sample, rounds, own, fetched).print(System.out);
      System.out.printf(
          "%nJava %s; %s; load average %.2f before, %.2f after%n",
          Runtime.version(), versions, loadBefore, load());
      return CommandLine.ExitCode.OK;
    } finally {
      remove(folder);
    }
  }

  private String measure(Path folder, SampleStateDict sample, Timings timings) throws Exception {
    CheckpointDict tree = sample.inMemory();
    Path model = folder.resolve("model.pt");
    Path many = folder.resolve("many.pt");
    Checkpoints.save(model, tree);
    Checkpoints.save(many, SampleStateDict.many(MANY).inMemory());
    Timings warmUp = new Timings();
    for (int i = 0; i < WARM_UP; i++) {
      round(folder, tree, model, many, warmUp);
    }
    if (python == null) {
      for (int i = 0; i < rounds; i++) {
        round(folder, tree, model, many, timings);
      }
      return "PyTorch and safetensors were not measured: no --python";
    }
    try (PythonPeer peer = new PythonPeer(python, script, model, many, folder)) {
      peer.round(warmUp);
      for (int i = 0; i < rounds; i++) {
        round(folder, tree, model, many, timings);
        peer.round(timings);
      }
      return peer.versions();
    }
  }

  private void round(Path folder, CheckpointDict tree, Path model, Path many, Timings timings)
      throws Exception {
    Path torch = folder.resolve("saved.pt");
    Path safetensors = folder.resolve("saved.safetensors");
    Files.deleteIfExists(torch);
    Files.deleteIfExists(safetensors);
    timings.time(ComparisonReport.SAVE_TORCH, () -> Checkpoints.save(torch, tree));
    timings.time(ComparisonReport.SAVE_SAFETENSORS, () -> Checkpoints.save(safetensors, tree));
    background(folder.resolve("run"), tree, timings);
    timings.time(ComparisonReport.TOUCH, () -> touch(map(model)));
    timings.time(ComparisonReport.READ_TORCH, () -> touchAll(Checkpoints.load(model)));
    timings.time(ComparisonReport.READ_SAFETENSORS, () -> touchAll(Checkpoints.load(safetensors)));
    timings.time(ComparisonReport.INDEX, () -> Checkpoints.load(many));
    // Mappings are removed with their owners.
    System.gc();
  }

  /** The first save fetches fresh memory; the second is what all others are like. */
  private static void background(Path run, CheckpointDict tree, Timings timings) throws Exception {
    try (CheckpointManager manager = CheckpointManager.builder(run).keepLast(1).build()) {
      manager.save(1, tree);
      manager.await();
      timings.time(ComparisonReport.WAIT, () -> manager.save(2, tree));
    }
    remove(run);
  }

  private static MemorySegment map(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    }
  }

  private void touchAll(CheckpointValue tree) {
    for (CheckpointValue value : tree.asDict().entries().values()) {
      touch(value.asTensor().contiguous());
    }
  }

  private void touch(MemorySegment bytes) {
    long sum = 0;
    for (long at = 0; at < bytes.byteSize(); at += PAGE) {
      sum += bytes.get(ValueLayout.JAVA_BYTE, at);
    }
    touched += sum;
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
