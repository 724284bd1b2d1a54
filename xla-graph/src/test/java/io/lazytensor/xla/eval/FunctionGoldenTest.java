package io.lazytensor.xla.eval;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.UnaryKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Elementary functions against values of 60 digits and more. */
class FunctionGoldenTest {
  private static final List<String[]> LINES = read();

  private static List<String[]> read() {
    try (var in = FunctionGoldenTest.class.getResourceAsStream("functions.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(" "))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the numbers of each line about one function with one or two parts. */
  private static List<double[]> goldens(UnaryKind kind, int parts) {
    List<double[]> out =
        LINES.stream()
            .filter(words -> words[0].equals(kind.hloName()) && words.length == 1 + 2 * parts)
            .map(words -> Arrays.stream(words).skip(1).mapToDouble(Double::parseDouble).toArray())
            .toList();
    assertTrue(out.size() > 20);
    return out;
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "ACOS",
        "ACOSH",
        "ASIN",
        "ASINH",
        "ATANH",
        "CBRT",
        "COSH",
        "COSINE",
        "ERF",
        "EXPONENTIAL",
        "EXPONENTIAL_MINUS_ONE",
        "LOG",
        "LOG_PLUS_ONE",
        "LOGISTIC",
        "RSQRT",
        "SINE",
        "SINH",
        "SQRT",
        "TAN",
        "TANH"
      })
  void realFunctionsAreRight(UnaryKind kind) {
    for (double[] golden : goldens(kind, 1)) {
      double x = golden[0];
      double y = golden[1];
      double inDouble = apply(kind, Literal.scalar(DType.F64, x)).toDouble(0);
      check(kind, x, y, inDouble, 4 * Math.ulp(y));
      if (x == (float) x && (float) y != 0 && Float.isFinite((float) y)) {
        double inFloat = apply(kind, Literal.scalar(DType.F32, x)).toDouble(0);
        check(kind, x, y, inFloat, 0.501 * Math.ulp((float) y));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "ACOS", "ACOSH", "ASIN", "ASINH", "ATANH", "COSH", "COSINE", "EXPONENTIAL",
        "EXPONENTIAL_MINUS_ONE", "LOG", "LOG_PLUS_ONE", "LOGISTIC", "RSQRT", "SINE", "SINH", "SQRT",
        "TAN", "TANH"
      })
  void complexFunctionsAreRight(UnaryKind kind) {
    for (double[] golden : goldens(kind, 2)) {
      Literal z = Literal.scalarComplex(DType.C128, golden[0], golden[1]);
      Literal w = apply(kind, z);
      double whole = Math.hypot(golden[2], golden[3]);
      String at = "%s + %s i".formatted(golden[0], golden[1]);
      check(kind, at + ", real", golden[2], w.realPart(0), bound(golden[2], whole));
      check(kind, at + ", imaginary", golden[3], w.imaginaryPart(0), bound(golden[3], whole));
    }
  }

  // A part much smaller than the whole may lose digits to cancellation.
  private static double bound(double part, double whole) {
    return Math.max(12 * Math.ulp(part), 2 * Math.ulp(whole));
  }

  private static Literal apply(UnaryKind kind, Literal x) {
    return ElementwiseEvaluation.unary(kind, ArrayValue.of(x)).literal();
  }

  private static void check(UnaryKind kind, Object x, double expected, double got, double bound) {
    assertTrue(
        Math.abs(got - expected) <= bound,
        () ->
            "%s of %s: expected %s, got %s, off by %.2f bounds"
                .formatted(kind.hloName(), x, expected, got, Math.abs(got - expected) / bound));
  }
}
