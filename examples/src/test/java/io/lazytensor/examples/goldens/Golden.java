package io.lazytensor.examples.goldens;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A call of PyTorch: arrays by name.
 *
 * <p>In the file a line is {@code case.array type[dims] values…}. Inputs come first. Results are
 * {@code y}, {@code y1} and so on; {@code g}, {@code g1} are the gradients given for them, {@code
 * dx} is the gradient that comes out for the input {@code x}, {@code after.mean} what the state
 * {@code mean} holds afterwards. Results, gradients and states are PyTorch's in the inputs' types;
 * with {@code 64} behind the name they are PyTorch's in {@code f64}, the truth both are measured
 * by.
 *
 * @param name the case's name
 * @param inputs what goes in
 * @param results everything after the inputs
 */
record Golden(
    String name,
    SequencedMap<String, GoldenArray> inputs,
    SequencedMap<String, GoldenArray> results) {

  /** Reads a file beside this class. */
  static Map<String, Golden> read(String file) {
    Map<String, Golden> cases = new LinkedHashMap<>();
    for (String line : text(file).lines().filter(l -> !l.startsWith("#")).toList()) {
      int space = line.indexOf(' ');
      int dot = line.indexOf('.');
      String array = line.substring(dot + 1, space);
      cases
          .computeIfAbsent(
              line.substring(0, dot),
              name -> new Golden(name, new LinkedHashMap<>(), new LinkedHashMap<>()))
          .put(array, GoldenArray.parse(line.substring(space + 1)));
    }
    return cases;
  }

  private void put(String array, GoldenArray value) {
    boolean input = results.isEmpty() && !array.equals("y");
    if ((input ? inputs : results).put(array, value) != null) {
      throw new IllegalArgumentException(name + "." + array + " occurs twice");
    }
  }

  /** Returns what PyTorch has for a result, gradient or state. */
  GoldenArray expected(String array) {
    return Objects.requireNonNull(results.get(array), () -> name + " has no " + array);
  }

  /** Returns the truth for a result, gradient or state: itself if it is exact. */
  GoldenArray truth(String array) {
    return expected(expected(array).shape().dtype().isFloating() ? array + "64" : array);
  }

  /** Returns the names of what a run has to produce. */
  Set<String> compared() {
    return results.keySet().stream()
        .filter(name -> !name.matches("g\\d*|.*64"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  boolean has(String array) {
    return results.containsKey(array);
  }

  private static String text(String file) {
    try (InputStream in = Golden.class.getResourceAsStream(file)) {
      return new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
