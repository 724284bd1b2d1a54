package io.lazytensor.cpu.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Metadata;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.SourceLine;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnaryKind;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.testing.Graphs;
import io.lazytensor.xla.testing.MlpModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExecutionTest {
  private static final ArrayShape VECTOR = ArrayShape.of(DType.F32, 3);
  private static final HloBuilder B = new HloBuilder();

  private Backend backend;

  @BeforeEach
  void open() {
    backend = new CpuReferenceProvider().open(new BackendOptions("", Map.of("threads", "1")));
  }

  @AfterEach
  void ledgerIsZeroInTheEnd() {
    backend.close();
    assertEquals(0, backend.memoryUsage(0).liveBytes());
    assertEquals(0, backend.memoryUsage(0).liveBuffers());
  }

  private static Literal vector(float... values) {
    return Literal.ofFloats(Dims.of(values.length), values);
  }

  private static HloInstruction binary(BinaryKind kind, HloInstruction a, HloInstruction b) {
    return B.add(new HloOp.Binary(kind), a, b);
  }

  private static HloInstruction tuple(HloInstruction... elements) {
    return B.add(new HloOp.Tuple(), elements);
  }

  private static HloModule aliased(HloModule module, InputOutputAlias... aliases) {
    return new HloModule(module.name(), module.entry(), List.of(aliases));
  }

  private DeviceBuffer[] upload(Literal... literals) {
    DeviceBuffer[] buffers = new DeviceBuffer[literals.length];
    for (int i = 0; i < literals.length; i++) {
      buffers[i] = Graphs.upload(backend, literals[i]);
    }
    return buffers;
  }

  @Test
  void donatedArgumentIsDeadAndItsMemoryCarriesTheResult() {
    HloModule module =
        aliased(
            Graphs.module(
                List.of(VECTOR, VECTOR), p -> tuple(binary(BinaryKind.ADD, p.get(0), p.get(1)))),
            new InputOutputAlias(0, 0));
    try (Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      assertEquals(12, executable.memory().aliasedBytes());
      DeviceBuffer[] in = upload(vector(1, 2, 3), vector(10, 20, 30));
      long before = backend.memoryUsage(0).liveBytes();
      DeviceBuffer[] out = executable.execute(in);
      assertEquals(vector(11, 22, 33), Graphs.download(out[0]));
      assertEquals(before, backend.memoryUsage(0).liveBytes());
      assertTrue(in[0].isReleased());
      assertFalse(in[1].isReleased());
      DeviceException gone = assertThrows(DeviceException.class, () -> Graphs.download(in[0]));
      assertTrue(gone.toString().contains("donated"), gone.toString());
    }
  }

  @Test
  void swappedDonationsKeepBothValues() {
    HloModule module =
        aliased(
            Graphs.module(List.of(VECTOR, VECTOR), p -> tuple(p.get(1), p.get(0))),
            new InputOutputAlias(0, 0),
            new InputOutputAlias(1, 1));
    try (Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      DeviceBuffer[] out = executable.execute(upload(vector(1, 2, 3), vector(4, 5, 6)));
      assertEquals(vector(4, 5, 6), Graphs.download(out[0]));
      assertEquals(vector(1, 2, 3), Graphs.download(out[1]));
    }
  }

  @Test
  void donatedArgumentReadLaterIsNotOverwrittenEarly() {
    HloModule module =
        aliased(
            Graphs.module(
                List.of(VECTOR, VECTOR),
                p -> {
                  HloInstruction sum = binary(BinaryKind.ADD, p.get(0), p.get(1));
                  HloInstruction product = binary(BinaryKind.MULTIPLY, sum, p.get(0));
                  HloInstruction reversed = B.add(new HloOp.Reverse(Dims.of(0)), p.get(0));
                  return tuple(sum, binary(BinaryKind.SUBTRACT, product, reversed));
                }),
            new InputOutputAlias(0, 0));
    try (Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      DeviceBuffer[] out = executable.execute(upload(vector(1, 2, 3), vector(1, 1, 1)));
      assertEquals(vector(2, 3, 4), Graphs.download(out[0]));
      assertEquals(vector(-1, 4, 11), Graphs.download(out[1]));
    }
  }

  @Test
  void unchangedArgumentAndRepeatedResultAreBuffersOfTheirOwn() {
    HloModule module =
        Graphs.module(
            List.of(VECTOR),
            p -> {
              HloInstruction sum = binary(BinaryKind.ADD, p.get(0), p.get(0));
              return tuple(p.get(0), sum, sum);
            });
    try (Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      DeviceBuffer[] in = upload(vector(1, 2, 3));
      DeviceBuffer[] out = executable.execute(in);
      assertNotSame(in[0], out[0]);
      in[0].release();
      out[1].release();
      assertEquals(vector(1, 2, 3), Graphs.download(out[0]));
      assertEquals(vector(2, 4, 6), Graphs.download(out[2]));
    }
  }

  @Test
  void sameBufferDonatedAndReadIsRefused() {
    HloModule module =
        aliased(
            Graphs.module(
                List.of(VECTOR, VECTOR), p -> tuple(binary(BinaryKind.ADD, p.get(0), p.get(1)))),
            new InputOutputAlias(0, 0));
    try (Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      DeviceBuffer one = upload(vector(1, 2, 3))[0];
      DeviceException refused =
          assertThrows(
              DeviceException.class, () -> executable.execute(new DeviceBuffer[] {one, one}));
      assertTrue(refused.toString().contains("same buffer"), refused.toString());
      assertEquals(vector(1, 2, 3), Graphs.download(one));
    }
  }

  @Test
  void wrongArgumentsAreNamed() {
    HloModule module = Graphs.module(List.of(VECTOR), p -> tuple(p.get(0)));
    try (Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      DeviceException shape =
          assertThrows(DeviceException.class, () -> executable.execute(upload(vector(1, 2))));
      assertTrue(
          shape.toString().contains("f32[3]") && shape.toString().contains("f32[2]"),
          shape.toString());
    }
  }

  @Test
  void closedExecutableAndBackendRefuse() {
    HloModule module = Graphs.module(List.of(VECTOR), p -> tuple(p.get(0)));
    Executable executable = backend.compile(module, CompileOptions.DEFAULT);
    DeviceBuffer[] in = upload(vector(1, 2, 3));
    executable.close();
    executable.close();
    assertTrue(
        assertThrows(DeviceException.class, () -> executable.execute(in))
            .toString()
            .contains("closed"));
    backend.close();
    assertTrue(
        assertThrows(DeviceException.class, () -> upload(vector(1))).toString().contains("closed"));
    assertTrue(in[0].isReleased());
  }

  @Test
  void ledgerFollowsBuffersAndPrograms() {
    HloModule module =
        Graphs.module(List.of(VECTOR), p -> tuple(binary(BinaryKind.ADD, p.get(0), p.get(0))));
    try (Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      DeviceBuffer[] in = upload(vector(1, 2, 3));
      assertEquals(1, backend.memoryUsage(0).liveBuffers());
      DeviceBuffer[] out = executable.execute(in);
      assertEquals(2, backend.memoryUsage(0).liveBuffers());
      in[0].release();
      in[0].release();
      out[0].release();
      assertEquals(0, backend.memoryUsage(0).liveBuffers());
    }
    assertEquals(0, backend.memoryUsage(0).liveBytes());
    assertTrue(backend.memoryUsage(0).peakBytes() > 0);
  }

  @Test
  void unsupportedReducerNamesOperationAndLineAndLeavesNothingBehind() {
    SourceLine line = new SourceLine("Model", "loss", "Model.java", 42);
    HloBuilder user = new HloBuilder(new Metadata("oddReduce", line));
    ArrayShape scalar = ArrayShape.scalar(DType.F32);
    HloInstruction a = user.add(new HloOp.Parameter(0, scalar));
    HloInstruction b = user.add(new HloOp.Parameter(1, scalar));
    HloInstruction pair = user.add(new HloOp.Concatenate(0), asVector(user, a), asVector(user, b));
    HloInstruction zero = user.add(new HloOp.Constant(Literal.scalar(DType.F32, 0)));
    HloInstruction sum =
        user.add(
            new HloOp.Reduce(Dims.of(0), Graphs.reducer(BinaryKind.ADD, DType.F32)), pair, zero);
    HloComputation reducer = HloComputation.of("odd", List.of(a, b), sum);
    HloModule module =
        Graphs.module(
            List.of(VECTOR), p -> B.add(new HloOp.Reduce(Dims.of(0), reducer), p.get(0), zero));
    UnsupportedException refused =
        assertThrows(
            UnsupportedException.class, () -> backend.compile(module, CompileOptions.DEFAULT));
    assertTrue(
        refused.toString().contains("Model.java:42") && refused.toString().contains("f32[1]"),
        refused.toString());
    assertEquals(0, backend.memoryUsage(0).liveBytes());
  }

  private static HloInstruction asVector(HloBuilder builder, HloInstruction scalar) {
    return builder.add(new HloOp.Reshape(Dims.of(1)), scalar);
  }

  /** A loop that doubles a vector a given number of times, and hands another one on as it is. */
  private static HloModule doubling() {
    ArrayShape count = ArrayShape.scalar(DType.S32);
    Shape state = new TupleShape(List.of(count, VECTOR, VECTOR));
    HloInstruction s = B.add(new HloOp.Parameter(0, state));
    List<HloInstruction> part = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      part.add(B.add(new HloOp.GetTupleElement(i), s));
    }
    HloComputation condition =
        HloComputation.of(
            "condition",
            List.of(s),
            B.compare(ComparisonDirection.GT, part.get(0), B.constant(DType.S32, 0)));
    HloInstruction less = B.minus(part.get(0), B.constant(DType.S32, 1));
    HloInstruction twice = B.plus(part.get(1), part.get(1));
    HloComputation body = HloComputation.of("body", List.of(s), tuple(less, twice, part.get(2)));
    return Graphs.module(
        List.of(count, VECTOR, VECTOR),
        p -> {
          HloInstruction loop =
              B.add(new ControlOp.While(condition, body), tuple(p.get(0), p.get(1), p.get(2)));
          return tuple(
              B.add(new HloOp.GetTupleElement(1), loop), B.add(new HloOp.GetTupleElement(2), loop));
        });
  }

  @Test
  void loopsRunOnTheBuffersOfEachExecution() {
    HloModule module = aliased(doubling(), new InputOutputAlias(0, 1));
    try (Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      assertEquals(12, executable.memory().aliasedBytes());
      for (int rounds = 0; rounds < 4; rounds++) {
        DeviceBuffer[] in =
            upload(Literal.scalar(DType.S32, rounds), vector(1, 2, rounds), vector(rounds, 5, 6));
        DeviceBuffer[] out = executable.execute(in);
        float factor = 1 << rounds;
        assertEquals(vector(factor, 2 * factor, rounds * factor), Graphs.download(out[0]));
        assertEquals(vector(rounds, 5, 6), Graphs.download(out[1]));
        assertTrue(in[1].isReleased());
        assertEquals(vector(rounds, 5, 6), Graphs.download(in[2]));
      }
    }
  }

  @Test
  void memoryOfCalledProgramsIsTheCallers() {
    try (Executable executable = backend.compile(doubling(), CompileOptions.DEFAULT)) {
      // A block each for the counter and the condition's result: the body works in place.
      assertEquals(128, executable.memory().temporaryBytes());
      // A constant of the body's, and one of the condition's.
      assertEquals(128, executable.memory().codeBytes());
      long live = backend.memoryUsage(0).liveBytes();
      assertTrue(
          live >= executable.memory().temporaryBytes() + executable.memory().codeBytes(),
          live + " bytes live, " + executable.memory());
    }
  }

  @Test
  void refusedBodyLeavesNothingBehind() {
    HloComputation odd = oddReducer();
    HloInstruction x = B.add(new HloOp.Parameter(0, VECTOR));
    HloInstruction zero = B.constant(DType.F32, 0);
    HloComputation branch =
        HloComputation.of("branch", List.of(x), B.add(new HloOp.Reduce(Dims.of(0), odd), x, zero));
    HloModule module =
        Graphs.module(
            List.of(ArrayShape.scalar(DType.S32), VECTOR),
            p -> B.add(new ControlOp.Conditional(List.of(branch)), p.get(0), p.get(1)));
    UnsupportedException refused =
        assertThrows(
            UnsupportedException.class, () -> backend.compile(module, CompileOptions.DEFAULT));
    assertTrue(refused.toString().contains("f32[1]"), refused.toString());
    assertEquals(0, backend.memoryUsage(0).liveBytes());
  }

  private static HloComputation oddReducer() {
    ArrayShape scalar = ArrayShape.scalar(DType.F32);
    HloInstruction a = B.add(new HloOp.Parameter(0, scalar));
    HloInstruction b = B.add(new HloOp.Parameter(1, scalar));
    HloInstruction pair = B.add(new HloOp.Concatenate(0), asVector(B, a), asVector(B, b));
    HloInstruction sum =
        B.add(
            new HloOp.Reduce(Dims.of(0), Graphs.reducer(BinaryKind.ADD, DType.F32)),
            pair,
            B.constant(DType.F32, 0));
    return HloComputation.of("odd", List.of(a, b), sum);
  }

  @Test
  void deepGraphsCompile() {
    HloModule module =
        Graphs.module(
            List.of(VECTOR),
            p -> {
              HloInstruction x = p.get(0);
              for (int i = 0; i < 20_000; i++) {
                x = B.add(new HloOp.Unary(UnaryKind.NEGATE), x);
              }
              return tuple(x);
            });
    assertEquals(List.of(vector(1, 2, 3)), Graphs.run(backend, module, List.of(vector(1, 2, 3))));
  }

  @Test
  void twoExecutablesRunOnTwoThreadsAtOnce() throws Exception {
    HloModule module = MlpModule.of(8, 16, 12, 4);
    List<Literal> expected = losses(module, 30);
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      List<Future<List<Literal>>> runs = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        runs.add(pool.submit(() -> losses(module, 30)));
      }
      for (Future<List<Literal>> run : runs) {
        assertEquals(expected, run.get());
      }
    }
  }

  @Test
  void trainingStepLearnsItsBatch() {
    List<Literal> losses = losses(MlpModule.of(16, 20, 32, 10), 200);
    double first = losses.getFirst().toDouble(0);
    double last = losses.getLast().toDouble(0);
    assertTrue(first > 1.5 && last < first / 5, first + " to " + last);
  }

  private List<Literal> losses(HloModule module, int steps) {
    List<Literal> losses = new ArrayList<>();
    try (Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      DeviceBuffer[] arguments = MlpBenchmark.arguments(backend, module);
      for (int step = 0; step < steps; step++) {
        DeviceBuffer[] out = executable.execute(arguments);
        System.arraycopy(out, 1, arguments, 3, out.length - 1);
        losses.add(Graphs.download(out[0]));
        out[0].release();
      }
      for (DeviceBuffer argument : arguments) {
        argument.release();
      }
    }
    return losses;
  }
}
