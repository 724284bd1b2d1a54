package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Text;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Writes safetensors as its own library does: largest alignment first, then by name.
 *
 * <p>Source: safetensors {@code src/tensor.rs} ({@code prepare}, {@code Dtype}).
 */
final class SafetensorsWriter {
  private static final List<String> ORDER =
      List.of(
          "U64",
          "I64",
          "F64",
          "C64",
          "F32",
          "U32",
          "I32",
          "BF16",
          "F16",
          "U16",
          "I16",
          "F8_E5M2FNUZ",
          "F8_E4M3FNUZ",
          "F8_E8M0",
          "F8_E4M3",
          "F8_E5M2",
          "I8",
          "U8",
          "F4",
          "BOOL");

  private record Entry(String name, String dtype, CheckpointTensor tensor) {
    byte[] nameBytes() {
      return name.getBytes(StandardCharsets.UTF_8);
    }
  }

  private SafetensorsWriter() {}

  static void write(Path path, CheckpointValue tree, Map<String, String> metadata) {
    List<Entry> entries = entries(tree);
    long bytes = entries.stream().mapToLong(entry -> entry.tensor().byteSize()).sum();
    DurableFile.replace(path, bytes, content(entries, metadata));
  }

  /** Returns what a file gets. */
  static DurableFile.Content content(CheckpointValue tree, Map<String, String> metadata) {
    return content(entries(tree), metadata);
  }

  private static DurableFile.Content content(List<Entry> entries, Map<String, String> metadata) {
    byte[] header = header(entries, metadata).getBytes(StandardCharsets.UTF_8);
    return channel -> write(channel, header, entries);
  }

  private static List<Entry> entries(CheckpointValue tree) {
    List<Entry> entries = new ArrayList<>();
    tree.asDict().entries().forEach((key, value) -> entries.add(entry(key, value)));
    entries.sort(
        Comparator.<Entry>comparingInt(entry -> ORDER.indexOf(entry.dtype()))
            .thenComparing(Entry::nameBytes, Arrays::compareUnsigned));
    return entries;
  }

  private static Entry entry(CheckpointValue key, CheckpointValue value) {
    if (!(key instanceof Text(String name)) || !(value instanceof CheckpointTensor tensor)) {
      throw new CheckpointException(
          "safetensors holds tensors by name; \"%s\" is a %s. Save one state dict of the tree"
              .formatted(Keys.show(key), value.kind()));
    }
    if (name.equals(SafetensorsReader.METADATA)) {
      throw new CheckpointException("no tensor can be named " + name + " in safetensors");
    }
    String dtype =
        tensor
            .dtype()
            .safetensorsName()
            .orElseThrow(() ->
                new CheckpointException(
                    "safetensors has no type for %s, of \"%s\"".formatted(tensor.dtype(), name)));
    return new Entry(name, dtype, tensor);
  }

  private static String header(List<Entry> entries, Map<String, String> metadata) {
    List<String> parts = new ArrayList<>();
    if (!metadata.isEmpty()) {
      parts.add(
          metadata.entrySet().stream()
              .map(entry -> Json.quote(entry.getKey()) + ":" + Json.quote(entry.getValue()))
              .collect(Collectors.joining(",", "\"__metadata__\":{", "}")));
    }
    long at = 0;
    for (Entry entry : entries) {
      long end = at + entry.tensor().byteSize();
      parts.add(
          "%s:{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
              .formatted(Json.quote(entry.name()), entry.dtype(), shape(entry.tensor()), at, end));
      at = end;
    }
    return "{" + String.join(",", parts) + "}";
  }

  private static String shape(CheckpointTensor tensor) {
    long[] sizes = tensor.sizes().clone();
    if (tensor.dtype() == TorchDType.FLOAT4_E2M1FN_X2) {
      if (sizes.length == 0) {
        throw new CheckpointException("safetensors cannot hold a pair of 4-bit floats alone");
      }
      sizes[sizes.length - 1] *= 2;
    }
    return LongStream.of(sizes).mapToObj(Long::toString).collect(Collectors.joining(","));
  }

  private static void write(WritableByteChannel channel, byte[] header, List<Entry> entries)
      throws IOException {
    int padded = (header.length + 7) / 8 * 8;
    ByteBuffer start = LittleEndian.buffer(Long.BYTES + padded).putLong(padded).put(header);
    while (start.hasRemaining()) {
      start.put((byte) ' ');
    }
    RecordSink sink = new RecordSink(channel);
    sink.write(start.flip());
    for (Entry entry : entries) {
      MemorySegment bytes = entry.tensor().contiguous();
      sink.write(bytes);
    }
  }
}
