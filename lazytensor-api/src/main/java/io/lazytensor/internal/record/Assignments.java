package io.lazytensor.internal.record;

import io.lazytensor.autograd.GradientRegion;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.List;

/** Values that gradients do not pass: what was assigned, and what the user detached. */
public final class Assignments {
  private static final GradientRegion STOP = new GradientRegion.StopGradient();

  private Assignments() {}

  static HloInstruction lower(HloBuilder builder, Call call) {
    HloInstruction target = call.a();
    HloInstruction value = call.b();
    if (!target.shape().equals(value.shape())) {
      throw new ShapeException(
          "a slot of " + target.shape() + " cannot take a value of " + value.shape());
    }
    return stopped(builder, value);
  }

  /** Returns the value as a constant for differentiation. */
  public static HloInstruction stopped(HloBuilder builder, HloInstruction value) {
    return new HloInstruction(
        new HloOp.Unary(UnaryKind.COPY), value.shape(), List.of(value), builder.metadata(), STOP);
  }
}
