package io.lazytensor.pjrt.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.Backends;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.PluginFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Which plug-in a device name means, and what is said when there is none. */
class PluginLocatorTest {
  @TempDir Path root;

  private Path install(PluginFolder plugins, String alias) throws IOException {
    Path folder = Files.createDirectories(plugins.folder(alias));
    Path library = Files.writeString(folder.resolve("plugin.so"), "not a library");
    return plugins.register(alias, library, "1.2").library();
  }

  private static String message(Executable call) {
    return assertThrows(DeviceException.class, call).toString();
  }

  @Test
  void aliasAndPathAreFound() throws IOException {
    PluginFolder plugins = new PluginFolder(root);
    Path library = install(plugins, "xla-cpu");
    assertEquals(library, PluginLocator.find("xla-cpu", plugins));
    assertEquals(library, PluginLocator.find(library.toString(), plugins));
    assertEquals(library, PluginLocator.find("", plugins));
  }

  @Test
  void missingAliasSaysWhereItLookedAndWhatToInstall() throws IOException {
    PluginFolder plugins = new PluginFolder(root.resolve("plugins"));
    String nothing = message(() -> PluginLocator.find("xla-cpu", plugins));
    assertTrue(nothing.contains(plugins.root().toString()), nothing);
    assertTrue(nothing.contains("bin/lazytensor plugin install xla-cpu"), nothing);
    install(plugins, "other");
    String another = message(() -> PluginLocator.find("xla-cpu", plugins));
    assertTrue(another.contains("Installed: other 1.2"), another);
  }

  @Test
  void missingPathAndFolderAreNamed() {
    PluginFolder plugins = new PluginFolder(root.resolve("plugins"));
    String missing = message(() -> PluginLocator.find("/nowhere/plugin.so", plugins));
    assertTrue(missing.contains("/nowhere/plugin.so does not exist"), missing);
    String folder = message(() -> PluginLocator.find(root.toString(), plugins));
    assertTrue(folder.contains("it is a folder"), folder);
    message(() -> PluginLocator.find("a\0b", plugins));
  }

  @Test
  void severalPluginsNeedAName() throws IOException {
    PluginFolder plugins = new PluginFolder(root);
    String none = message(() -> PluginLocator.find("", plugins));
    assertTrue(none.contains("plugin install xla-cpu"), none);
    install(plugins, "a");
    install(plugins, "b");
    String two = message(() -> PluginLocator.find("", plugins));
    assertTrue(two.contains("Installed: a 1.2, b 1.2"), two);
  }

  @Test
  void fileThatIsNoLibraryIsRefused() throws IOException {
    Path file = Files.writeString(root.resolve("text.so"), "text");
    String text = message(() -> PjrtBackend.open(new BackendOptions(file.toString(), Map.of())));
    assertTrue(text.contains(file + " cannot be loaded"), text);
    // A name as users write it comes here too, with its index taken off.
    String device = message(() -> Backends.open("pjrt:" + file + ":0"));
    assertTrue(device.contains("cannot be loaded"), device);
  }

  @Test
  void libraryThatIsNoPluginIsRefused() {
    Path library = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("zip"));
    String text = message(() -> PjrtBackend.open(new BackendOptions(library.toString(), Map.of())));
    assertTrue(text.contains("no PJRT plug-in: it has no function GetPjrtApi"), text);
  }

  @Test
  void compileOptionsAreTheReferencesBytes() {
    byte[] bytes =
        CompileOptionsProto.bytes(
            1, 1, new int[] {0}, Map.of("xla_cpu_enable_fast_min_max", "false"));
    String hex = HexFormat.of().withUpperCase().formatHex(bytes);
    assertTrue(
        hex.startsWith(
            "1A19" + "08FFFFFFFFFFFFFFFFFF01" + "2001" + "2801" + "4A08080110011A020800"),
        hex);
    assertTrue(hex.endsWith("12021000"), hex);
  }
}
