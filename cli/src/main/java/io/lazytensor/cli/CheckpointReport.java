package io.lazytensor.cli;

import io.lazytensor.checkpoint.Checkpoint;
import io.lazytensor.checkpoint.CheckpointException;
import io.lazytensor.checkpoint.CheckpointTensor;
import io.lazytensor.checkpoint.CheckpointValue;
import io.lazytensor.checkpoint.Checkpoints;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the checkpoint commands print. */
final class CheckpointReport {
  private static final long CHUNK = 1 << 24;
  private static final long SMALL_WORK = 1L << 30;
  private static final int WORK_FACTOR = 16;
  private static final String XSER_FOLDER = ".tensors";

  private CheckpointReport() {}

  // ---- table ------------------------------------------------------------------------------------

  /** Returns the lines of a table of everything in a file or folder. */
  static List<String> table(Path file) {
    Checkpoint checkpoint = Checkpoints.open(file);
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"path", "type", "shape or value", "bytes"});
    int[] tensors = {0};
    Checkpoints.forEachLeaf(
        checkpoint.tree(),
        (path, value) -> {
          String name = String.join(".", path);
          if (value instanceof CheckpointTensor tensor) {
            tensors[0]++;
            String bytes = String.format(Locale.ROOT, "%,d", tensor.byteSize());
            rows.add(new String[] {name, tensor.dtype().torchName(), shape(tensor), bytes});
          } else {
            rows.add(new String[] {name, value.kind(), oneLine(value), ""});
          }
        });
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s: %s, %d tensors, %d other values"
            .formatted(file, checkpoint.format(), tensors[0], rows.size() - 1 - tensors[0]));
    lines.addAll(aligned(rows));
    return lines;
  }

  private static String oneLine(CheckpointValue value) {
    String text = Checkpoints.repr(value).replaceAll("\\p{Cntrl}", " ");
    return text.length() <= 60 ? text : text.substring(0, 59) + "…";
  }

  private static List<String> aligned(List<String[]> rows) {
    int[] widths = new int[4];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    String format = "  %-" + widths[0] + "s  %-" + widths[1] + "s  %-" + widths[2] + "s  %s";
    return rows.stream().map(row -> String.format(format, (Object[]) row).stripTrailing()).toList();
  }

  private static String shape(CheckpointTensor tensor) {
    return tensor.shape().stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
  }

  // ---- JSON -------------------------------------------------------------------------------------

  /** Returns one line of JSON with everything in a file or folder. */
  static String json(Path file) {
    Checkpoint checkpoint = Checkpoints.open(file);
    Digests digests = new Digests(size(file));
    List<String> tensors = new ArrayList<>();
    List<String> values = new ArrayList<>();
    Checkpoints.forEachLeaf(
        checkpoint.tree(),
        (path, value) -> {
          String steps =
              path.stream().map(CheckpointReport::quote).collect(Collectors.joining(",", "[", "]"));
          if (value instanceof CheckpointTensor tensor) {
            tensors.add(
                "{\"path\":%s,\"dtype\":\"%s\",\"shape\":%s,\"sha256\":\"%s\"}"
                    .formatted(steps, tensor.dtype(), shape(tensor), digests.of(tensor)));
          } else {
            values.add(
                "{\"path\":%s,\"type\":%s,\"value\":%s}"
                    .formatted(steps, quote(value.kind()), quote(Checkpoints.repr(value))));
          }
        });
    return "{\"file\":%s,\"format\":\"%s\",\"tensors\":[%s],\"values\":[%s]}"
        .formatted(
            quote(file.toString()),
            checkpoint.format(),
            String.join(",", tensors),
            String.join(",", values));
  }

  private static long size(Path file) {
    try (Stream<Path> files = Files.walk(file)) {
      long size = 0;
      for (Path one : files.filter(Files::isRegularFile).toList()) {
        size += Files.size(one);
      }
      Path beside = file.resolveSibling(file.getFileName() + XSER_FOLDER);
      return Files.isDirectory(beside) ? size + size(beside) : size;
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + file + ": " + e, e);
    }
  }

  /** Returns the line of JSON for a file that cannot be read. */
  static String jsonError(Path file, String message) {
    return "{\"file\":%s,\"error\":%s}".formatted(quote(file.toString()), quote(message));
  }

  private static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }

  /** SHA-256 of tensors. Views can make a small file look endless, so the work is bounded. */
  private static final class Digests {
    private final MessageDigest sha;
    private long left;

    Digests(long fileSize) {
      left = Math.max(SMALL_WORK, WORK_FACTOR * fileSize);
      try {
        sha = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has SHA-256", e);
      }
    }

    String of(CheckpointTensor tensor) {
      left -= tensor.byteSize();
      if (left < 0) {
        throw new CheckpointException(
            "the views in this file have more than %d times its bytes; they are not hashed"
                .formatted(WORK_FACTOR));
      }
      MemorySegment bytes = tensor.contiguous();
      for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
        long length = Math.min(CHUNK, bytes.byteSize() - at);
        sha.update(bytes.asSlice(at, length).asByteBuffer());
      }
      return HexFormat.of().formatHex(sha.digest());
    }
  }

  // ---- difference -------------------------------------------------------------------------------

  /** Returns a line for each thing that is in one tree only or differs. */
  static List<String> differences(CheckpointValue first, CheckpointValue second) {
    Map<List<String>, CheckpointValue> left = leaves(first);
    Map<List<String>, CheckpointValue> right = leaves(second);
    List<String> out = new ArrayList<>();
    left.forEach((path, value) -> {
      String name = String.join(".", path);
      CheckpointValue other = right.get(path);
      if (other == null) {
        out.add("- " + name + ": " + describe(value));
      } else {
        String change = change(value, other);
        if (!change.isEmpty()) {
          out.add("! " + name + ": " + change);
        }
      }
    });
    right.forEach((path, value) -> {
      if (!left.containsKey(path)) {
        out.add("+ " + String.join(".", path) + ": " + describe(value));
      }
    });
    return out;
  }

  private static Map<List<String>, CheckpointValue> leaves(CheckpointValue tree) {
    Map<List<String>, CheckpointValue> out = new LinkedHashMap<>();
    Checkpoints.forEachLeaf(tree, out::put);
    return out;
  }

  private static String describe(CheckpointValue value) {
    return value instanceof CheckpointTensor tensor
        ? tensor.dtype() + shape(tensor)
        : value.kind() + " " + oneLine(value);
  }

  private static String change(CheckpointValue first, CheckpointValue second) {
    if (first instanceof CheckpointTensor a
        && second instanceof CheckpointTensor b
        && describe(a).equals(describe(b))) {
      return bytes(a, b);
    }
    boolean same =
        first.kind().equals(second.kind())
            && !(first instanceof CheckpointTensor)
            && Checkpoints.repr(first).equals(Checkpoints.repr(second));
    return same ? "" : describe(first) + " became " + describe(second);
  }

  private static String bytes(CheckpointTensor first, CheckpointTensor second) {
    MemorySegment a = first.contiguous();
    MemorySegment b = second.contiguous();
    if (a.mismatch(b) < 0) {
      return "";
    }
    int width = first.dtype().byteSize();
    long different = 0;
    for (long at = 0; at < a.byteSize(); at += width) {
      if (MemorySegment.mismatch(a, at, at + width, b, at, at + width) >= 0) {
        different++;
      }
    }
    return "%s differs in %d of %d elements"
        .formatted(describe(first), different, first.elementCount());
  }
}
