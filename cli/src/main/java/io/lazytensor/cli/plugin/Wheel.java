package io.lazytensor.cli.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A Python wheel: a zip file with a folder {@code *.dist-info} that describes it.
 *
 * <p>Source: PyPA, binary distribution format.
 */
final class Wheel implements AutoCloseable {
  /** Far beyond any plug-in; a zip that claims more is no honest wheel. */
  private static final long MOST_BYTES = 8L << 30;

  private static final int MOST_TEXT = 4 << 20;

  private final Path file;
  private final ZipFile zip;

  private Wheel(Path file, ZipFile zip) {
    this.file = file;
    this.zip = zip;
  }

  /**
   * Opens a wheel.
   *
   * @throws PluginException if the file is none
   */
  static Wheel open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new PluginException("there is no wheel " + file);
    }
    try {
      return new Wheel(file, new ZipFile(file.toFile()));
    } catch (IOException e) {
      throw new PluginException(file + " is no wheel: " + e.getMessage(), e);
    }
  }

  /** Returns the SHA-256 of a file in hexadecimal digits. */
  static String sha256(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new PluginException(file + " cannot be read: " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new PluginException("this Java has no SHA-256", e);
    }
  }

  /** Returns the names of all shared libraries. */
  List<String> libraries() {
    return zip.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.endsWith(".so") || name.endsWith(".dylib"))
        .sorted()
        .toList();
  }

  /** Returns the names of licence files, the main one first. */
  List<String> licences() {
    return zip.stream()
        .map(ZipEntry::getName)
        .filter(name -> !name.endsWith("/"))
        .filter(name ->
            base(name)
                .toUpperCase(java.util.Locale.ROOT)
                .matches("(LICEN[CS]E|COPYING|NOTICE|THIRD_PARTY_NOTICES).*"))
        .sorted()
        .toList();
  }

  /** Returns a field of the description, {@code Version} say. */
  Optional<String> metadata(String field) {
    return zip.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.matches("[^/]+\\.dist-info/METADATA"))
        .findFirst()
        .flatMap(name ->
            text(name)
                .lines()
                .takeWhile(line -> !line.isEmpty())
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1).strip())
                .findFirst());
  }

  private String text(String name) {
    try (InputStream in = zip.getInputStream(entry(name))) {
      return new String(in.readNBytes(MOST_TEXT), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw broken(name, e);
    }
  }

  private ZipEntry entry(String name) {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new PluginException(
          "%s holds no %s; its shared libraries are %s".formatted(file, name, libraries()));
    }
    return entry;
  }

  /** Unpacks some files below a folder, and returns where they are. */
  List<Path> unpack(List<String> names, Path folder) {
    List<Path> out = new ArrayList<>();
    for (String name : names) {
      Path target = folder.resolve(name).normalize();
      if (!target.startsWith(folder)) {
        throw new PluginException(file + " wants to write outside of its folder: " + name);
      }
      ZipEntry entry = entry(name);
      if (entry.getSize() > MOST_BYTES) {
        throw new PluginException(
            "%s in %s is too large: %d bytes".formatted(name, file, entry.getSize()));
      }
      try (InputStream in = zip.getInputStream(entry)) {
        Files.createDirectories(target.getParent());
        Files.copy(in, target);
      } catch (IOException e) {
        throw broken(name, e);
      }
      out.add(target);
    }
    return out;
  }

  private PluginException broken(String name, IOException e) {
    return new PluginException(
        "%s cannot be unpacked from %s: %s".formatted(name, file, e.getMessage()), e);
  }

  private static String base(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw new PluginException(file + " cannot be closed: " + e.getMessage(), e);
    }
  }
}
