package io.lazytensor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.cli.plugin.PluginCommand;
import io.lazytensor.xla.runtime.PluginFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Installing plug-ins from wheels; fetching real ones is part of {@code .ci/run}. */
class PluginCommandTest {
  private static final String LIBRARY = "some_plugin/pjrt_plugin.so";

  @TempDir Path root;

  private CommandRun run(List<String> pip, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine(
                new PluginCommand(new PluginFolder(root.resolve("plugins")), pip),
                new PrintWriter(out, true),
                new PrintWriter(err, true))
            .execute(arguments);
    return new CommandRun(code, out.toString(), err.toString());
  }

  private CommandRun run(String... arguments) {
    return run(List.of("false"), arguments);
  }

  private Path wheel(Map<String, String> content) throws IOException {
    Path file = root.resolve("some-1.2-py3-none-any.whl");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, String> entry : content.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return file;
  }

  private Path wheel() throws IOException {
    return wheel(
        Map.of(
            LIBRARY,
            "code",
            "some_plugin/__init__.py",
            "",
            "some-1.2.dist-info/METADATA",
            "Metadata-Version: 2.4\nName: some\nVersion: 1.2\nLicense-Expression: MIT\n\nVersion: 9\n",
            "some-1.2.dist-info/licenses/LICENSE",
            "\n  The Licence of Some\n\nAnybody may.\n"));
  }

  private void nothingIsLeft() throws IOException {
    try (Stream<Path> left = Files.list(root.resolve("plugins"))) {
      assertEquals(
          List.of(), left.map(Path::toString).filter(p -> p.contains("install-")).toList());
    }
  }

  @Test
  void wheelIsInstalledListedAndRemoved() throws IOException {
    CommandRun install = run("install", "mine", "--from", wheel().toString());
    assertEquals(0, install.code(), install.err());
    assertTrue(install.out().contains("licence: MIT"), install.out());
    assertTrue(install.out().contains("| The Licence of Some"), install.out());
    assertTrue(install.out().contains("--device pjrt:mine"), install.out());
    PluginFolder plugins = new PluginFolder(root.resolve("plugins"));
    PluginFolder.Installed installed = plugins.find("mine").orElseThrow();
    assertEquals("1.2", installed.version());
    assertEquals("code", Files.readString(installed.library()));
    assertTrue(Files.exists(plugins.folder("mine").resolve("some-1.2.dist-info/licenses/LICENSE")));
    assertFalse(Files.exists(plugins.folder("mine").resolve("some_plugin/__init__.py")));
    nothingIsLeft();
    assertTrue(run("list").out().contains("mine           1.2"));
    assertEquals(0, run("remove", "mine").code());
    assertFalse(Files.exists(plugins.folder("mine")));
    assertTrue(run("remove", "mine").refused(1, "no plug-in \"mine\""));
  }

  @Test
  void knownAliasTakesItsOwnWheelOnly() throws IOException {
    CommandRun refused = run("install", "xla-cpu", "--from", wheel().toString());
    assertTrue(refused.refused(1, "expected SHA-256 55837b6b"), refused.err());
  }

  @Test
  void failureOfPipNamesTheCommandToRun() throws IOException {
    Path pip = root.resolve("pip");
    Files.writeString(pip, "echo Looking; echo 'ERROR: no route to the index'; exit 1\n");
    for (CommandRun offline :
        List.of(
            run(List.of("sh", pip.toString()), "install", "xla-cpu"),
            run(List.of("no-such-python"), "install", "xla-cpu"))) {
      assertTrue(
          offline.refused(
              1, "python3 -m pip download --no-deps --only-binary :all: xla-cpu-pjrt==0.0.1"),
          offline.err());
    }
    assertTrue(
        run(List.of("sh", pip.toString()), "install", "xla-cpu")
            .err()
            .contains("no route to the index"));
    assertTrue(
        run(List.of("no-such-python"), "install", "xla-cpu").err().contains("is it installed?"));
    nothingIsLeft();
  }

  @Test
  void installedOnceIsNotFetchedAgain() throws IOException {
    Path folder = Files.createDirectories(root.resolve("plugins/xla-cpu"));
    Path library = Files.writeString(folder.resolve("plugin.so"), "");
    new PluginFolder(root.resolve("plugins")).register("xla-cpu", library, "0.0.1");
    CommandRun again = run("install", "xla-cpu");
    assertEquals(0, again.code(), again.err());
    assertTrue(again.out().startsWith("already installed: xla-cpu"), again.out());
  }

  @Test
  void unknownAliasesAndWheelsAreRefused() throws IOException {
    assertTrue(run("install", "tpu").refused(2, "known: xla-cpu, xla-cpu-next"));
    assertTrue(run("install", "../up", "--from", wheel().toString()).refused(2, "an alias is"));
    assertTrue(
        run("install", "mine", "--from", "gone.whl").refused(1, "there is no wheel gone.whl"));
    Path letter = Files.writeString(root.resolve("letter.whl"), "Dear installer");
    assertTrue(run("install", "mine", "--from", letter.toString()).refused(1, "is no wheel"));
    assertTrue(run("remove", "../up").refused(1, "alias"));
  }

  @Test
  void libraryIsChosenWhereAWheelHoldsSeveral() throws IOException {
    Path two = wheel(Map.of("a/one.so", "1", "a/two.so", "2"));
    CommandRun which = run("install", "mine", "--from", two.toString());
    assertTrue(which.refused(1, "--library: a/one.so, a/two.so"), which.err());
    assertEquals(
        0, run("install", "mine", "--from", two.toString(), "--library", "a/two.so").code());
    Path plugin = new PluginFolder(root.resolve("plugins")).find("mine").orElseThrow().library();
    assertEquals("2", Files.readString(plugin));
    CommandRun none = run("install", "mine", "--from", two.toString(), "--library", "b.so");
    assertTrue(none.refused(1, "holds no b.so"), none.err());
  }

  @Test
  void entriesOutsideOfTheFolderAreRefused() throws IOException {
    Path evil = wheel(Map.of("../../evil.so", "1"));
    CommandRun refused = run("install", "mine", "--from", evil.toString());
    assertTrue(refused.refused(1, "outside of its folder"), refused.err());
    assertFalse(Files.exists(root.resolve("evil.so")));
    nothingIsLeft();
  }
}
