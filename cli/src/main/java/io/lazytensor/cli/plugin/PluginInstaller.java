package io.lazytensor.cli.plugin;

import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.PluginFolder;
import io.lazytensor.xla.runtime.PluginFolder.Installed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts plug-ins into the user's folder, and takes them out. A plug-in is there whole or not. */
final class PluginInstaller {
  private final PluginFolder plugins;
  private final Pip pip;

  PluginInstaller(PluginFolder plugins, Pip pip) {
    this.plugins = plugins;
    this.pip = pip;
  }

  /**
   * What was installed.
   *
   * @param plugin the plug-in
   * @param sha256 the hash of its wheel
   * @param licence what its description says of the licence
   * @param licenceFiles the licence's texts, unpacked beside the library
   */
  record Result(Installed plugin, String sha256, String licence, List<Path> licenceFiles) {}

  /** Returns the installed plug-in, unless it is missing or damaged. */
  Optional<Installed> find(String alias) {
    try {
      return plugins.find(alias);
    } catch (DeviceException _) {
      // A damaged one is installed again.
      return Optional.empty();
    }
  }

  /** Fetches a known plug-in and installs it. */
  Result install(KnownPlugin plugin) {
    Path work = temporary();
    try {
      return unpack(plugin.alias(), Optional.of(plugin), pip.download(plugin, work), null);
    } finally {
      delete(work);
    }
  }

  /**
   * Installs a wheel that is here already.
   *
   * @param library the shared library in the wheel; null if it has only one
   * @throws PluginException if the alias is a known plug-in's and the wheel another than its own
   */
  Result install(String alias, Path wheel, @Nullable String library) {
    Optional<KnownPlugin> known = KnownPlugin.of(alias);
    if (Files.isRegularFile(wheel) && known.isPresent()) {
      String found = Wheel.sha256(wheel);
      if (!found.equals(known.get().sha256())) {
        throw new PluginException(
            """
            %s is not the wheel of %s (%s): expected SHA-256 %s, got %s. \
            Another plug-in needs another alias.\
            """
                .formatted(wheel, alias, known.get().requirement(), known.get().sha256(), found));
      }
    }
    return unpack(alias, known, wheel, library);
  }

  private Result unpack(
      String alias, Optional<KnownPlugin> known, Path file, @Nullable String named) {
    Path folder = plugins.folder(alias);
    Path work = temporary();
    try (Wheel wheel = Wheel.open(file)) {
      String library =
          named != null
              ? named
              : known.map(KnownPlugin::library).orElseGet(() -> only(wheel, file));
      List<String> names = new ArrayList<>(wheel.licences());
      names.addFirst(library);
      wheel.unpack(names, work);
      delete(folder);
      Files.move(work, folder, StandardCopyOption.ATOMIC_MOVE);
      String version =
          known.map(KnownPlugin::version).or(() -> wheel.metadata("Version")).orElse("unknown");
      Installed installed = plugins.register(alias, folder.resolve(library), version);
      return new Result(
          installed,
          Wheel.sha256(file),
          licence(wheel, known),
          wheel.licences().stream().map(folder::resolve).toList());
    } catch (IOException e) {
      throw new PluginException(folder + " cannot be written: " + e.getMessage(), e);
    } finally {
      delete(work);
    }
  }

  private static String licence(Wheel wheel, Optional<KnownPlugin> known) {
    return wheel
        .metadata("License-Expression")
        .or(() -> wheel.metadata("License"))
        .or(() -> known.map(KnownPlugin::licenceNote))
        .orElse("the wheel does not say");
  }

  private static String only(Wheel wheel, Path file) {
    List<String> libraries = wheel.libraries();
    if (libraries.size() == 1) {
      return libraries.getFirst();
    }
    List<String> likely = libraries.stream().filter(name -> name.contains("pjrt")).toList();
    if (likely.size() == 1) {
      return likely.getFirst();
    }
    throw new PluginException(
        "%s holds %d shared libraries; say which is the plug-in with --library: %s"
            .formatted(file, libraries.size(), String.join(", ", libraries)));
  }

  /**
   * Removes a plug-in.
   *
   * @return whether there was one
   */
  boolean remove(String alias) {
    Path folder = plugins.folder(alias);
    boolean there = Files.isDirectory(folder);
    delete(folder);
    return there;
  }

  /** Makes a folder beside the plug-ins, so that moving it is one step. */
  private Path temporary() {
    try {
      Files.createDirectories(
          plugins.root(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      return Files.createTempDirectory(plugins.root(), ".install-");
    } catch (IOException | UnsupportedOperationException e) {
      throw new PluginException(
          "plug-ins cannot be written to %s: %s".formatted(plugins.root(), e.getMessage()), e);
    }
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new PluginException(folder + " cannot be removed: " + e.getMessage(), e);
    }
  }
}
