package io.lazytensor;

import static io.lazytensor.nn.F.checkpoint;
import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.customGradient;
import static io.lazytensor.nn.F.dropout;
import static io.lazytensor.nn.F.gradients;
import static io.lazytensor.nn.F.relu;
import static io.lazytensor.nn.F.scan;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.internal.record.RecordLimits;
import io.lazytensor.internal.record.RecordMode;
import io.lazytensor.nn.Differentiable;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.Linear;
import io.lazytensor.nn.StateDict;
import io.lazytensor.optim.AdamW;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.SGD;
import io.lazytensor.xla.eval.EvaluatorBackend;
import io.lazytensor.xla.ir.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Random programs with everything that may change between steps: mode, precision, freezing,
 * learning rate, batch size, fetches, marks, exceptions, reloads. With the trie, without it, and
 * with both compared, they compute the same bits from the same number of graphs.
 */
class GeneratedProgramsTest {
  record Net(Linear first, List<Linear> middle, Linear second) implements Layer {
    static Net create() {
      return new Net(Linear.of(3, 4), List.of(Linear.of(4, 4), Linear.of(4, 4)), Linear.of(4, 2));
    }

    /** Runs with the regions the bits ask for, which change nothing but rounding. */
    Tensor forward(Tensor x, boolean again, boolean loop, boolean exact) {
      UnaryOperator<Tensor> begin = v -> dropout(relu(first.forward(v)), 0.25);
      Tensor h = again ? checkpoint(begin, x) : begin.apply(x);
      BiFunction<Linear, Tensor, Tensor> layer =
          (linear, v) -> {
            UnaryOperator<Tensor> part = u -> dropout(linear.forward(u).sin(), 0.1);
            return (again ? checkpoint(part, v) : part.apply(v)).to(DType.F32);
          };
      h = h.to(DType.F32);
      if (loop) {
        h = scan(middle, h, layer);
      } else {
        for (Linear linear : middle) {
          h = layer.apply(linear, h);
        }
      }
      if (exact) {
        h = customGradient(h, v -> new Differentiable(v.floor(), g -> List.of(g.mul(v.gt(0)))));
        return Precision.f32().apply(second::forward, h);
      }
      return second.forward(h);
    }
  }

  private record Outcome(List<Float> values, long graphs) {}

  @Property(tries = 25)
  void allModesAgree(
      @ForAll @Size(min = 4, max = 14) List<@IntRange(max = 1 << 23) Integer> script) {
    compare(script);
  }

  @Property(tries = 600)
  @Tag("full")
  void allModesAgreeOnLongPrograms(
      @ForAll @Size(min = 20, max = 60) List<@IntRange(max = 1 << 23) Integer> script) {
    compare(script);
  }

  private static void compare(List<Integer> script) {
    Outcome plain = new Program(RecordMode.PLAIN, RecordLimits.DEFAULT).run(script);
    assertEquals(plain, new Program(RecordMode.TRIE, RecordLimits.DEFAULT).run(script));
    assertEquals(plain, new Program(RecordMode.COMPARE, RecordLimits.DEFAULT).run(script));
    RecordLimits tight = new RecordLimits(1000, 60, 64);
    assertEquals(plain, new Program(RecordMode.TRIE, tight).run(script));
  }

  /** One run of a script; each of its numbers is one step. */
  private static final class Program {
    private final EvaluatorBackend backend = new EvaluatorBackend();
    private final Device device;
    private final Net model;
    private final Optimizer adamW;
    private final Optimizer sgd;
    private final StateDict start;
    private final Hyper temperature;
    private final List<Float> values = new ArrayList<>();

    Program(RecordMode mode, RecordLimits limits) {
      device = Devices.on(backend, mode, limits);
      device.contract("train", c -> c.maxGraphs(1000));
      model = device.initialize(Net.create(), Seed.of(11));
      start = model.stateDict().toHost();
      adamW = AdamW.builder(model.parameters()).learningRate(0.05).build();
      sgd = SGD.builder(model.parameters()).learningRate(0.1).momentum(0.9).nesterov(true).build();
      temperature = device.hyper("temperature", 1);
    }

    Outcome run(List<Integer> script) {
      try (device) {
        for (int code : script) {
          step(code);
        }
        for (Parameter parameter : model.parameters()) {
          for (float value : parameter.toFloats()) {
            values.add(value);
          }
        }
        return new Outcome(values, backend.compiles());
      }
    }

    private static boolean bit(int code, int index) {
      return (code >> index & 1) != 0;
    }

    private void step(int code) {
      if (bit(code, 0) && bit(code, 1)) {
        device.load(model, start);
      }
      model.first().bias().orElseThrow().freeze(bit(code, 2));
      temperature.set(1 + (code >> 3 & 3) * 0.5);
      int rows = 1 + (code >> 5 & 1);
      Precision precision = bit(code, 6) && bit(code, 7) ? Precision.bf16() : Precision.f32();
      List<Fetch<Float>> fetches = new ArrayList<>();
      try (Step step =
          bit(code, 8) && bit(code, 9)
              ? device.evaluationStep("train", precision)
              : device.trainingStep("train", precision)) {
        record(step, code, rows, fetches);
      } catch (IllegalStateException expected) {
        assertEquals("thrown by the script", expected.getMessage());
        fetches.clear();
      }
      fetches.forEach(fetch -> values.add(fetch.get()));
    }

    private void record(Step step, int code, int rows, List<Fetch<Float>> fetches) {
      float[] pixels = new float[rows * 3];
      int[] labels = new int[rows];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (code * 31 + i * 17) % 7 - 3;
      }
      labels[0] = code & 1;
      Tensor logits =
          model
              .forward(device.tensor(pixels, rows, 3), bit(code, 20), bit(code, 21), bit(code, 22))
              .div(temperature);
      Tensor loss = crossEntropy(logits, device.tensor(labels, rows));
      if (bit(code, 10)) {
        loss = loss.add(model.second().weight().square().sum().mul(0.01));
      }
      if (bit(code, 11)) {
        fetches.add(step.fetchFloat(loss));
      }
      Optimizer optimizer = bit(code, 12) ? adamW : sgd;
      if (bit(code, 13)) {
        Gradients g = gradients(loss, model);
        optimizer.step(bit(code, 14) ? g.clipNorm(0.5) : g);
      } else {
        loss.backward();
        if (bit(code, 15)) {
          step.markStep();
        }
        optimizer.step();
      }
      if (bit(code, 16) && bit(code, 17)) {
        throw new IllegalStateException("thrown by the script");
      }
      if (bit(code, 18) && bit(code, 19)) {
        step.discard();
        fetches.clear();
      } else {
        step.markStep();
      }
    }
  }
}
