package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.Eval.dims;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The evaluator as a backend with several devices. */
class EvaluatorBackendTest {
  private static final ArrayShape PAIR = ArrayShape.of(DType.F32, 2);

  private static Backend open(String devices) {
    return new EvaluatorProvider().open(new BackendOptions("", Map.of("devices", devices)));
  }

  private static DeviceBuffer upload(Backend backend, int device, double... values) {
    Literal literal = Eval.literal(DType.F32, dims(values.length), values);
    return backend.upload(new HostBuffer(literal.shape(), literal.segment()), device);
  }

  private static double[] download(DeviceBuffer buffer) {
    HostBuffer host = HostBuffer.allocate(buffer.shape());
    buffer.download(host);
    return Eval.values(Literal.ofSegment(host.shape(), host.data()));
  }

  private static HloModule sum(int replicas) {
    HloComputation main =
        Eval.computation(
            "main",
            List.of(PAIR),
            (f, p) ->
                f.add(
                    new HloOp.Tuple(),
                    f.add(
                        new CollectiveOp.AllReduce(
                            HloBuilder.scalarFunction(BinaryKind.ADD, DType.F32),
                            ReplicaGroups.ALL),
                        p.getFirst())));
    return new HloModule("sum", main, List.of(new InputOutputAlias(0, 0)), replicas, 1);
  }

  @Test
  void replicasRunOnTheirDevices() {
    try (Backend backend = open("2");
        Executable executable = backend.compile(sum(2), CompileOptions.DEFAULT)) {
      assertEquals(2, backend.devices().size());
      DeviceBuffer a = upload(backend, 0, 1, 2);
      DeviceBuffer b = upload(backend, 1, 10, 20);
      DeviceBuffer[][] out = executable.executeReplicas(new DeviceBuffer[][] {{a}, {b}});
      assertArrayEquals(new double[] {11, 22}, download(out[0][0]));
      assertArrayEquals(new double[] {11, 22}, download(out[1][0]));
      assertEquals(1, out[1][0].device());
      assertTrue(a.isReleased() && b.isReleased());
      assertEquals(8, backend.memoryUsage(1).liveBytes());
      out[1][0].release();
      assertEquals(0, backend.memoryUsage(1).liveBytes());
      assertEquals(8, backend.memoryUsage(0).liveBytes());
    }
  }

  @Test
  void tooFewDevicesOrArgumentsAreRefused() {
    try (Backend one = new EvaluatorBackend();
        Backend two = open("2")) {
      UnsupportedException e =
          assertThrows(
              UnsupportedException.class, () -> one.compile(sum(2), CompileOptions.DEFAULT));
      Eval.says(e, "devices=2");
      Executable executable = two.compile(sum(2), CompileOptions.DEFAULT);
      DeviceBuffer a = upload(two, 0, 1, 2);
      assertThrows(DeviceException.class, () -> executable.execute(new DeviceBuffer[] {a}));
      assertFalse(a.isReleased());
      assertThrows(DeviceException.class, () -> upload(two, 2, 1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "two", "", "99999"})
  void theNumberOfDevicesIsChecked(String devices) {
    assertThrows(DeviceException.class, () -> open(devices));
  }

  @Test
  void tuplesAreHandedOverArrayByArray() {
    Shape inner = Eval.tuple(PAIR, Eval.tuple(PAIR));
    HloComputation main =
        Eval.computation(
            "main",
            List.of(inner, PAIR),
            (f, p) ->
                f.add(new HloOp.Tuple(), f.add(new HloOp.Tuple(), p.get(1), p.get(0)), p.get(1)));
    try (Backend backend = new EvaluatorBackend();
        Executable executable =
            backend.compile(new HloModule("m", main, List.of()), CompileOptions.DEFAULT)) {
      DeviceBuffer[] out =
          executable.execute(
              new DeviceBuffer[] {
                upload(backend, 0, 1, 2), upload(backend, 0, 3, 4), upload(backend, 0, 5, 6)
              });
      assertEquals(4, out.length);
      assertArrayEquals(new double[] {5, 6}, download(out[0]));
      assertArrayEquals(new double[] {1, 2}, download(out[1]));
      assertArrayEquals(new double[] {3, 4}, download(out[2]));
      assertArrayEquals(new double[] {5, 6}, download(out[3]));
    }
  }
}
