package io.lazytensor.internal.lower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.eval.HloEvaluator;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.pass.Passes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Runs instructions on the evaluator. */
final class Evaluation {
  private Evaluation() {}

  /** Returns a parameter for every value, by its name. */
  static SequencedMap<String, HloInstruction> parameters(SequencedMap<String, Literal> values) {
    HloBuilder b = new HloBuilder();
    SequencedMap<String, HloInstruction> parameters = new LinkedHashMap<>();
    values.forEach((name, value) ->
        parameters.put(name, b.add(new HloOp.Parameter(parameters.size(), value.shape()))));
    return parameters;
  }

  /** Evaluates something without parameters. */
  static Literal evaluate(HloInstruction root) {
    return run(HloComputation.of("main", List.of(), root), List.of());
  }

  /** Evaluates a function of parameters in their order. */
  static Literal evaluate(
      HloInstruction root,
      SequencedMap<String, HloInstruction> parameters,
      Map<String, Literal> values) {
    HloComputation main = HloComputation.of("main", new ArrayList<>(parameters.values()), root);
    return run(main, parameters.keySet().stream().map(values::get).toList());
  }

  /**
   * Runs a graph as recorded and as a backend gets it: verified and simplified, with one result.
   */
  private static Literal run(HloComputation main, List<Literal> arguments) {
    HloModule module = new HloModule("test", main, List.of());
    HloVerifier.verify(module);
    Literal result = HloEvaluator.evaluate(module, arguments).getFirst();
    HloModule simplified = Passes.standard(module);
    assertEquals(result, HloEvaluator.evaluate(simplified, arguments).getFirst(), "simplified");
    return result;
  }

  /** Compares with a tolerance relative to {@code 1 + |expected|}. */
  static void assertClose(String what, Literal expected, Literal actual, double tolerance) {
    assertEquals(expected.shape(), actual.shape(), what);
    for (long i = 0; i < expected.shape().elementCount(); i++) {
      double e = expected.toDouble(i);
      double a = actual.toDouble(i);
      boolean same = e == a || (Double.isNaN(e) && Double.isNaN(a));
      assertTrue(
          same || Math.abs(e - a) <= tolerance * (1 + Math.abs(e)),
          () -> what + ": expected " + e + ", got " + a);
    }
  }
}
