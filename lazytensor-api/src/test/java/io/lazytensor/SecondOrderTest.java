package io.lazytensor;

import static io.lazytensor.nn.F.checkpoint;
import static io.lazytensor.nn.F.crossEntropy;
import static io.lazytensor.nn.F.elu;
import static io.lazytensor.nn.F.gelu;
import static io.lazytensor.nn.F.gradient;
import static io.lazytensor.nn.F.gradients;
import static io.lazytensor.nn.F.layerNorm;
import static io.lazytensor.nn.F.leakyRelu;
import static io.lazytensor.nn.F.linear;
import static io.lazytensor.nn.F.logSoftmax;
import static io.lazytensor.nn.F.relu;
import static io.lazytensor.nn.F.scan;
import static io.lazytensor.nn.F.softmax;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.internal.record.RecordMode;
import io.lazytensor.nn.F;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.SGD;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients of gradients, against central differences of first gradients in f64. */
class SecondOrderTest extends RuleTest {
  private static final double[] AT = {0.31, -0.72, 1.13, 0.44, -0.25, 0.86};
  private static final double[] DIRECTION = {1, -0.5, 0.25, 0.75, -1, 0.5};

  // A function of f64[2,3], of which the sum of squares is differentiated.
  private static final Map<String, UnaryOperator<Tensor>> FUNCTIONS = new TreeMap<>();

  static {
    FUNCTIONS.put("relu", x -> relu(x).mul(x));
    FUNCTIONS.put("leakyRelu", x -> leakyRelu(x, 0.1).mul(x));
    FUNCTIONS.put("elu", x -> elu(x, 1.5));
    FUNCTIONS.put("gelu", F::gelu);
    FUNCTIONS.put("geluTanh", F::geluTanh);
    FUNCTIONS.put("silu", F::silu);
    FUNCTIONS.put("sigmoid", F::sigmoid);
    FUNCTIONS.put("tanh", F::tanh);
    FUNCTIONS.put("softplus", F::softplus);
    FUNCTIONS.put("softmax", x -> softmax(x, -1));
    FUNCTIONS.put("logSoftmax", x -> logSoftmax(x, -1));
    FUNCTIONS.put(
        "layerNorm", x -> layerNorm(x, x.select(0, 0).square().add(1), x.select(0, 1), 1e-5));
    FUNCTIONS.put("matmul", x -> x.matmul(x.transpose(0, 1)));
    FUNCTIONS.put("linear", x -> linear(x.sin(), x));
    FUNCTIONS.put("crossEntropy", x -> crossEntropy(x, x.detach().mul(0).add(0.4)));
    FUNCTIONS.put("arithmetic", x -> x.exp().div(x.square().add(1)).sub(x.cos()));
    FUNCTIONS.put("reductions", x -> x.mul(x.sum().mul(x.var(1).sum())).max(1));
    FUNCTIONS.put("indexing", x -> x.slice(1, 0, 2).mul(x.select(1, 2).unsqueeze(1)));
    FUNCTIONS.put("checkpoint", x -> checkpoint(v -> gelu(v.mul(x)).sin(), x.mul(2)));
    FUNCTIONS.put("scan", x -> scan(x.select(0, 0), x, (h, row) -> gelu(h.mul(row)).add(h.sin())));
    FUNCTIONS.put(
        "scanOfCheckpoints",
        x ->
            scan(
                x.select(0, 1),
                x,
                (h, row) -> checkpoint(v -> softmax(elu(v.mul(row), 1), 0).mul(x.sum()), h)));
  }

  static Stream<String> functions() {
    return FUNCTIONS.keySet().stream();
  }

  private Input tensor(double... values) {
    double[] copy = values.clone();
    byte[] bytes = MemorySegment.ofArray(copy).toArray(ValueLayout.JAVA_BYTE);
    ArrayShape shape = ArrayShape.of(DType.F64, 2, 3);
    return device.tensor(new HostBuffer(shape, MemorySegment.ofArray(bytes)));
  }

  private double[] values(Tensor x) {
    Fetch<HostBuffer> fetched = device.fetch(x);
    device.markStep();
    double[] out = new double[6];
    byte[] bytes = fetched.get().data().toArray(ValueLayout.JAVA_BYTE);
    MemorySegment.copy(
        MemorySegment.ofArray(bytes), 0, MemorySegment.ofArray(out), 0, bytes.length);
    return out;
  }

  private double[] slope(UnaryOperator<Tensor> function, double step) {
    double[] moved = AT.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += step * DIRECTION[i];
    }
    Tensor x = tensor(moved);
    return values(gradient(function.apply(x).square().sum(), x));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void theHessianTimesAVectorIsTheSlopeOfTheGradient(String name) {
    open(RecordMode.COMPARE);
    UnaryOperator<Tensor> function = Objects.requireNonNull(FUNCTIONS.get(name));
    Tensor x = tensor(AT);
    Tensor g = gradient(function.apply(x).square().sum(), x);
    double[] product = values(gradient(g.mul(tensor(DIRECTION)).sum(), x));
    double h = 1e-5;
    double[] above = slope(function, h);
    double[] below = slope(function, -h);
    for (int i = 0; i < product.length; i++) {
      double expected = (above[i] - below[i]) / (2 * h);
      assertEquals(expected, product[i], 1e-6 * Math.max(1, Math.abs(expected)), name + " at " + i);
    }
  }

  /** A critic is trained to have gradients of norm 1: WGAN-GP, Gulrajani et al. 2017. */
  @Test
  void aGradientPenaltyTrainsTheSlopeOfACritic() {
    open(RecordMode.COMPARE);
    Two critic = device.initialize(Two.create(), Seed.of(4));
    Optimizer optimizer = SGD.builder(critic.parameters()).learningRate(0.1).build();
    double first = 0;
    double last = 0;
    for (int round = 0; round < 40; round++) {
      try (Step step = device.trainingStep("critic")) {
        Tensor x = x();
        Tensor score =
            gelu(critic.first().forward(x)).matmul(critic.second().weight().transpose(0, 1));
        Tensor slope = gradient(score.sum(), x);
        Tensor norm = slope.square().sum(1).sqrt();
        Tensor penalty = norm.sub(1).square().mean();
        // The last bias moves no gradient: what is not penalized takes no part.
        Tensor loss = penalty.add(critic.second().bias().orElseThrow().square().sum());
        optimizer.step(gradients(loss, critic));
        Fetch<Float> value = step.fetchFloat(penalty);
        step.markStep();
        first = round == 0 ? value.get() : first;
        last = value.get();
      }
    }
    assertTrue(last < 0.2 * first, "penalty from " + first + " to " + last);
    assertEquals(1, device.report().graphs());
  }
}
