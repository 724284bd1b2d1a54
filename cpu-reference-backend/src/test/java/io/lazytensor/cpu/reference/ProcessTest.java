package io.lazytensor.cpu.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The backend in a process started as a user would. */
class ProcessTest {
  private static final String NATIVES =
      "org.bytedeco.javacpp.linux.x86_64,org.bytedeco.openblas.linux.x86_64,"
          + "org.bytedeco.pytorch.linux.x86_64";

  private record Outcome(int status, String text) {}

  /** Returns everything this test runs with, whichever path it is on. */
  private static List<String> entries() {
    return Stream.of("jdk.module.path", "java.class.path", "surefire.test.class.path")
        .map(name -> System.getProperty(name, ""))
        .flatMap(path -> Arrays.stream(path.split(File.pathSeparator)))
        .filter(entry -> !entry.isEmpty())
        .distinct()
        .toList();
  }

  private static String path(String pattern) {
    return entries().stream()
        .filter(entry -> entry.matches(pattern))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Outcome java(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("--illegal-native-access=deny");
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), text);
  }

  private static final String LIBRARIES =
      ".*(pytorch|openblas|javacpp|slf4j-api|jspecify|xla-graph|cpu-reference-backend)-?[^/]*\\.jar"
          + "|.*/(xla-graph|cpu-reference-backend)/target/classes";

  private static final String WITHOUT_NATIVES = LIBRARIES.replace("[^/]*", "[^/]*(?<!x86_64)");

  private static final String TESTS = ".*/cpu-reference-backend/target/test-classes";

  @Test
  void runsOnTheModulePath() throws Exception {
    Outcome outcome =
        java(
            "--enable-native-access=org.bytedeco.javacpp,org.bytedeco.openblas,"
                + "org.bytedeco.pytorch,io.lazytensor.cpu.reference",
            "--add-modules",
            "io.lazytensor.cpu.reference," + NATIVES,
            "-p",
            path(LIBRARIES),
            "-cp",
            path(TESTS),
            "modulepath.Main",
            "cpu-reference");
    assertEquals(0, outcome.status(), outcome.text());
    assertTrue(
        outcome.text().contains("42.0 by module io.lazytensor.cpu.reference"), outcome.text());
  }

  @Test
  void runsOnTheClassPathAndServesTheNameCpu() throws Exception {
    Outcome outcome =
        java(
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            path(LIBRARIES) + File.pathSeparator + path(TESTS),
            "modulepath.Main",
            "cpu");
    assertEquals(0, outcome.status(), outcome.text());
    assertTrue(outcome.text().contains("42.0 by unnamed module"), outcome.text());
  }

  @Test
  void missingNativesAreNamedWithTheDependency() throws Exception {
    Outcome outcome =
        java(
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            path(WITHOUT_NATIVES) + File.pathSeparator + path(TESTS),
            "modulepath.Main",
            "cpu-reference");
    assertEquals(1, outcome.status(), outcome.text());
    assertTrue(
        outcome.text().contains("org.bytedeco:pytorch:2.13.0-1.5.14")
            && outcome.text().contains("DeviceException"),
        outcome.text());
  }

  @Test
  void deniedNativeAccessNamesTheFlag() throws Exception {
    Outcome outcome =
        java(
            "-cp",
            path(LIBRARIES) + File.pathSeparator + path(TESTS),
            "modulepath.Main",
            "cpu-reference");
    assertEquals(1, outcome.status(), outcome.text());
    assertTrue(outcome.text().contains("--enable-native-access=ALL-UNNAMED"), outcome.text());
  }
}
