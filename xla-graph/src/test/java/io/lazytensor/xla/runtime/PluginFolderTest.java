package io.lazytensor.xla.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginFolderTest {
  @TempDir Path root;

  private Path library(String alias) throws IOException {
    Path folder = Files.createDirectories(root.resolve(alias).resolve("lib"));
    return Files.writeString(folder.resolve("plugin.so"), "");
  }

  @Test
  void whatIsRegisteredIsFound() throws IOException {
    PluginFolder plugins = new PluginFolder(root);
    Path library = library("xla-cpu");
    PluginFolder.Installed installed = plugins.register("xla-cpu", library, "0.0.1");
    assertEquals(Optional.of(installed), plugins.find("xla-cpu"));
    assertEquals(new PluginFolder.Installed("xla-cpu", library, "0.0.1"), installed);
    assertEquals(List.of(installed), plugins.installed());
  }

  @Test
  void folderWithoutPropertiesIsNotInstalled() throws IOException {
    library("half");
    assertEquals(Optional.empty(), new PluginFolder(root).find("half"));
    assertEquals(List.of(), new PluginFolder(root).installed());
    assertEquals(List.of(), new PluginFolder(root.resolve("nothing")).installed());
  }

  @Test
  void propertiesWithoutTheirLibraryAreDamaged() throws IOException {
    PluginFolder plugins = new PluginFolder(root);
    plugins.register("gone", library("gone"), "1");
    Files.delete(root.resolve("gone/lib/plugin.so"));
    DeviceException e = assertThrows(DeviceException.class, () -> plugins.find("gone"));
    assertTrue(e.toString().contains("plugin install gone"), e.toString());
    assertEquals(List.of(), plugins.installed());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "../other", "a/b", "Upper", ".hidden"})
  void otherNamesAreNoAliases(String alias) {
    assertThrows(DeviceException.class, () -> new PluginFolder(root).folder(alias));
  }

  @Test
  void libraryOfAnotherFolderIsRefused() throws IOException {
    Path other = library("other");
    assertThrows(DeviceException.class, () -> new PluginFolder(root).register("mine", other, "1"));
  }

  @Test
  void cacheHomeIsTakenWhereItIsAbsolute() {
    assertEquals(Path.of("/c/lazytensor"), UserCache.folder(Map.of("XDG_CACHE_HOME", "/c"), "/h"));
    assertEquals(
        Path.of("/h/.cache/lazytensor"), UserCache.folder(Map.of("XDG_CACHE_HOME", "c"), "/h"));
    assertEquals(Path.of("/h/.cache/lazytensor"), UserCache.folder(Map.of(), "/h"));
  }
}
