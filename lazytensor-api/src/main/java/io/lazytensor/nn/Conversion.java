package io.lazytensor.nn;

import io.lazytensor.xla.eval.HloEvaluator;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.List;

/** Converts host data to another element type as HLO's {@code convert} does. */
final class Conversion {
  private Conversion() {}

  static HostBuffer convert(HostBuffer data, DType dtype) {
    HloBuilder builder = new HloBuilder();
    HloInstruction source = builder.add(new HloOp.Parameter(0, data.shape()));
    HloComputation computation =
        HloComputation.of("convert", List.of(source), builder.convert(source, dtype));
    Literal argument = Literal.ofSegment(data.shape(), data.data());
    Literal converted = HloEvaluator.evaluate(computation, List.of(argument)).getFirst();
    return new HostBuffer(converted.shape(), converted.segment());
  }
}
