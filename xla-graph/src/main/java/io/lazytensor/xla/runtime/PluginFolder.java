package io.lazytensor.xla.runtime;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * The PJRT plug-ins a user installed, by alias. Each has a folder of its own under the root, with
 * the library somewhere in it and a file {@value #PROPERTIES}:
 *
 * <pre>{@code
 * library=xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so
 * version=0.0.1
 * }</pre>
 *
 * <p>Whoever installs calls {@link #register}, last; device {@code pjrt:<alias>} calls {@link
 * #find}.
 */
public final class PluginFolder {
  /** The file that makes a folder a plug-in. */
  public static final String PROPERTIES = "plugin.properties";

  /** The property with the library's path, relative to the plug-in's folder. */
  public static final String LIBRARY = "library";

  /** The property with the version, for people. */
  public static final String VERSION = "version";

  private static final Pattern ALIAS = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

  private final Path root;

  /** Takes a folder of plug-ins; it need not exist. */
  public PluginFolder(Path root) {
    this.root = root;
  }

  /** Returns the user's folder, {@code ${XDG_CACHE_HOME:-~/.cache}/lazytensor/plugins}. */
  public static PluginFolder user() {
    return new PluginFolder(UserCache.folder().resolve("plugins"));
  }

  /**
   * One installed plug-in.
   *
   * @param alias its name after {@code pjrt:}
   * @param library the shared library, absolute
   * @param version its version, for people
   */
  public record Installed(String alias, Path library, String version) {}

  /** Returns whether a text can be an alias: lower-case letters, digits, dots and dashes. */
  public static boolean isAlias(String text) {
    return ALIAS.matcher(text).matches();
  }

  /** Returns the root. */
  public Path root() {
    return root;
  }

  /**
   * Returns a plug-in's own folder; it need not exist.
   *
   * @throws DeviceException if the alias is none
   */
  public Path folder(String alias) {
    if (!isAlias(alias)) {
      throw new DeviceException(
          "a plug-in's alias is lower-case letters, digits, dots and dashes, such as xla-cpu; got"
              + " \""
              + alias
              + "\"");
    }
    return root.resolve(alias);
  }

  /**
   * Returns the plug-in of an alias, or nothing if it is not installed.
   *
   * @throws DeviceException if it is installed and broken
   */
  public Optional<Installed> find(String alias) {
    Path folder = folder(alias);
    Path file = folder.resolve(PROPERTIES);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw broken(alias, file + " cannot be read: " + e.getMessage());
    }
    String library = properties.getProperty(LIBRARY, "");
    Path path = folder.resolve(library).toAbsolutePath().normalize();
    if (library.isEmpty() || !Files.isRegularFile(path)) {
      throw broken(alias, file + " names the library \"" + library + "\", which does not exist");
    }
    return Optional.of(
        new Installed(alias, path, properties.getProperty(VERSION, "unknown version")));
  }

  private static DeviceException broken(String alias, String what) {
    return new DeviceException(
        "plug-in "
            + alias
            + " is damaged: "
            + what
            + "; install it again with bin/lazytensor"
            + " plugin install "
            + alias);
  }

  /** Returns the plug-ins that are installed and whole, by alias. */
  public List<Installed> installed() {
    List<Installed> found = new ArrayList<>();
    if (!Files.isDirectory(root)) {
      return found;
    }
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path folder : folders) {
        String alias = String.valueOf(folder.getFileName());
        if (isAlias(alias)) {
          try {
            find(alias).ifPresent(found::add);
          } catch (DeviceException _) {
            // Told when somebody asks for it.
          }
        }
      }
    } catch (IOException e) {
      throw new DeviceException("plug-ins cannot be listed in " + root, e);
    }
    found.sort(Comparator.comparing(Installed::alias));
    return found;
  }

  /**
   * Makes an unpacked library known, atomically.
   *
   * @param library a file in the folder of the alias
   * @throws DeviceException if it cannot be written, or the library is elsewhere
   */
  public Installed register(String alias, Path library, String version) {
    Path folder = folder(alias).toAbsolutePath().normalize();
    Path absolute = library.toAbsolutePath().normalize();
    if (!absolute.startsWith(folder) || !Files.isRegularFile(absolute)) {
      throw new DeviceException(
          "plug-in " + alias + " needs its library in " + folder + ", got " + absolute);
    }
    Properties properties = new Properties();
    properties.setProperty(LIBRARY, folder.relativize(absolute).toString());
    properties.setProperty(VERSION, version);
    try {
      Path temporary = Files.createTempFile(folder, PROPERTIES, ".tmp");
      try (Writer writer = Files.newBufferedWriter(temporary)) {
        properties.store(writer, "A PJRT plug-in: device pjrt:" + alias);
      }
      Files.move(temporary, folder.resolve(PROPERTIES), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new DeviceException("plug-in " + alias + " cannot be registered in " + folder, e);
    }
    return new Installed(alias, absolute, version);
  }
}
