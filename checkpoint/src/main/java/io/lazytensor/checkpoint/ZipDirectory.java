package io.lazytensor.checkpoint;

import static io.lazytensor.checkpoint.LittleEndian.u16;
import static io.lazytensor.checkpoint.LittleEndian.u32;
import static io.lazytensor.checkpoint.LittleEndian.u63;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a zip archive as PyTorch writes it: stored records below one root folder. Two
 * readers could understand an ambiguous archive differently, so nothing ambiguous is accepted.
 */
final class ZipDirectory {
  static final long LOCAL_SIGNATURE = 0x04034b50L;
  private static final long CENTRAL_SIGNATURE = 0x02014b50L;
  private static final int LOCAL_SIZE = 30;
  private static final int CENTRAL_SIZE = 46;
  private static final int ALLOWED_FLAGS = 0x0808;
  private static final int MAX_DESCRIPTOR = 24;
  private static final int MAX_TEXT = 4096;
  private static final long CRC_CHUNK = 1 << 30;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;
  private static final String CODE = "code/";

  /** What torch.export wrote up to PyTorch 2.6, without a root folder. */
  private static final String EXPORTED = "serialized_exported_program.json";

  private final MemorySegment file;
  private final Map<String, ZipRecord> records = new LinkedHashMap<>();
  private final Set<String> foldedNames = new HashSet<>();
  private @Nullable String root;

  private ZipDirectory(MemorySegment file) {
    this.file = file;
  }

  static ZipDirectory read(MemorySegment file) {
    ZipDirectory directory = new ZipDirectory(file);
    ZipEndRecord end = ZipEndRecord.find(file);
    long at = end.start();
    for (long i = 0; i < end.entries(); i++) {
      at = directory.entry(at, end);
    }
    if (at != end.end()) {
      throw new CheckpointException(
          "%d bytes follow the last entry of the zip directory".formatted(end.end() - at));
    }
    directory.requireNoGaps(end.start());
    directory.requireKnownKind();
    return directory;
  }

  private long entry(long at, ZipEndRecord end) {
    if (end.end() - at < CENTRAL_SIZE || u32(file, at) != CENTRAL_SIGNATURE) {
      throw new CheckpointException("there is no zip directory entry at " + at);
    }
    int nameSize = u16(file, at + 28);
    int extraSize = u16(file, at + 30);
    long next = at + CENTRAL_SIZE + nameSize + extraSize + u16(file, at + 32);
    if (next > end.end()) {
      throw new CheckpointException("the zip directory entry at " + at + " reaches past its end");
    }
    MemorySegment nameBytes = file.asSlice(at + CENTRAL_SIZE, nameSize);
    String name = LittleEndian.utf8(nameBytes, "a zip entry's name");
    if (name.equals(EXPORTED)) {
      throw exported();
    }
    String folder = rootOf(name);
    if (root == null) {
      root = folder;
    } else if (!root.equals(folder)) {
      throw new CheckpointException(
          "zip entry \"%s\" is outside of the root folder \"%s\"".formatted(name, root));
    }
    if (!foldedNames.add(name.toLowerCase(Locale.ROOT))) {
      throw new CheckpointException("two zip entries are named \"" + name + "\"");
    }
    int flags = u16(file, at + 8);
    if ((flags & ~ALLOWED_FLAGS) != 0 || u16(file, at + 34) != 0) {
      throw new CheckpointException(
          "zip entry \"%s\" is encrypted, or has other flags 0x%x that PyTorch never sets"
              .formatted(name, flags));
    }
    int method = u16(file, at + 10);
    if (method != STORED && method != DEFLATED) {
      throw new CheckpointException(
          "zip entry \"%s\" is compressed by the unknown method %d".formatted(name, method));
    }
    long[] sizes = sizes(at, name, file.asSlice(at + CENTRAL_SIZE + nameSize, extraSize));
    if (method == STORED && sizes[0] != sizes[1]) {
      throw new CheckpointException(
          "stored zip entry \"%s\" has two sizes, %d and %d".formatted(name, sizes[0], sizes[1]));
    }
    long start = start(sizes[2], sizes[1], end.start(), name, nameBytes);
    requireSameHeader(at, sizes, name);
    String below = name.substring(folder.length() + 1);
    boolean stored = method == STORED;
    records.put(below, new ZipRecord(below, sizes[2], start, sizes[1], stored, u32(file, at + 16)));
    return next;
  }

  /** Returns uncompressed size, compressed size and header offset, from zip64 where needed. */
  private long[] sizes(long at, String name, MemorySegment extra) {
    long[] values = {u32(file, at + 24), u32(file, at + 20), u32(file, at + 42)};
    long field = 0;
    while (field < extra.byteSize()) {
      long left = extra.byteSize() - field;
      if (left < 4 || left - 4 < u16(extra, field + 2)) {
        throw new CheckpointException("zip entry \"" + name + "\" has a cut off extra field");
      }
      long end = field + 4 + u16(extra, field + 2);
      if (u16(extra, field) == 1) {
        long p = field + 4;
        for (int i = 0; i < values.length; i++) {
          if (values[i] == 0xffffffffL) {
            if (end - p < Long.BYTES) {
              throw new CheckpointException("zip entry \"" + name + "\" has a cut off zip64 field");
            }
            values[i] = u63(extra, p, "a size of zip entry \"" + name + "\"");
            p += Long.BYTES;
          }
        }
      }
      field = end;
    }
    return values;
  }

  private long start(long header, long size, long limit, String name, MemorySegment nameBytes) {
    if (header > limit - LOCAL_SIZE || u32(file, header) != LOCAL_SIGNATURE) {
      throw new CheckpointException("zip entry \"%s\" has no header at %d".formatted(name, header));
    }
    int nameSize = u16(file, header + 26);
    long start = header + LOCAL_SIZE + nameSize + u16(file, header + 28);
    if (start > limit || size > limit - start) {
      throw new CheckpointException(
          "zip entry \"%s\" of %d bytes at %d reaches into the directory"
              .formatted(name, size, start));
    }
    if (file.asSlice(header + LOCAL_SIZE, nameSize).mismatch(nameBytes) != -1) {
      throw new CheckpointException(
          "zip entry \"" + name + "\" has another name in its own header");
    }
    return start;
  }

  private void requireSameHeader(long central, long[] sizes, String name) {
    long header = sizes[2];
    boolean same =
        u16(file, header + 6) == u16(file, central + 8)
            && u16(file, header + 8) == u16(file, central + 10);
    boolean described = (u16(file, header + 6) & 8) != 0;
    long size = u32(file, header + 22);
    // Without a descriptor the header holds checksum and size; PyTorch's empty records have 0, 0.
    if (same && !described) {
      same =
          u32(file, header + 14) == u32(file, central + 16)
              && (size == 0xffffffffL || size == sizes[0]);
    }
    if (!same) {
      throw new CheckpointException("zip entry \"%s\" and its own header disagree".formatted(name));
    }
  }

  private static String rootOf(String name) {
    int slash = name.indexOf('/');
    if (slash <= 0 || slash == name.length() - 1) {
      throw new CheckpointException("zip entry \"" + name + "\" is not inside a root folder");
    }
    if (name.indexOf('\\') >= 0 || name.chars().anyMatch(c -> c < ' ')) {
      throw new CheckpointException("a zip entry's name has a backslash or control character");
    }
    for (String part : name.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        throw new CheckpointException("zip entry \"" + name + "\" is no plain path");
      }
    }
    return name.substring(0, slash);
  }

  private void requireNoGaps(long directory) {
    List<ZipRecord> inOrder = new ArrayList<>(records.values());
    inOrder.sort(Comparator.comparingLong(ZipRecord::header));
    long at = 0;
    for (ZipRecord record : inOrder) {
      requireAdjacent(at, record.header(), record.name());
      at = record.end();
    }
    requireAdjacent(at, directory, "the directory");
  }

  private static void requireAdjacent(long end, long next, String name) {
    if (next < end) {
      throw new CheckpointException("zip entry \"" + name + "\" overlaps another one");
    }
    if (next > end + MAX_DESCRIPTOR) {
      throw new CheckpointException(
          "%d bytes before zip entry \"%s\" belong to no entry".formatted(next - end, name));
    }
  }

  private void requireKnownKind() {
    if (records.containsKey("models/model.json")) {
      throw exported();
    }
    for (ZipRecord record : records.values()) {
      if (!record.stored() && !(isScript() && record.name().startsWith(CODE))) {
        throw new CheckpointException(
            "zip entry \"%s\" is compressed; torch.save never does. Pack it again with \"zip -0\""
                .formatted(record.name()));
      }
    }
  }

  private static CheckpointException exported() {
    return new CheckpointException(
        "this is a program of torch.export, not a checkpoint of torch.save. In Python:"
            + " torch.save(torch.export.load(path).state_dict, \"model.pt\")");
  }

  /** Returns whether the archive is one of TorchScript, which holds the code of a module too. */
  boolean isScript() {
    return records.containsKey("constants.pkl");
  }

  Optional<ZipRecord> find(String name) {
    return Optional.ofNullable(records.get(name));
  }

  Iterable<ZipRecord> records() {
    return records.values();
  }

  MemorySegment bytes(ZipRecord record) {
    return file.asSlice(record.start(), record.size());
  }

  /**
   * Returns a record's bytes, checked against the archive's checksum if it has one. Compressed ones
   * are left alone: a small file could fill all memory.
   */
  MemorySegment checked(ZipRecord record) {
    MemorySegment bytes = bytes(record);
    if (record.stored() && record.crc() != 0 && crc(bytes) != record.crc()) {
      throw new CheckpointException(
          "the CRC-32 of \"%s\" is wrong: the file is damaged".formatted(record.name()));
    }
    return bytes;
  }

  private static long crc(MemorySegment bytes) {
    CRC32 crc = new CRC32();
    for (long at = 0; at < bytes.byteSize(); at += CRC_CHUNK) {
      long length = Math.min(CRC_CHUNK, bytes.byteSize() - at);
      crc.update(bytes.asSlice(at, length).asByteBuffer());
    }
    return crc.getValue();
  }

  /** Returns a short text record, if there is one. */
  Optional<String> text(String name) {
    return find(name)
        .map(record -> {
          if (record.size() > MAX_TEXT) {
            throw new CheckpointException(
                "\"%s\" has %d bytes; it is a short text".formatted(name, record.size()));
          }
          return LittleEndian.utf8(checked(record), "\"" + name + "\"");
        });
  }
}
