package io.lazytensor.pjrt.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.eval.HloEvaluator;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.ReplicaGroups;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.HostBuffer;
import io.lazytensor.xla.testing.Graphs;
import io.lazytensor.xla.testing.MlpModule;
import io.lazytensor.xla.testing.Oracle;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The backend with real plug-ins, against the evaluator. */
class RealPluginTest {
  static List<Path> plugins() {
    return RealPlugins.all();
  }

  private static PjrtBackend open(Path plugin, Map<String, String> settings) {
    return PjrtBackend.open(new BackendOptions(plugin.toString(), settings));
  }

  private static PjrtBackend open(Path plugin) {
    return open(plugin, Map.of());
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void generatedProgramsEqualTheEvaluator(Path plugin) {
    compare(plugin, 60, 11);
  }

  @Tag("full")
  @ParameterizedTest
  @MethodSource("plugins")
  void manyGeneratedProgramsEqualTheEvaluator(Path plugin) {
    compare(plugin, 3000, 12);
  }

  private static void compare(Path plugin, int count, long seed) {
    try (PjrtBackend backend = open(plugin)) {
      Oracle oracle = new Oracle(backend);
      for (int i = 0; i < count; i++) {
        RandomModule program = new RandomModule(new Random(seed * 1_000_003 + i));
        // Equal but for the sign of zero: XLA leaves out additions of it.
        oracle.close(program.build(), program.arguments(), 0.1, "seed " + seed + " program " + i);
      }
      assertEquals(0, backend.memoryUsage(0).liveBuffers());
    }
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void trainingStepsEqualTheEvaluators(Path plugin) {
    HloModule module = MlpModule.of(8, 20, 16, 10);
    try (PjrtBackend backend = open(plugin);
        Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      List<Literal> values = mlpArguments(module);
      DeviceBuffer[] arguments =
          values.stream().map(v -> Graphs.upload(backend, v)).toArray(DeviceBuffer[]::new);
      for (int step = 0; step < 4; step++) {
        List<Literal> expected = HloEvaluator.evaluate(module, values);
        DeviceBuffer[] results = executable.execute(arguments);
        for (int i = 0; i < results.length; i++) {
          close(expected.get(i), Graphs.download(results[i]), "step " + step + " result " + i);
        }
        for (int i = 1; i < results.length; i++) {
          assertTrue(arguments[i + 2].isReleased());
          arguments[i + 2] = results[i];
          values.set(i + 2, expected.get(i));
        }
        results[0].release();
      }
      assertEquals(arguments.length, backend.memoryUsage(0).liveBuffers());
      assertTrue(executable.memory().argumentBytes() > 0);
    }
  }

  private static List<Literal> mlpArguments(HloModule module) {
    Random random = new Random(7);
    List<Literal> out = new ArrayList<>();
    for (var shape : module.parameterShapes()) {
      ArrayShape array = shape.asArray();
      if (array.dtype() == DType.S32) {
        out.add(Literal.ofInts(array.dims(), random.ints(array.elementCount(), 0, 10).toArray()));
      } else {
        float[] values = new float[(int) array.elementCount()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextGaussian() * 0.1f;
        }
        out.add(Literal.ofFloats(array.dims(), values));
      }
    }
    return out;
  }

  private static void close(Literal expected, Literal got, String what) {
    assertEquals(expected.shape(), got.shape(), what);
    for (int i = 0; i < expected.shape().elementCount(); i++) {
      double want = expected.toDouble(i);
      assertEquals(want, got.toDouble(i), 1e-5 * Math.max(0.1, Math.abs(want)), what + " at " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void arraysOfEveryTypeComeBackAsTheyWent(Path plugin) {
    Random random = new Random(3);
    try (PjrtBackend backend = open(plugin)) {
      for (DType dtype : DType.values()) {
        for (int[] dims : new int[][] {{}, {0}, {3, 0, 2}, {7}, {2, 3, 5}}) {
          Literal value = anyBits(random, ArrayShape.of(dtype, dims));
          DeviceBuffer buffer = Graphs.upload(backend, value);
          assertEquals(value, Graphs.download(buffer), dtype + " " + dims.length);
          buffer.release();
        }
      }
    }
  }

  private static Literal anyBits(Random random, ArrayShape shape) {
    byte[] bytes = new byte[Math.toIntExact(shape.byteSize())];
    random.nextBytes(bytes);
    int bits = shape.dtype() == DType.PRED ? 1 : shape.dtype().bitWidth();
    for (int i = 0; bits < 8 && i < bytes.length; i++) {
      // Signed types are sign-extended in the byte an element takes on the host.
      bytes[i] =
          (byte)
              (shape.dtype().isSigned()
                  ? (bytes[i] << (32 - bits)) >> (32 - bits)
                  : bytes[i] & ((1 << bits) - 1));
    }
    return Literal.ofBytes(shape, bytes);
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void programsOfEveryTypeRunOrAreRefusedByName(Path plugin) {
    Random random = new Random(4);
    List<DType> refused = new ArrayList<>();
    try (PjrtBackend backend = open(plugin)) {
      for (DType dtype : DType.values()) {
        Literal value = anyBits(random, ArrayShape.of(dtype, 4, 3));
        HloModule module =
            Graphs.module(
                List.of(value.shape()),
                p -> new HloBuilder().add(new HloOp.Transpose(Dims.of(1, 0)), p.getFirst()));
        List<Literal> got;
        try {
          got = Graphs.run(backend, module, List.of(value));
        } catch (LazyTensorException e) {
          refused.add(dtype);
          continue;
        }
        for (int i = 0; i < 4; i++) {
          for (int j = 0; j < 3; j++) {
            assertEquals(
                element(value, 3L * i + j), element(got.getFirst(), 4L * j + i), dtype + "");
          }
        }
      }
    }
    assertEquals(List.of(), refused);
  }

  private static String element(Literal literal, long index) {
    int size = literal.shape().dtype().byteSize();
    return HexFormat.of()
        .formatHex(literal.segment().asSlice(index * size, size).toArray(ValueLayout.JAVA_BYTE));
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void replicasReduceTheirSum(Path plugin) {
    ArrayShape shape = ArrayShape.of(DType.F32, 2);
    HloModule module =
        Graphs.module(
                List.of(shape),
                p ->
                    new HloBuilder()
                        .add(
                            new CollectiveOp.AllReduce(
                                Graphs.reducer(BinaryKind.ADD, DType.F32), ReplicaGroups.ALL),
                            p.getFirst()))
            .withReplicas(2);
    try (PjrtBackend backend = open(plugin, Map.of("devices", "2"))) {
      assertEquals(2, backend.devices().size());
      try (Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
        DeviceBuffer[][] results =
            executable.executeReplicas(
                new DeviceBuffer[][] {
                  {Graphs.upload(backend, Literal.ofFloats(Dims.of(2), 1, 2), 0)},
                  {Graphs.upload(backend, Literal.ofFloats(Dims.of(2), 10, 20), 1)}
                });
        for (DeviceBuffer[] result : results) {
          assertEquals(Literal.ofFloats(Dims.of(2), 11, 22), Graphs.download(result[0]));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void moreReplicasThanDevicesAreRefused(Path plugin) {
    HloModule module =
        Graphs.module(List.of(ArrayShape.scalar(DType.F32)), p -> p.getFirst()).withReplicas(2);
    try (PjrtBackend backend = open(plugin)) {
      LazyTensorException e =
          assertThrows(
              LazyTensorException.class, () -> backend.compile(module, CompileOptions.DEFAULT));
      assertTrue(e.toString().contains("devices=2"), e.toString());
    }
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void serializedExecutableRunsTheSameWithDonation(Path plugin) {
    HloModule module = MlpModule.of(4, 6, 5);
    List<Literal> values = mlpArguments(module);
    byte[] serialized;
    List<Literal> expected;
    String fingerprint;
    try (PjrtBackend backend = open(plugin);
        Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      serialized = executable.serialize();
      expected = run(backend, executable, values);
      fingerprint = backend.fingerprint().orElseThrow();
    }
    try (PjrtBackend backend = open(plugin);
        Executable executable = backend.deserialize(serialized, module, CompileOptions.DEFAULT)) {
      assertEquals(fingerprint, backend.fingerprint().orElseThrow());
      assertEquals(expected, run(backend, executable, values));
      HloModule other = Graphs.module(module.parameterShapes(), p -> p.getFirst());
      assertThrows(
          DeviceException.class,
          () -> backend.deserialize(serialized, other, CompileOptions.DEFAULT));
      assertThrows(
          LazyTensorException.class,
          () -> backend.deserialize(new byte[] {1, 2, 3}, module, CompileOptions.DEFAULT));
    }
  }

  private static List<Literal> run(
      PjrtBackend backend, Executable executable, List<Literal> values) {
    DeviceBuffer[] arguments =
        values.stream().map(v -> Graphs.upload(backend, v)).toArray(DeviceBuffer[]::new);
    List<Literal> out = new ArrayList<>();
    for (DeviceBuffer result : executable.execute(arguments)) {
      out.add(Graphs.download(result));
    }
    assertFalse(arguments[0].isReleased());
    assertTrue(arguments[3].isReleased());
    return out;
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void nativeMemoryIsReadAndWrittenInPlace(Path plugin) {
    ArrayShape shape = ArrayShape.of(DType.S32, 1000, 3);
    try (PjrtBackend backend = open(plugin);
        Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(shape.byteSize(), 64);
      for (int i = 0; i < 3000; i++) {
        source.setAtIndex(ValueLayout.JAVA_INT, i, i);
      }
      DeviceBuffer buffer = backend.upload(new HostBuffer(shape, source), 0);
      byte[] before = source.toArray(ValueLayout.JAVA_BYTE);
      source.fill((byte) 1);
      MemorySegment target = arena.allocate(shape.byteSize());
      buffer.download(new HostBuffer(shape, target));
      assertEquals(-1, target.mismatch(MemorySegment.ofArray(before)));
    }
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void scalarsEmptyArraysAndPassedParametersWork(Path plugin) {
    HloModule module =
        Graphs.module(
            List.of(ArrayShape.scalar(DType.F32), ArrayShape.of(DType.S32, 0, 4)),
            p -> {
              HloBuilder builder = new HloBuilder();
              HloInstruction negated =
                  builder.add(new HloOp.Binary(BinaryKind.SUBTRACT), p.get(0), p.get(0));
              return builder.add(new HloOp.Tuple(), p.get(0), p.get(1), negated, p.get(0), negated);
            });
    try (PjrtBackend backend = open(plugin)) {
      Literal one = Literal.scalar(DType.F32, 1);
      Literal nothing = Literal.ofBytes(ArrayShape.of(DType.S32, 0, 4), new byte[0]);
      Literal zero = Literal.scalar(DType.F32, 0);
      assertEquals(
          List.of(one, nothing, zero, one, zero),
          Graphs.run(backend, module, List.of(one, nothing)));
    }
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void threadsShareOneBackend(Path plugin) throws Exception {
    HloModule module =
        Graphs.module(
            List.of(ArrayShape.of(DType.F32, 64)),
            p -> new HloBuilder().add(new HloOp.Binary(BinaryKind.ADD), p.get(0), p.get(0)));
    try (PjrtBackend backend = open(plugin);
        Executable executable = backend.compile(module, CompileOptions.DEFAULT);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        float value = t;
        running.add(
            threads.submit(() -> {
              float[] numbers = new float[64];
              Arrays.fill(numbers, value);
              Literal argument = Literal.ofFloats(Dims.of(64), numbers);
              for (int i = 0; i < 200; i++) {
                DeviceBuffer in = Graphs.upload(backend, argument);
                DeviceBuffer[] out = executable.execute(new DeviceBuffer[] {in});
                assertEquals(2 * value, Graphs.download(out[0]).toDouble(5));
                in.release();
                out[0].release();
              }
            }));
      }
      for (Future<?> future : running) {
        future.get();
      }
      assertEquals(0, backend.memoryUsage(0).liveBuffers());
    }
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void maximumKeepsNotANumber(Path plugin) {
    ArrayShape shape = ArrayShape.of(DType.F32, 3);
    HloModule module =
        Graphs.module(
            List.of(shape, shape),
            p -> new HloBuilder().add(new HloOp.Binary(BinaryKind.MAXIMUM), p.get(0), p.get(1)));
    try (PjrtBackend backend = open(plugin)) {
      Literal got =
          Graphs.run(
                  backend,
                  module,
                  List.of(
                      Literal.ofFloats(Dims.of(3), Float.NaN, 1, 2),
                      Literal.ofFloats(Dims.of(3), 1, Float.NaN, 3)))
              .getFirst();
      assertTrue(Double.isNaN(got.toDouble(0)));
      assertTrue(Double.isNaN(got.toDouble(1)));
      assertEquals(3, got.toDouble(2));
    }
  }
}
