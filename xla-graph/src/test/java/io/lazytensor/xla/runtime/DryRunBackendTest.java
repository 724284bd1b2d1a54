package io.lazytensor.xla.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.eval.EvaluatorBackend;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of ownership, on both backends of this module. */
class DryRunBackendTest {
  private static final ArrayShape PAIR = ArrayShape.of(DType.F32, 2);

  static Stream<Backend> backends() {
    return Stream.of(new DryRunBackend(), new EvaluatorBackend());
  }

  private static HloModule negateInPlace() {
    HloBuilder b = new HloBuilder();
    HloInstruction x = b.add(new HloOp.Parameter(0, PAIR));
    HloInstruction root = b.add(new HloOp.Tuple(), b.negative(x));
    return new HloModule(
        "m", HloComputation.of("main", List.of(x), root), List.of(new InputOutputAlias(0, 0)));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void donatedArgumentsAreDeadAndTheLedgerAgrees(Backend backend) {
    Executable executable = backend.compile(negateInPlace(), CompileOptions.DEFAULT);
    DeviceBuffer in = backend.upload(HostBuffer.allocate(PAIR), 0);
    assertEquals(8, backend.memoryUsage(0).liveBytes());
    DeviceBuffer out = executable.execute(new DeviceBuffer[] {in})[0];
    assertTrue(in.isReleased());
    assertThrows(DeviceException.class, () -> in.download(HostBuffer.allocate(PAIR)));
    assertEquals(PAIR, out.shape());
    assertEquals(1, backend.memoryUsage(0).liveBuffers());
    out.release();
    out.release();
    assertEquals(0, backend.memoryUsage(0).liveBytes());
    assertEquals(8, executable.memory().aliasedBytes());
  }

  @ParameterizedTest
  @MethodSource("backends")
  void argumentsAreChecked(Backend backend) {
    Executable executable = backend.compile(negateInPlace(), CompileOptions.DEFAULT);
    assertThrows(DeviceException.class, () -> executable.execute(new DeviceBuffer[0]));
    DeviceBuffer wrong = backend.upload(HostBuffer.allocate(ArrayShape.of(DType.F32, 3)), 0);
    DeviceException e =
        assertThrows(DeviceException.class, () -> executable.execute(new DeviceBuffer[] {wrong}));
    assertEquals("argument 0: expected f32[2], got f32[3]", e.getMessage());
  }
}
