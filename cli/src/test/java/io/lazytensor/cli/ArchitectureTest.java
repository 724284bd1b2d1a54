package io.lazytensor.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may know whom: the arrows of docs/architecture.md. */
class ArchitectureTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern MODULE = Pattern.compile("<module>(.*?)</module>");
  private static final Pattern OWN_DEPENDENCY =
      Pattern.compile(
          "<groupId>io.github.lazytensor</groupId>\\s*<artifactId>(.*?)</artifactId>"
              + "(?:\\s*<scope>(.*?)</scope>)?\\s*</dependency>");
  private static final Pattern REQUIRES =
      Pattern.compile("requires (?:transitive |static )*(io\\.lazytensor[.\\w]*);");

  /** Modules each module may compile against. Applications add backends at run time only. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.ofEntries(
          Map.entry("xla-graph", Set.of()),
          Map.entry("lazytensor-api", Set.of("xla-graph")),
          Map.entry("storage", Set.of()),
          Map.entry("checkpoint", Set.of("lazytensor-api", "storage", "xla-graph")),
          Map.entry("data-loader", Set.of("lazytensor-api", "xla-graph")),
          Map.entry("trainer", Set.of("checkpoint", "data-loader", "lazytensor-api", "xla-graph")),
          Map.entry("cpu-reference-backend", Set.of("xla-graph")),
          Map.entry("pjrt-backend", Set.of("xla-graph")),
          Map.entry(
              "examples",
              Set.of("lazytensor-api", "checkpoint", "data-loader", "trainer", "xla-graph")),
          Map.entry(
              "benchmarks", Set.of("lazytensor-api", "checkpoint", "data-loader", "xla-graph")),
          Map.entry("cli", Set.of("checkpoint", "xla-graph")));

  private static final Map<String, String> DIRECTORY_OF_JPMS_NAME =
      Map.ofEntries(
          Map.entry("io.lazytensor.xla", "xla-graph"),
          Map.entry("io.lazytensor", "lazytensor-api"),
          Map.entry("io.lazytensor.checkpoint", "checkpoint"),
          Map.entry("io.lazytensor.data", "data-loader"),
          Map.entry("io.lazytensor.storage", "storage"),
          Map.entry("io.lazytensor.cpu.reference", "cpu-reference-backend"),
          Map.entry("io.lazytensor.pjrt", "pjrt-backend"),
          Map.entry("io.lazytensor.examples", "examples"),
          Map.entry("io.lazytensor.cli", "cli"),
          Map.entry("io.lazytensor.trainer", "trainer"));

  private static String read(Path path) throws IOException {
    return Files.readString(ROOT.resolve(path));
  }

  private static List<String> modules() throws IOException {
    return MODULE.matcher(read(Path.of("pom.xml"))).results().map(m -> m.group(1)).toList();
  }

  @Test
  void everyModuleIsKnownHere() throws IOException {
    assertEquals(new TreeSet<>(ALLOWED.keySet()), new TreeSet<>(modules()));
  }

  @Test
  void mavenDependenciesPointDown() throws IOException {
    for (String module : modules()) {
      Matcher found = OWN_DEPENDENCY.matcher(read(Path.of(module, "pom.xml")));
      while (found.find()) {
        String dependency = found.group(1);
        boolean atRunTimeOnly = "runtime".equals(found.group(2)) || "test".equals(found.group(2));
        boolean backend = dependency.endsWith("-backend");
        boolean allowed =
            ALLOWED.getOrDefault(module, Set.of()).contains(dependency)
                || (atRunTimeOnly && backend && !module.equals("xla-graph"));
        assertTrue(allowed, module + " must not depend on " + dependency);
      }
    }
  }

  @Test
  void moduleDescriptorsPointDown() throws IOException {
    for (String module : modules()) {
      Path descriptor = Path.of(module, "src/main/java/module-info.java");
      // JMH generates classes that no named module can hold.
      if (module.equals("benchmarks")) {
        assertTrue(Files.notExists(ROOT.resolve(descriptor)));
        continue;
      }
      Matcher found = REQUIRES.matcher(read(descriptor));
      while (found.find()) {
        String required = DIRECTORY_OF_JPMS_NAME.get(found.group(1));
        assertTrue(
            required != null && ALLOWED.getOrDefault(module, Set.of()).contains(required),
            module + " must not require " + found.group(1));
      }
    }
  }

  @Test
  void providersAreDeclaredForClassPathAndModulePath() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      List<Path> services =
          files
              .filter(file -> file.toString().contains("src/main/resources/META-INF/services/"))
              .filter(Files::isRegularFile)
              .toList();
      assertTrue(!services.isEmpty());
      for (Path service : services) {
        String path = service.toString();
        Path main = Path.of(path.substring(0, path.indexOf("resources/META-INF")));
        String descriptor = Files.readString(main.resolve("java/module-info.java"));
        for (String provider : Files.readAllLines(service)) {
          assertTrue(descriptor.contains(provider), service + " and module-info disagree");
        }
      }
    }
  }

  @Test
  void roomsOfTheGraphModulePointDown() {
    JavaClasses classes =
        new ClassFileImporter().importPath(ROOT.resolve("xla-graph/target/classes"));
    room(classes, "npy", "infer", "text", "pass", "eval", "runtime");
    room(classes, "ir", "npy", "infer", "text", "pass", "eval", "runtime");
    room(classes, "infer", "text", "pass", "eval", "runtime");
    room(classes, "runtime", "eval", "pass", "text");
    room(classes, "pass", "runtime");
  }

  private static void room(JavaClasses classes, String room, String... above) {
    String[] packages =
        Stream.of(above).map(name -> "io.lazytensor.xla." + name + "..").toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage("io.lazytensor.xla." + room + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages)
        .check(classes);
  }

  @Test
  void loweringAndGradientsKnowNoRecorder() {
    JavaClasses classes =
        new ClassFileImporter().importPath(ROOT.resolve("lazytensor-api/target/classes"));
    noClasses()
        .that()
        .resideInAnyPackage("io.lazytensor.internal.lower..", "io.lazytensor.autograd..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.lazytensor", "io.lazytensor.internal.record..", "io.lazytensor.internal.run..")
        .check(classes);
    noClasses()
        .that()
        .resideInAPackage("io.lazytensor.internal.run..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.lazytensor", "io.lazytensor.internal.record..", "io.lazytensor.nn..")
        .check(classes);
  }
}
