package io.lazytensor.benchmarks.checkpoint;

import io.lazytensor.checkpoint.CheckpointDict;
import io.lazytensor.checkpoint.Checkpoints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How much the resident memory of a process grows while it saves; in a process of its own. */
final class PeakMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  private PeakMemory() {}

  /**
   * Prints the growth in bytes. Arguments: a file to write, and {@code memory} or {@code fetch}.
   */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    boolean fetched = arguments[1].equals("fetch");
    // Classes are loaded and code is compiled before.
    for (int i = 0; i < 3; i++) {
      Checkpoints.save(file, SampleStateDict.many(1000).inMemory());
    }
    SampleStateDict sample = SampleStateDict.bert();
    CheckpointDict tree = fetched ? sample.fetched() : sample.inMemory();
    System.gc();
    Files.writeString(CLEAR, "5");
    long before = kilobytes("VmRSS");
    Checkpoints.save(file, tree);
    System.out.println((kilobytes("VmHWM") - before) * 1024);
  }

  private static long kilobytes(String name) throws IOException {
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith(name + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  /** Measures in a new process; empty where the system has no such figures. */
  static Optional<Long> measure(Path file, String mode, String heap)
      throws IOException, InterruptedException {
    if (Files.notExists(CLEAR)) {
      return Optional.empty();
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(heap);
    // The state dict itself, which would count as heap.
    command.add("-XX:MaxDirectMemorySize=1g");
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), PeakMemory.class.getName()));
    command.addAll(List.of(file.toString(), mode));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("measuring memory failed; the message is above");
    }
    return Optional.of(Long.parseLong(output.strip()));
  }
}
