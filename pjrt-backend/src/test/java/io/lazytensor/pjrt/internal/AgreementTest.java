package io.lazytensor.pjrt.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.eval.HloEvaluator;
import io.lazytensor.xla.ir.HloOpcode;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.testing.Graphs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation on a plug-in against the evaluator, over types, sizes, attributes and values. The
 * bounds are those of {@code docs/numerics.md}, "Agreement between engines".
 */
class AgreementTest {
  private static final double LEAST_AGREEMENT = 0.995;
  private static final int ENOUGH_FOR_A_RATE = 1_000;

  static List<Path> plugins() {
    return RealPlugins.all();
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void operationsAgreeWithTheEvaluator(Path plugin) {
    new Campaign(plugin).run(250, 5);
  }

  @Tag("full")
  @ParameterizedTest
  @MethodSource("plugins")
  void manyOperationsAgreeWithTheEvaluator(Path plugin) {
    new Campaign(plugin).run(Integer.getInteger("lazytensor.agreement", 5_000), 1);
  }

  private static final class Campaign {
    private final Path plugin;
    private final Map<AgreementBounds.Verdict, Integer> counts =
        new EnumMap<>(AgreementBounds.Verdict.class);
    private final Map<String, Agreement> worst = new TreeMap<>();
    private final List<String> explained = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    Campaign(Path plugin) {
      this.plugin = plugin;
    }

    void run(int count, long seed) {
      HloOpcode[] opcodes = HloOpcode.values();
      int compared = 0;
      try (PjrtBackend backend =
          PjrtBackend.open(new BackendOptions(plugin.toString(), Map.of()))) {
        for (int i = 0; compared < count; i++) {
          compared += compare(backend, opcodes[i % opcodes.length], seed * 1_000_003 + i) ? 1 : 0;
        }
      }
      worst.forEach((what, a) ->
          System.out.printf("%s: units %.3g, scaled %.3g%n", what, a.units(), a.scaled()));
      explained.forEach(System.out::println);
      System.out.println(plugin.getFileName() + ": " + counts);
      assertEquals(List.of(), failures);
      if (count < ENOUGH_FOR_A_RATE) {
        return;
      }
      int agreed = counts.getOrDefault(AgreementBounds.Verdict.AGREES, 0);
      assertTrue(agreed >= LEAST_AGREEMENT * compared, counts.toString());
    }

    /** Returns whether there was anything to compare. */
    private boolean compare(PjrtBackend backend, HloOpcode opcode, long seed) {
      AgreementCase one;
      List<Literal> got;
      try {
        one = AgreementCase.of(opcode, new Random(seed));
      } catch (LazyTensorException noSuchOperation) {
        return false;
      }
      if (one.module().replicas() > 1 || one.opcode() == HloOpcode.CUSTOM_CALL) {
        return false;
      }
      List<Literal> expected;
      try {
        expected = HloEvaluator.evaluate(one.module(), one.arguments());
      } catch (UnsupportedException evaluatorDoesNotDoIt) {
        return false;
      }
      try {
        got = Graphs.run(backend, one.module(), one.arguments());
      } catch (LazyTensorException plugInDoesNotDoIt) {
        return false;
      }
      Agreement agreement = Agreement.of(expected, got);
      AgreementBounds.Verdict verdict = AgreementBounds.judge(one, agreement);
      counts.merge(verdict, 1, Integer::sum);
      String what = one.opcode().hloName() + " " + one.dtype().hloName();
      String text = "%s, seed %d: %s".formatted(what, seed, agreement);
      switch (verdict) {
        case AGREES -> {
          if (agreement.units() > 0) {
            worst.merge(what, agreement, (a, b) -> a.units() > b.units() ? a : b);
          }
        }
        case EXPLAINED -> explained.add(text);
        case DIFFERS -> failures.add(text);
      }
      return true;
    }
  }
}
