package io.lazytensor.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The files of {@code src/test/scripts/make_goldens.py}. */
final class Goldens {
  /** The version whose bytes the writer makes. */
  static final String NEWEST = "torch-2.15.0";

  private Goldens() {}

  static Path folder() {
    try {
      Path manifest =
          Path.of(
              Objects.requireNonNull(Goldens.class.getResource(NEWEST + "/manifest.tsv")).toURI());
      return Objects.requireNonNull(Objects.requireNonNull(manifest.getParent()).getParent());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Path newest(String file) {
    return folder().resolve(NEWEST).resolve(file);
  }

  /** Returns all golden files of all versions. */
  static List<Path> files() {
    try (Stream<Path> files = Files.walk(folder())) {
      return files
          .filter(file -> file.toString().matches(".*\\.(pt|safetensors)"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
