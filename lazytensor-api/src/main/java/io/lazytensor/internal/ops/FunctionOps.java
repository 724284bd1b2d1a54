package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.Activations;
import io.lazytensor.internal.lower.CrossEntropy;
import io.lazytensor.internal.lower.Elementwise;
import io.lazytensor.internal.lower.Losses;
import io.lazytensor.internal.lower.Normalizations;
import io.lazytensor.internal.lower.RandomNumbers;
import io.lazytensor.internal.record.Call;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.nn.Reduction;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;

/** The calls behind {@link io.lazytensor.nn.F}. */
public final class FunctionOps {
  private FunctionOps() {}

  private interface Unary {
    HloInstruction lower(HloBuilder builder, HloInstruction x);
  }

  private interface Loss {
    HloInstruction lower(
        HloBuilder builder, HloInstruction prediction, HloInstruction target, Reduction reduction);
  }

  /**
   * The options of a classification loss.
   *
   * @param reduction what becomes of the losses
   * @param ignoreIndex the class that does not count
   * @param labelSmoothing the share of the target spread over all classes
   */
  public record ClassLoss(Reduction reduction, int ignoreIndex, double labelSmoothing) {}

  private static CallKind unary(String name, Unary lowering) {
    return CallKind.of(name, (b, c) -> lowering.lower(b, c.a()));
  }

  private static CallKind loss(String name, Loss lowering) {
    return CallKind.of(
        name, (b, c) -> lowering.lower(b, c.a(), c.b(), Reduction.values()[(int) c.literal()]));
  }

  public static final CallKind RELU = unary("relu", Activations::relu);
  public static final CallKind LEAKY_RELU =
      CallKind.of("leakyRelu", (b, c) -> Activations.leakyRelu(b, c.a(), c.number()));
  public static final CallKind ELU =
      CallKind.of("elu", (b, c) -> Activations.elu(b, c.a(), c.number()));
  public static final CallKind GELU = unary("gelu", Activations::gelu);
  public static final CallKind GELU_TANH = unary("geluTanh", Activations::geluTanh);
  public static final CallKind SILU = unary("silu", Activations::silu);
  public static final CallKind SIGMOID = unary("sigmoid", Activations::sigmoid);
  public static final CallKind TANH =
      unary("tanh", (b, x) -> Elementwise.function(b, UnaryKind.TANH, x));
  public static final CallKind SOFTPLUS =
      unary("softplus", (b, x) -> Activations.softplus(b, x, 1, 20));
  public static final CallKind SOFTMAX =
      CallKind.of("softmax", (b, c) -> Activations.softmax(b, c.a(), (int) c.literal()));
  public static final CallKind LOG_SOFTMAX =
      CallKind.of("logSoftmax", (b, c) -> Activations.logSoftmax(b, c.a(), (int) c.literal()));

  public static final CallKind CROSS_ENTROPY =
      CallKind.of(
          "crossEntropy",
          (b, c) -> {
            ClassLoss options = c.attribute(ClassLoss.class);
            return CrossEntropy.crossEntropy(
                b,
                c.a(),
                c.b(),
                options.reduction(),
                options.ignoreIndex(),
                options.labelSmoothing());
          });
  public static final CallKind MSE = loss("mse", Losses::mse);
  public static final CallKind L1 = loss("l1", Losses::l1);
  public static final CallKind BCE = loss("bce", Losses::bce);
  public static final CallKind BCE_WITH_LOGITS =
      loss("bceWithLogits", (b, x, y, r) -> Losses.bceWithLogits(b, x, y, r, null));

  public static final CallKind LAYER_NORM =
      CallKind.of(
          "layerNorm",
          (b, c) -> {
            int rank = c.b().arrayShape().rank();
            return Normalizations.layerNorm(b, c.a(), rank, c.b(), c.c(), c.number());
          });
  public static final CallKind STOCHASTIC_ROUND =
      CallKind.of(
          "stochasticRound",
          (b, c) -> RandomNumbers.stochasticRound(b, c.a(), c.b(), Calls.randomStream(c)));
  public static final CallKind DROPOUT = CallKind.of("dropout", FunctionOps::dropout);

  private static HloInstruction dropout(HloBuilder b, Call c) {
    return RandomNumbers.dropout(b, c.a(), Calls.randomNumber(c), c.b(), Calls.randomStream(c));
  }
}
