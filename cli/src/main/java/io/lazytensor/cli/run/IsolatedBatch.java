package io.lazytensor.cli.run;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs cases in child processes, some in each, so that a device that crashes its process costs one
 * case only.
 */
final class IsolatedBatch {
  private final List<String> command;
  private final int size;
  private final PrintWriter err;

  /**
   * Prepares a batch.
   *
   * @param command what runs cases in another process; a list of folders is its last argument
   * @param size how many cases a process runs
   */
  IsolatedBatch(List<String> command, int size, PrintWriter err) {
    this.command = List.copyOf(command);
    this.size = size;
    this.err = err;
  }

  /** Returns the command that is {@code hlo run} of this very program. */
  static List<String> command(List<String> options) {
    List<String> out = new ArrayList<>();
    out.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    out.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    out.addAll(List.of("-cp", System.getProperty("java.class.path")));
    out.addAll(List.of("io.lazytensor.cli.Main", "hlo", "run"));
    out.addAll(options);
    return out;
  }

  /** Runs the cases in order. */
  void run(List<Path> folders, Tally tally) throws IOException {
    int next = 0;
    while (next < folders.size()) {
      List<Path> chunk = folders.subList(next, Math.min(folders.size(), next + size));
      for (Path folder : chunk) {
        clear(new CaseFolder(folder));
      }
      int done = child(chunk) ? chunk.size() : crashed(chunk) + 1;
      for (Path folder : chunk.subList(0, done)) {
        boolean there = Files.isDirectory(folder);
        tally.add(folder, there ? new CaseFolder(folder).firstErrorLine() : "no folder");
      }
      next += done;
    }
  }

  private void clear(CaseFolder folder) throws IOException {
    try {
      folder.clear();
    } catch (CaseException e) {
      err.println("error: " + e.getMessage());
    }
  }

  private static int crashed(List<Path> chunk) {
    for (int i = chunk.size() - 1; i >= 0; i--) {
      if (new CaseFolder(chunk.get(i)).firstErrorLine().equals(CaseBatch.CRASHED)) {
        return i;
      }
    }
    throw new CaseException("the process for the cases ended before it ran one; see above");
  }

  /** Runs a process, and returns whether it came to its end. */
  private boolean child(List<Path> chunk) throws IOException {
    Path list = Files.createTempFile("lazytensor-cases", ".txt");
    Path output = Files.createTempFile("lazytensor-cases", ".out");
    try {
      Files.write(list, chunk.stream().map(Path::toString).toList());
      List<String> withCases = new ArrayList<>(command);
      withCases.add("@" + list);
      Process process =
          new ProcessBuilder(withCases)
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      process.waitFor();
      return Files.readString(output).lines().anyMatch(line -> line.startsWith("result: "));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new CaseException("interrupted");
    } finally {
      Files.deleteIfExists(list);
      Files.deleteIfExists(output);
    }
  }
}
