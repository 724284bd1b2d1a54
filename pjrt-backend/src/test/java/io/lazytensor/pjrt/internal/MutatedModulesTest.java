package io.lazytensor.pjrt.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.text.HloPrinter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * XLA ends its process on modules that are not as it thinks they are. Whatever the verifier lets
 * through, it compiles or rejects with an error: processes of their own find out.
 */
class MutatedModulesTest {
  private static final int A_PROCESS = 500;
  private static final long SECONDS_A_MODULE = 120;

  @TempDir Path folder;

  static List<Path> plugins() {
    return RealPlugins.all();
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void mutatedModulesDoNotEndTheProcess(Path plugin) throws Exception {
    campaign(plugin, 100, 1_000_000);
  }

  @Tag("full")
  @ParameterizedTest
  @MethodSource("plugins")
  void manyMutatedModulesDoNotEndTheProcess(Path plugin) throws Exception {
    campaign(plugin, Integer.getInteger("lazytensor.mutations", 6_000), 0);
  }

  private void campaign(Path plugin, int count, long firstNumber) throws Exception {
    Map<String, Integer> counts = new TreeMap<>();
    List<String> failures = new ArrayList<>();
    long next = firstNumber;
    int begun = 0;
    for (int process = 0; begun < count; process++) {
      Path journal = folder.resolve("journal-" + process);
      String end = run(plugin, journal, next, Math.min(A_PROCESS, count - begun));
      List<String> lines = Files.exists(journal) ? Files.readAllLines(journal) : List.of();
      assertTrue(!lines.isEmpty(), "the process did nothing: " + end);
      for (String line : lines) {
        counts.merge(line.split(" ", 3)[1], 1, Integer::sum);
        if (line.contains(" " + CompileProcess.BROKEN + " ")) {
          failures.add(line);
        }
      }
      String last = lines.getLast();
      next = Long.parseLong(last.split(" ", 2)[0]) + 1;
      begun = counts.getOrDefault(CompileProcess.BEGIN, 0);
      if (last.contains(" " + CompileProcess.BEGIN + " ")) {
        String text = HloPrinter.print(new MutatedModules().accepted(next - 1));
        failures.add("module " + (next - 1) + ":\n" + text + "\n" + end);
      }
    }
    System.out.println(plugin.getFileName() + ": " + counts + ", crashes " + failures.size());
    // Where nothing is refused, or nothing compiles, mutations test nothing.
    assertTrue(counts.getOrDefault(CompileProcess.COMPILED, 0) > count / 2, counts.toString());
    assertTrue(counts.getOrDefault(CompileProcess.REFUSED, 0) > count / 2, counts.toString());
    assertEquals(0, failures.size(), () -> String.join("\n\n", failures));
  }

  /** Runs a process, and returns the end of what it printed. */
  private String run(Path plugin, Path journal, long first, int count)
      throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + folder.resolve("hs_err"),
                "-Xmx1g",
                "-cp",
                classPath(),
                CompileProcess.class.getName(),
                plugin.toString(),
                journal.toString(),
                String.valueOf(first),
                String.valueOf(count))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    long size = -1;
    while (!process.waitFor(SECONDS_A_MODULE, TimeUnit.SECONDS)) {
      long now = Files.exists(journal) ? Files.size(journal) : 0;
      if (now == size) {
        process.destroyForcibly().waitFor();
        return "gave up after " + SECONDS_A_MODULE + " s";
      }
      size = now;
    }
    String text = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    return "exit code "
        + process.exitValue()
        + ": "
        + text.lines()
            .filter(line -> line.length() < 2_000)
            .limit(25)
            .collect(Collectors.joining("\n"));
  }

  private static String classPath() {
    Stream<String> classes =
        Stream.of("target/classes", "target/test-classes")
            .map(path -> Path.of(path).toAbsolutePath().toString());
    Stream<String> libraries =
        Stream.of("jdk.module.path", "java.class.path", "surefire.test.class.path")
            .map(name -> System.getProperty(name, ""))
            .flatMap(path -> Arrays.stream(path.split(File.pathSeparator)));
    return Stream.concat(classes, libraries)
        .filter(entry -> !entry.isEmpty())
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }
}
