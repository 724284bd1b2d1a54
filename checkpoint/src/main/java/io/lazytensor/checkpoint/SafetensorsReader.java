package io.lazytensor.checkpoint;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads safetensors: a length, a JSON header, the bytes of the tensors without gaps.
 *
 * <p>Source: safetensors {@code README.md} (Format) and {@code src/tensor.rs} ({@code
 * Metadata::validate}); repeated names and unknown fields are refused besides.
 */
final class SafetensorsReader {
  static final String METADATA = "__metadata__";
  private static final long MAX_HEADER = 100_000_000;
  private static final Set<String> FIELDS = Set.of("dtype", "shape", "data_offsets");

  private record Span(String name, long begin, long end) {}

  private final MemorySegment data;
  private final List<Span> spans = new ArrayList<>();
  private final CheckpointDict tensors = new CheckpointDict(false);
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private SafetensorsReader(MemorySegment data) {
    this.data = data;
  }

  static Checkpoint read(MemorySegment file) {
    if (file.byteSize() < Long.BYTES) {
      throw new CheckpointException(
          "a safetensors file has at least 8 bytes, this one " + file.byteSize());
    }
    long length = LittleEndian.u63(file, 0, "the safetensors header's length");
    if (length > MAX_HEADER || length > file.byteSize() - Long.BYTES) {
      throw new CheckpointException(
          "the safetensors header declares %d bytes; the file has %d, and at most %d are read"
              .formatted(length, file.byteSize(), MAX_HEADER));
    }
    String header = LittleEndian.utf8(file.asSlice(Long.BYTES, length), "the safetensors header");
    SafetensorsReader reader = new SafetensorsReader(file.asSlice(Long.BYTES + length));
    object(Json.read(header), "the header").forEach(reader::entry);
    reader.requireNoGaps();
    return new Checkpoint(CheckpointFormat.SAFETENSORS, reader.tensors, reader.metadata);
  }

  private static Map<String, Object> object(Object value, String what) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new CheckpointException("safetensors: " + what + " is no JSON object");
    }
    Map<String, Object> out = new LinkedHashMap<>();
    map.forEach((key, item) -> out.put((String) key, item));
    return out;
  }

  private void entry(String name, Object value) {
    if (name.equals(METADATA)) {
      object(value, METADATA)
          .forEach((key, item) -> {
            if (!(item instanceof String text)) {
              throw new CheckpointException("safetensors: metadata \"" + key + "\" is no string");
            }
            metadata.put(key, text);
          });
      return;
    }
    Map<String, Object> fields = object(value, "\"" + name + "\"");
    if (!fields.keySet().equals(FIELDS)) {
      throw new CheckpointException(
          "safetensors: \"%s\" has the fields %s instead of %s"
              .formatted(name, fields.keySet(), FIELDS));
    }
    long[] shape = numbers(name, fields.get("shape"));
    long[] offsets = numbers(name, fields.get("data_offsets"));
    if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > data.byteSize()) {
      throw new CheckpointException(
          "safetensors: \"%s\" lies outside of the %d bytes of data"
              .formatted(name, data.byteSize()));
    }
    if (!(fields.get("dtype") instanceof String type)) {
      throw new CheckpointException("safetensors: the dtype of \"" + name + "\" is no string");
    }
    TorchDType dtype =
        TorchDType.ofSafetensorsName(type)
            .orElseThrow(() ->
                new CheckpointException(
                    "safetensors: \"%s\" has dtype \"%s\", which PyTorch has not"
                        .formatted(name, type)));
    tensors.put(CheckpointValue.of(name), tensor(name, dtype, shape, offsets));
    spans.add(new Span(name, offsets[0], offsets[1]));
  }

  private CheckpointTensor tensor(String name, TorchDType dtype, long[] shape, long[] offsets) {
    long[] sizes = shape;
    if (dtype == TorchDType.FLOAT4_E2M1FN_X2) {
      // safetensors counts 4-bit numbers, PyTorch pairs of them.
      sizes = shape.clone();
      if (sizes.length == 0 || sizes[sizes.length - 1] % 2 != 0) {
        throw new CheckpointException("safetensors: \"" + name + "\" ends within a byte");
      }
      sizes[sizes.length - 1] /= 2;
    }
    long size = offsets[1] - offsets[0];
    MemorySegment bytes = data.asSlice(offsets[0], size);
    long[] strides;
    try {
      long count = 1;
      for (long dimension : sizes) {
        count = Math.multiplyExact(count, dimension);
      }
      if (Math.multiplyExact(count, dtype.byteSize()) != size) {
        throw new CheckpointException(
            "safetensors: \"%s\" of %d elements of %s has %d bytes"
                .formatted(name, count, dtype, size));
      }
      strides = strides(sizes);
    } catch (ArithmeticException e) {
      throw new CheckpointException("safetensors: the size of \"" + name + "\" overflows", e);
    }
    return CheckpointTensor.view(dtype, CheckpointStorage.of(dtype, bytes), 0, sizes, strides);
  }

  private static long[] strides(long[] sizes) {
    long product = 1;
    for (long size : sizes) {
      product = Math.multiplyExact(product, Math.max(1, size));
    }
    return CheckpointTensor.contiguousStrides(sizes);
  }

  private static long[] numbers(String name, @org.jspecify.annotations.Nullable Object value) {
    if (!(value instanceof List<?> list) || list.size() > CheckpointTensor.MAX_RANK) {
      throw new CheckpointException("safetensors: \"" + name + "\" has no list of numbers");
    }
    long[] out = new long[list.size()];
    for (int i = 0; i < out.length; i++) {
      if (!(list.get(i) instanceof Long number)) {
        throw new CheckpointException("safetensors: \"" + name + "\" has no list of numbers");
      }
      out[i] = number;
    }
    return out;
  }

  private void requireNoGaps() {
    spans.sort(Comparator.comparingLong(Span::begin).thenComparingLong(Span::end));
    long at = 0;
    for (Span span : spans) {
      if (span.begin() != at) {
        throw new CheckpointException(
            "safetensors: \"%s\" starts at byte %d, the tensor before it ends at %d"
                .formatted(span.name(), span.begin(), at));
      }
      at = span.end();
    }
    if (at != data.byteSize()) {
      throw new CheckpointException(
          "safetensors: the tensors cover %d of %d bytes".formatted(at, data.byteSize()));
    }
  }
}
