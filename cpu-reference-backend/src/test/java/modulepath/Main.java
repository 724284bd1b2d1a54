package modulepath;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.Backends;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.List;

/** Doubles 21 on the device named by the argument; run in a process of its own. */
final class Main {
  private Main() {}

  /** Prints the result and the module that computed it. */
  public static void main(String[] args) {
    ArrayShape shape = ArrayShape.scalar(DType.F32);
    HloBuilder builder = new HloBuilder();
    HloInstruction x = builder.add(new HloOp.Parameter(0, shape));
    HloInstruction sum = builder.add(new HloOp.Binary(BinaryKind.ADD), x, x);
    HloModule module =
        new HloModule("double", HloComputation.of("double", List.of(x), sum), List.of());
    try (Backend backend = Backends.open(args[0]).backend();
        Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      Literal input = Literal.scalar(DType.F32, 21);
      DeviceBuffer buffer = backend.upload(new HostBuffer(shape, input.segment()), 0);
      HostBuffer result = HostBuffer.allocate(shape);
      executable.execute(new DeviceBuffer[] {buffer})[0].download(result);
      System.out.println(
          Literal.ofSegment(shape, result.data()).toDouble(0)
              + " by "
              + backend.getClass().getModule());
    }
  }
}
