package io.lazytensor.xla.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Types of a byte and less against ml_dtypes, code by code. */
class SmallFloatTest {
  private static final String SMALL = "F8.*|F4.*";

  static Stream<String> goldens() {
    try (var in = SmallFloatTest.class.getResourceAsStream("small_floats.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<String> decodings() {
    return goldens().filter(line -> line.contains("decode"));
  }

  static Stream<String> encodings() {
    return goldens().filter(line -> line.contains("encode"));
  }

  @ParameterizedTest
  @MethodSource("decodings")
  void everyCodeHasItsValue(String line) {
    String[] words = line.split(" ");
    DType type = DType.ofHloName(words[0]);
    assertEquals(1 << type.bitWidth(), words.length - 2);
    for (int code = 0; code < words.length - 2; code++) {
      float expected = Float.intBitsToFloat(Integer.parseUnsignedInt(words[code + 2], 16));
      String what = "%s code %02x".formatted(type, code);
      assertEquals((double) expected, Numbers.toDouble(type, code), what);
    }
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void everyBorderRoundsToEven(String line) {
    String[] words = line.split(" ");
    DType type = DType.ofHloName(words[0]);
    assertTrue(words.length > 20);
    for (String word : Arrays.asList(words).subList(2, words.length)) {
      String[] parts = word.split(":");
      float x = Float.intBitsToFloat(Integer.parseUnsignedInt(parts[0], 16));
      long bits = Numbers.encodeFloat(DType.F32, x);
      assertEquals(
          parts[1],
          "%02x".formatted(Numbers.encodeFloat(type, Numbers.toDouble(DType.F32, bits))),
          () -> "%s of %s (%s)".formatted(type, x, parts[0]));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = SMALL)
  void everyCodeSurvives(DType type) {
    for (int code = 0; code < 1 << type.bitWidth(); code++) {
      assertEquals(code, Numbers.encodeFloat(type, Numbers.toDouble(type, code)));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = SMALL)
  void doublesRoundOnce(DType type) {
    double[] values = finite(type);
    for (int i = 1; i < values.length; i++) {
      double border = (values[i - 1] + values[i]) / 2;
      assertEquals(values[i], rounded(type, Math.nextUp(border)) + 0.0);
      assertEquals(values[i - 1], rounded(type, Math.nextDown(border)) + 0.0);
    }
  }

  @Property
  void nothingIsNearer(@ForAll @DoubleRange(min = -1e5, max = 1e5) double x) {
    for (DType type : DType.values()) {
      if (type.name().matches(SMALL) && type != DType.F8E8M0FNU) {
        double[] values = finite(type);
        double inside = Math.clamp(x, values[0], values[values.length - 1]);
        double nearest =
            Arrays.stream(values)
                .boxed()
                .min(Comparator.comparingDouble(v -> Math.abs(v - inside)))
                .orElseThrow();
        assertEquals(
            Math.abs(nearest - inside),
            Math.abs(rounded(type, inside) - inside),
            () -> type + " of " + inside);
      }
    }
  }

  private static double rounded(DType type, double x) {
    return Numbers.toDouble(type, Numbers.encodeFloat(type, x));
  }

  private static double[] finite(DType type) {
    return IntStream.range(0, 1 << type.bitWidth())
        .mapToDouble(code -> Numbers.toDouble(type, code))
        .filter(Double::isFinite)
        .map(value -> value + 0.0)
        .sorted()
        .distinct()
        .toArray();
  }
}
