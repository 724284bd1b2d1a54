package io.lazytensor.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The folders of {@code src/test/scripts/make_folder_goldens.py}. */
final class FolderGoldens {
  /** Cases of an older PyTorch have names that start so, and a manifest of their own. */
  static final String OLDER = "torch-2.6/";

  private FolderGoldens() {}

  static Path root() {
    try {
      Path manifest =
          Path.of(
              Objects.requireNonNull(FolderGoldens.class.getResource("/folders/manifest.tsv"))
                  .toURI());
      return Objects.requireNonNull(manifest.getParent());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Path of(String name) {
    return root().resolve(name);
  }

  /** Returns the lines of one case, sorted: path, type, shape, digest. */
  static List<String> manifest(String name) {
    return lines(name).stream().sorted().toList();
  }

  /** Returns the names in the order of the dict that was saved. */
  static List<String> order(String name) {
    return lines(name).stream().map(line -> line.substring(0, line.indexOf('\t'))).toList();
  }

  private static List<String> lines(String name) {
    String version = name.startsWith(OLDER) ? OLDER : "";
    String own = name.substring(version.length());
    try (Stream<String> lines = Files.lines(root().resolve(version).resolve("manifest.tsv"))) {
      return lines
          .filter(line -> line.startsWith(own + "\t"))
          .map(line -> line.substring(own.length() + 1))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the tensors of a tree as the manifest has them. */
  static List<String> tensors(CheckpointValue tree) {
    List<String> out = new ArrayList<>();
    Checkpoints.forEachLeaf(
        tree,
        (path, value) -> {
          if (value instanceof CheckpointTensor tensor) {
            out.add(
                String.join(
                    "\t",
                    String.join("/", path),
                    tensor.dtype().torchName(),
                    tensor.shape().stream().map(String::valueOf).collect(Collectors.joining(",")),
                    digest(tensor.contiguous())));
          }
        });
    out.sort(null);
    return out;
  }

  private static String digest(MemorySegment bytes) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(bytes.toArray(ValueLayout.JAVA_BYTE)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Copies a folder and what is below it. */
  static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return to;
  }

  static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }
}
