package io.lazytensor.optim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Numbers of {@code make_optim_goldens.py} by name. */
final class OptimGoldens {
  private OptimGoldens() {}

  /** Returns the rows of {@code schedules.txt}. */
  static Map<String, double[]> schedules() {
    return rows("schedules.txt", 1);
  }

  /** Returns the arrays of {@code optimizers.txt}, without their shapes. */
  static Map<String, double[]> optimizers() {
    return rows("optimizers.txt", 2);
  }

  private static Map<String, double[]> rows(String file, int first) {
    Map<String, double[]> out = new HashMap<>();
    for (String line : text(file).lines().toList()) {
      List<String> words = List.of(line.split(" "));
      out.put(
          words.getFirst(),
          words.subList(first, words.size()).stream().mapToDouble(Double::parseDouble).toArray());
    }
    return out;
  }

  static float[] floats(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }

  static double[] get(Map<String, double[]> rows, String name) {
    return Objects.requireNonNull(rows.get(name), name);
  }

  /** Returns the greatest magnitude. */
  static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }

  private static String text(String file) {
    try (InputStream in = OptimGoldens.class.getResourceAsStream(file)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
