package io.lazytensor.internal.lower;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.Literal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/** Arrays of PyTorch by case and name, from {@code pytorch.txt}. */
final class Goldens {
  private Goldens() {}

  static Map<String, SequencedMap<String, Literal>> load() {
    Map<String, SequencedMap<String, Literal>> cases = new LinkedHashMap<>();
    for (String line : text().lines().filter(l -> !l.startsWith("#")).toList()) {
      List<String> words = List.of(line.split(" "));
      int dot = words.getFirst().indexOf('.');
      cases
          .computeIfAbsent(words.getFirst().substring(0, dot), c -> new LinkedHashMap<>())
          .put(words.getFirst().substring(dot + 1), literal(words));
    }
    return cases;
  }

  private static Literal literal(List<String> words) {
    String shape = words.get(1);
    int open = shape.indexOf('[');
    String sizes = shape.substring(open + 1, shape.length() - 1);
    Dims dims =
        sizes.isEmpty()
            ? Dims.of()
            : Dims.of(List.of(sizes.split(",")).stream().mapToInt(Integer::parseInt).toArray());
    List<String> values = words.subList(2, words.size());
    DType type = DType.ofHloName(shape.substring(0, open));
    return switch (type) {
      case S32 -> Literal.ofInts(dims, values.stream().mapToInt(Integer::parseInt).toArray());
      case F32 -> {
        float[] floats = new float[values.size()];
        IntStream.range(0, floats.length).forEach(i -> floats[i] = number(values.get(i)));
        yield Literal.ofFloats(dims, floats);
      }
      default -> {
        byte[] bytes = new byte[values.size()];
        IntStream.range(0, bytes.length).forEach(i -> bytes[i] = Byte.parseByte(values.get(i)));
        yield Literal.ofBytes(new ArrayShape(type, dims), bytes);
      }
    };
  }

  private static float number(String text) {
    return switch (text) {
      case "nan" -> Float.NaN;
      case "inf" -> Float.POSITIVE_INFINITY;
      case "-inf" -> Float.NEGATIVE_INFINITY;
      default -> Float.parseFloat(text);
    };
  }

  private static String text() {
    try (InputStream in = Goldens.class.getResourceAsStream("pytorch.txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
