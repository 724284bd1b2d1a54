package io.lazytensor.internal.ops;

import io.lazytensor.internal.lower.Activations;
import io.lazytensor.internal.lower.Elementwise;
import io.lazytensor.internal.lower.PiecewiseActivations;
import io.lazytensor.internal.lower.SmoothActivations;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;

/** The calls behind activation functions. */
public final class ActivationOps {
  private ActivationOps() {}

  /**
   * Two numbers of a function.
   *
   * @param first the first
   * @param second the second
   */
  public record Pair(double first, double second) {}

  private interface Unary {
    HloInstruction lower(HloBuilder builder, HloInstruction x);
  }

  private interface Numbered {
    HloInstruction lower(HloBuilder builder, HloInstruction x, double number);
  }

  private interface Paired {
    HloInstruction lower(HloBuilder builder, HloInstruction x, double first, double second);
  }

  private interface Along {
    HloInstruction lower(HloBuilder builder, HloInstruction x, int dim);
  }

  private static CallKind unary(String name, Unary lowering) {
    return CallKind.of(name, (b, c) -> lowering.lower(b, c.a()));
  }

  private static CallKind number(String name, Numbered lowering) {
    return CallKind.of(name, (b, c) -> lowering.lower(b, c.a(), c.number()));
  }

  private static CallKind pair(String name, Paired lowering) {
    return CallKind.of(
        name,
        (b, c) -> {
          Pair numbers = c.attribute(Pair.class);
          return lowering.lower(b, c.a(), numbers.first(), numbers.second());
        });
  }

  private static CallKind along(String name, Along lowering) {
    return CallKind.of(name, (b, c) -> lowering.lower(b, c.a(), (int) c.literal()));
  }

  public static final CallKind RELU = unary("relu", Activations::relu);
  public static final CallKind LEAKY_RELU = number("leakyRelu", Activations::leakyRelu);
  public static final CallKind PRELU =
      CallKind.of("prelu", (b, c) -> PiecewiseActivations.prelu(b, c.a(), c.b()));
  public static final CallKind HARDTANH = pair("hardtanh", PiecewiseActivations::hardtanh);
  public static final CallKind HARDSIGMOID =
      unary("hardsigmoid", PiecewiseActivations::hardsigmoid);
  public static final CallKind HARDSWISH = unary("hardswish", PiecewiseActivations::hardswish);
  public static final CallKind HARDSHRINK = number("hardshrink", PiecewiseActivations::hardshrink);
  public static final CallKind SOFTSHRINK = number("softshrink", PiecewiseActivations::softshrink);
  public static final CallKind THRESHOLD = pair("threshold", PiecewiseActivations::threshold);

  public static final CallKind ELU = number("elu", Activations::elu);
  public static final CallKind SELU = unary("selu", SmoothActivations::selu);
  public static final CallKind CELU = number("celu", SmoothActivations::celu);
  public static final CallKind GELU = unary("gelu", Activations::gelu);
  public static final CallKind GELU_TANH = unary("geluTanh", Activations::geluTanh);
  public static final CallKind SILU = unary("silu", Activations::silu);
  public static final CallKind MISH = unary("mish", SmoothActivations::mish);
  public static final CallKind SIGMOID = unary("sigmoid", Activations::sigmoid);
  public static final CallKind LOG_SIGMOID = unary("logSigmoid", Activations::logSigmoid);
  public static final CallKind TANH =
      unary("tanh", (b, x) -> Elementwise.function(b, UnaryKind.TANH, x));
  public static final CallKind TANHSHRINK = unary("tanhshrink", SmoothActivations::tanhshrink);
  public static final CallKind SOFTSIGN = unary("softsign", SmoothActivations::softsign);
  public static final CallKind SOFTPLUS = pair("softplus", Activations::softplus);
  public static final CallKind SOFTMAX = along("softmax", Activations::softmax);
  public static final CallKind SOFTMIN = along("softmin", SmoothActivations::softmin);
  public static final CallKind LOG_SOFTMAX = along("logSoftmax", Activations::logSoftmax);
  public static final CallKind GLU = along("glu", SmoothActivations::glu);
}
