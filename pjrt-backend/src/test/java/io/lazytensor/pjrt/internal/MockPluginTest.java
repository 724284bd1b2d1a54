package io.lazytensor.pjrt.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.pjrt.PjrtException;
import io.lazytensor.pjrt.PjrtException.Code;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.CompileException;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.MemoryUsage;
import io.lazytensor.xla.testing.Graphs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole binding against a function table that checks, counts and fails on demand. */
class MockPluginTest {
  private static final ArrayShape PAIR = ArrayShape.of(DType.F32, 2);
  private static final Literal ONE_TWO = Literal.ofFloats(Dims.of(2), 1, 2);
  private static final Literal TEN = Literal.ofFloats(Dims.of(2), 10, 10);

  private final List<MockPlugin> mocks = new ArrayList<>();

  @AfterEach
  void nothingIsLeft() {
    for (MockPlugin mock : mocks) {
      try (mock) {
        mock.assertClean();
      }
    }
  }

  private MockPlugin mock(int minor) {
    return mock(0, minor, true, Set.of());
  }

  private MockPlugin mock(int major, int minor, boolean strict, Set<String> missing) {
    MockPlugin mock = new MockPlugin(major, minor, strict, missing);
    mocks.add(mock);
    return mock;
  }

  private static PjrtBackend open(MockPlugin mock, Map<String, String> settings) {
    return new PjrtBackend(
        PjrtPlugin.of(mock.name, mock.table), Settings.of(new BackendOptions("", settings)));
  }

  private static PjrtBackend open(MockPlugin mock) {
    return open(mock, Map.of());
  }

  /** Two sums; the second argument's memory goes to the first result. */
  private static HloModule module() {
    HloModule sums =
        Graphs.module(
            List.of(PAIR, PAIR),
            p -> {
              HloBuilder builder = new HloBuilder();
              var sum = builder.add(new HloOp.Binary(BinaryKind.ADD), p.get(0), p.get(1));
              var twice = builder.add(new HloOp.Binary(BinaryKind.ADD), sum, sum);
              return builder.add(new HloOp.Tuple(), sum, twice);
            });
    return new HloModule(sums.name(), sums.entry(), List.of(new InputOutputAlias(0, 1)));
  }

  private static DeviceBuffer[] arguments(PjrtBackend backend) {
    return new DeviceBuffer[] {Graphs.upload(backend, ONE_TWO), Graphs.upload(backend, TEN)};
  }

  /** Uses every function of the binding once at least. */
  private static void everything(MockPlugin mock) {
    try (PjrtBackend backend = open(mock)) {
      backend.memoryUsage(0);
      backend.devices();
      Executable executable = backend.compile(module(), CompileOptions.DEFAULT);
      run(backend, executable);
      try (Executable again =
          backend.deserialize(executable.serialize(), module(), CompileOptions.DEFAULT)) {
        run(backend, again);
      }
      PjrtExecutable.Launched launched =
          ((PjrtExecutable) executable).launch(new DeviceBuffer[][] {arguments(backend)});
      for (PjrtEvent event : launched.complete()) {
        event.isReady();
        event.await();
      }
      launched.outputs().getFirst().getFirst().ready().join();
      executable.close();
    } catch (CompletionException e) {
      throw (RuntimeException) e.getCause();
    }
  }

  private static void run(PjrtBackend backend, Executable executable) {
    DeviceBuffer[] arguments = arguments(backend);
    DeviceBuffer[] results = executable.execute(arguments);
    assertEquals(Literal.ofFloats(Dims.of(2), 11, 12), Graphs.download(results[0]));
    assertEquals(Literal.ofFloats(Dims.of(2), 22, 24), Graphs.download(results[1]));
    assertFalse(arguments[0].isReleased());
    assertTrue(arguments[1].isReleased());
    for (DeviceBuffer buffer :
        List.of(arguments[0], arguments[1], results[0], results[1], results[1])) {
      buffer.release();
    }
  }

  // ---- versions ---------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(
      ints = {
        54, 55, 57, 60, 61, 64, 66, 70, 71, 72, 75, 76, 78, 81, 90, 97, 104, 108, 111, 112, 113, 114
      })
  void everySizeIsExactInEveryKnownVersion(int minor) {
    MockPlugin mock = mock(minor);
    everything(mock);
    assertEquals(List.of(), mock.rejections);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.53", "0.56", "0.0", "1.0", "1.114"})
  void otherVersionsAreRefusedWithBothVersions(String version) {
    String[] part = version.split("\\.", -1);
    MockPlugin mock = mock(Integer.parseInt(part[0]), Integer.parseInt(part[1]), true, Set.of());
    DeviceException e = assertThrows(DeviceException.class, () -> open(mock));
    assertTrue(e.toString().contains(version), e.toString());
    assertTrue(e.toString().contains("0.54 to 0.114"), e.toString());
    assertEquals(List.of(), mock.calls);
  }

  @Test
  void newerPluginTellsTheSizesItWantsOnce() {
    MockPlugin mock = mock(0, 115, false, Set.of());
    mock.sizes.put("PJRT_ExecuteOptions", 160);
    mock.sizes.put("PJRT_Client_Create_Args", 96);
    mock.sizes.put("PJRT_LoadedExecutable_Execute_Args", 88);
    everything(mock);
    assertEquals(3, mock.rejections.size(), mock.rejections.toString());
  }

  @Test
  void structBeyondAllBoundsIsAnErrorNotAnEndlessLoop() {
    MockPlugin mock = mock(0, 115, false, Set.of());
    mock.sizes.put("PJRT_Client_Create_Args", 5000);
    PjrtException e = assertThrows(PjrtException.class, () -> open(mock));
    assertTrue(e.toString().contains("expected 5000, got 88"), e.toString());
  }

  // ---- functions that are missing, or fail ------------------------------------------------------

  private static final Set<String> OPTIONAL =
      Set.of(
          "PJRT_Plugin_Attributes",
          "PJRT_Client_PlatformName",
          "PJRT_Client_PlatformVersion",
          "PJRT_DeviceDescription_Kind",
          "PJRT_Device_MemoryStats",
          "PJRT_Executable_OutputElementTypes",
          "PJRT_Executable_OutputDimensions",
          "PJRT_Executable_GetCompiledMemoryStats");

  static Stream<String> optional() {
    return OPTIONAL.stream();
  }

  @ParameterizedTest
  @MethodSource("optional")
  void optionalFunctionMayBeMissingOrUnimplemented(String function) {
    everything(mock(0, 114, true, Set.of(function)));
    MockPlugin mock = mock(114);
    mock.fail(function, 0, Code.UNIMPLEMENTED, "not here");
    everything(mock);
  }

  private static final Set<PjrtFunction> DESTROYERS =
      Set.of(
          PjrtFunction.ERROR_DESTROY,
          PjrtFunction.EVENT_DESTROY,
          PjrtFunction.BUFFER_DESTROY,
          PjrtFunction.EXECUTABLE_DESTROY,
          PjrtFunction.LOADED_EXECUTABLE_DESTROY,
          PjrtFunction.CLIENT_DESTROY);

  @ParameterizedTest
  @EnumSource(PjrtFunction.class)
  void missingFunctionIsNamed(PjrtFunction function) {
    if (OPTIONAL.contains(function.cName()) || DESTROYERS.contains(function)) {
      return;
    }
    switch (function) {
      case ERROR_GET_CODE, ERROR_MESSAGE -> {
        MockPlugin mock = mock(0, 114, true, Set.of(function.cName()));
        // Without codes nobody can say that an optional function is none.
        mock.functions().withMemoryStats = true;
        everything(mock);
      }
      default -> {
        MockPlugin mock = mock(0, 114, true, Set.of(function.cName()));
        LazyTensorException e = assertThrows(LazyTensorException.class, () -> everything(mock));
        assertTrue(e.toString().contains(function.cName()), e.toString());
      }
    }
  }

  @Test
  void errorWithoutCodeOrTextIsStillAnError() {
    MockPlugin mock = mock(0, 114, true, Set.of("PJRT_Error_GetCode", "PJRT_Error_Message"));
    mock.functions().withMemoryStats = true;
    mock.fail("PJRT_Client_Compile", 0, Code.INTERNAL, "unheard");
    LazyTensorException e = assertThrows(LazyTensorException.class, () -> everything(mock));
    assertTrue(e.toString().contains("PJRT_Client_Compile failed with UNKNOWN"), e.toString());
  }

  @Test
  void errorWhoseCodeCannotBeAskedIsDestroyedToo() {
    MockPlugin mock = mock(114);
    mock.functions().withMemoryStats = true;
    mock.fail("PJRT_Client_Compile", 0, Code.INTERNAL, "first");
    mock.fail("PJRT_Error_GetCode", 0, Code.INTERNAL, "second");
    LazyTensorException e = assertThrows(LazyTensorException.class, () -> everything(mock));
    assertTrue(e.toString().contains("UNKNOWN: first"), e.toString());
  }

  @ParameterizedTest
  @EnumSource(PjrtFunction.class)
  void failureAtAnyCallTellsFunctionCodeAndTextAndLeaksNothing(PjrtFunction function) {
    if (function == PjrtFunction.ERROR_DESTROY
        || function == PjrtFunction.ERROR_MESSAGE
        || function == PjrtFunction.ERROR_GET_CODE) {
      return;
    }
    for (int call = 0; call < 12; call++) {
      MockPlugin mock = mock(114);
      mock.fail(function.cName(), call, Code.INTERNAL, "told to fail");
      int allowed = count(mock, function);
      if (allowed <= call) {
        break;
      }
      LazyTensorException e = failure(mock, function);
      String text = e.toString();
      assertTrue(text.contains(function.cName()), text);
      assertTrue(text.contains("INTERNAL"), text);
      assertTrue(text.contains("told to fail"), text);
    }
  }

  /** Returns how often a run without failures calls a function. */
  private int count(MockPlugin mock, PjrtFunction function) {
    MockPlugin other = mock(mock.minor);
    everything(other);
    return (int) other.calls.stream().filter(function.cName()::equals).count();
  }

  private static LazyTensorException failure(MockPlugin mock, PjrtFunction function) {
    boolean atClose = function == PjrtFunction.EVENT_DESTROY || DESTROYERS.contains(function);
    try {
      everything(mock);
    } catch (LazyTensorException e) {
      return e;
    }
    // What goes when the session closes has nobody to tell.
    assertTrue(atClose, function + " failed in silence");
    return new PjrtException(Code.INTERNAL, function.cName(), "told to fail");
  }

  // ---- ownership --------------------------------------------------------------------------------

  @Test
  void closingTwiceIsANoOpAndUseAfterCloseIsRefused() {
    MockPlugin mock = mock(114);
    PjrtBackend backend = open(mock);
    Executable executable = backend.compile(module(), CompileOptions.DEFAULT);
    DeviceBuffer[] arguments = arguments(backend);
    executable.close();
    executable.close();
    assertThrows(DeviceException.class, () -> executable.execute(arguments));
    arguments[0].release();
    arguments[0].release();
    assertThrows(DeviceException.class, () -> Graphs.download(arguments[0]));
    backend.close();
    backend.close();
    assertTrue(arguments[1].isReleased());
    arguments[1].release();
    executable.close();
    assertThrows(DeviceException.class, () -> Graphs.download(arguments[1]));
    assertThrows(DeviceException.class, () -> arguments(backend));
    assertThrows(DeviceException.class, () -> backend.memoryUsage(0));
    assertThrows(DeviceException.class, () -> backend.compile(module(), CompileOptions.DEFAULT));
  }

  @Test
  void whatIsLeftOpenGoesWithTheBackendInOrder() {
    MockPlugin mock = mock(114);
    mock.functions().delayMillis = 20;
    try (PjrtBackend backend = open(mock)) {
      PjrtExecutable executable =
          (PjrtExecutable) backend.compile(module(), CompileOptions.DEFAULT);
      executable.launch(new DeviceBuffer[][] {arguments(backend)});
      arguments(backend);
      mock.calls.clear();
    }
    List<String> order = mock.calls.stream().distinct().toList();
    assertEquals(
        List.of(
            "PJRT_Event_Await",
            "PJRT_Event_Destroy",
            "PJRT_Buffer_Destroy",
            "PJRT_LoadedExecutable_Destroy",
            "PJRT_Client_Destroy"),
        order);
  }

  @Test
  void backendsOfOnePluginShareAClientUntilTheLastCloses() {
    MockPlugin mock = mock(114);
    PjrtPlugin plugin = PjrtPlugin.of(mock.name, mock.table);
    Settings settings = Settings.of(BackendOptions.NONE);
    PjrtBackend first = new PjrtBackend(plugin, settings);
    PjrtBackend second = new PjrtBackend(plugin, settings);
    assertSame(first.session().client(), second.session().client());
    DeviceBuffer kept = Graphs.upload(second, TEN);
    DeviceBuffer other = Graphs.upload(first, TEN);
    Executable executable = second.compile(module(), CompileOptions.DEFAULT);
    assertThrows(DeviceException.class, () -> executable.execute(new DeviceBuffer[] {kept, other}));
    first.close();
    assertTrue(other.isReleased());
    assertEquals(TEN, Graphs.download(kept));
    assertEquals(1, mock.count(MockFunctions.Client.class));
    second.close();
    assertEquals(0, mock.count(MockFunctions.Client.class));
  }

  @Test
  void ledgerCountsWhatIsAlive() {
    MockPlugin mock = mock(114);
    try (PjrtBackend backend = open(mock)) {
      Executable executable = backend.compile(module(), CompileOptions.DEFAULT);
      DeviceBuffer[] arguments = arguments(backend);
      assertEquals(new MemoryUsage(16, 2, 16), backend.memoryUsage(0));
      DeviceBuffer[] results = executable.execute(arguments);
      assertEquals(new MemoryUsage(24, 3, 24), backend.memoryUsage(0));
      results[0].release();
      results[1].release();
      arguments[0].release();
      assertEquals(new MemoryUsage(0, 0, 24), backend.memoryUsage(0));
      assertEquals(100, executable.memory().argumentBytes());
      assertEquals(11, executable.memory().temporaryBytes());
    }
  }

  @Test
  void pluginsOwnMemoryStatisticsAreTakenWhereItHasSome() {
    MockPlugin mock = mock(114);
    mock.functions().withMemoryStats = true;
    try (PjrtBackend backend = open(mock)) {
      Graphs.upload(backend, TEN);
      assertEquals(new MemoryUsage(1000, 1, 2000), backend.memoryUsage(0));
      assertEquals(3000, backend.devices().getFirst().memoryBytes());
    }
  }

  // ---- donation, order, asynchronous failures ---------------------------------------------------

  @Test
  void donatedArgumentIsDeadAlsoIfTheExecutionIsRefused() {
    MockPlugin mock = mock(114);
    mock.fail("PJRT_LoadedExecutable_Execute", 0, Code.RESOURCE_EXHAUSTED, "too large");
    try (PjrtBackend backend = open(mock)) {
      Executable executable = backend.compile(module(), CompileOptions.DEFAULT);
      DeviceBuffer[] arguments = arguments(backend);
      PjrtException e = assertThrows(PjrtException.class, () -> executable.execute(arguments));
      assertEquals(Code.RESOURCE_EXHAUSTED, e.code());
      assertTrue(e.toString().contains("out of device memory"), e.toString());
      assertTrue(arguments[1].isReleased());
      DeviceException dead =
          assertThrows(DeviceException.class, () -> Graphs.download(arguments[1]));
      assertTrue(dead.toString().contains("donated"), dead.toString());
      assertEquals(ONE_TWO, Graphs.download(arguments[0]));
      assertThrows(DeviceException.class, () -> executable.execute(arguments));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void failureWhileItRunsBelongsToItsExecution(boolean withoutEvents) {
    MockPlugin mock = mock(114);
    mock.functions().delayMillis = 10;
    mock.functions().withoutCompleteEvents = withoutEvents;
    try (PjrtBackend backend = open(mock)) {
      Executable executable = backend.compile(module(), CompileOptions.DEFAULT);
      mock.functions().executionFault = new MockPlugin.Fault(Code.ABORTED, "device hung");
      DeviceBuffer[] arguments = arguments(backend);
      PjrtException e = assertThrows(PjrtException.class, () -> executable.execute(arguments));
      assertTrue(e.toString().contains("device hung"), e.toString());
      assertTrue(e.isRetryable());
      assertTrue(arguments[1].isReleased());
      assertEquals(1, mock.count(MockFunctions.Buffer.class), "results are destroyed");
      arguments[0].release();
      run(backend, executable);
    }
  }

  @Test
  void launchReturnsBeforeTheEndAndItsFutureCompletesWithIt() {
    MockPlugin mock = mock(114);
    mock.functions().delayMillis = 200;
    try (PjrtBackend backend = open(mock)) {
      PjrtExecutable executable =
          (PjrtExecutable) backend.compile(module(), CompileOptions.DEFAULT);
      PjrtExecutable.Launched launched =
          executable.launch(new DeviceBuffer[][] {arguments(backend)});
      PjrtEvent event = launched.complete().getFirst();
      assertFalse(event.isReady());
      CompletableFuture<Void> content = launched.outputs().getFirst().getFirst().ready();
      CompletableFuture<Void> end = event.future();
      assertFalse(content.isDone());
      end.join();
      content.join();
      assertEquals(
          Literal.ofFloats(Dims.of(2), 11, 12),
          Graphs.download(launched.outputs().getFirst().getFirst()));
    }
  }

  @Test
  void futureOfAFailedExecutionCompletesWithTheFailure() {
    MockPlugin mock = mock(114);
    mock.functions().delayMillis = 10;
    try (PjrtBackend backend = open(mock)) {
      PjrtExecutable executable =
          (PjrtExecutable) backend.compile(module(), CompileOptions.DEFAULT);
      mock.functions().executionFault = new MockPlugin.Fault(Code.DATA_LOSS, "bit flipped");
      PjrtExecutable.Launched launched =
          executable.launch(new DeviceBuffer[][] {arguments(backend)});
      CompletableFuture<Void> future = launched.complete().getFirst().future();
      CompletionException e = assertThrows(CompletionException.class, future::join);
      assertEquals(Code.DATA_LOSS, assertInstanceOf(PjrtException.class, e.getCause()).code());
      DeviceBuffer result = launched.outputs().getFirst().getFirst();
      PjrtException at = assertThrows(PjrtException.class, () -> Graphs.download(result));
      assertTrue(at.toString().contains("bit flipped"), at.toString());
    }
  }

  @Test
  void downloadWaitsForTheTransfer() {
    MockPlugin mock = mock(114);
    mock.functions().delayMillis = 30;
    try (PjrtBackend backend = open(mock)) {
      assertEquals(TEN, Graphs.download(Graphs.upload(backend, TEN)));
    }
  }

  @Test
  void bufferDonatedAndUsedInOneExecutionIsRefusedBeforeThePluginSeesIt() {
    MockPlugin mock = mock(114);
    try (PjrtBackend backend = open(mock)) {
      Executable executable = backend.compile(module(), CompileOptions.DEFAULT);
      DeviceBuffer buffer = Graphs.upload(backend, TEN);
      DeviceException e =
          assertThrows(
              DeviceException.class, () -> executable.execute(new DeviceBuffer[] {buffer, buffer}));
      assertTrue(e.toString().contains("pass a copy"), e.toString());
      assertEquals(TEN, Graphs.download(buffer));
    }
  }

  // ---- options, compiling, serializing ----------------------------------------------------------

  @Test
  void pluginWithoutTheDeviceCountGetsNoOptions() {
    MockPlugin mock = mock(114);
    mock.functions().knownOptions = Set.of("visible");
    open(mock).close();
    assertEquals(2, mock.calls.stream().filter("PJRT_Client_Create"::equals).count());
    DeviceException e =
        assertThrows(DeviceException.class, () -> open(mock, Map.of("devices", "2")));
    assertTrue(e.toString().contains("has 1 devices here, asked for 2"), e.toString());
    open(mock, Map.of("option.visible", "true")).close();
    PjrtException unknown =
        assertThrows(PjrtException.class, () -> open(mock, Map.of("option.other", "1.5")));
    assertTrue(unknown.toString().contains("other"), unknown.toString());
  }

  @Test
  void unknownSettingAndWrongDeviceCountAreNamed() {
    MockPlugin mock = mock(114);
    for (Map<String, String> wrong :
        List.of(Map.of("threads", "1"), Map.of("devices", "0"), Map.of("devices", "many"))) {
      DeviceException e = assertThrows(DeviceException.class, () -> open(mock, wrong));
      assertTrue(e.toString().contains(wrong.keySet().iterator().next()), e.toString());
    }
  }

  @Test
  void replicasRunOnTheirDevicesWhateverThePluginsOrder() {
    MockPlugin mock = mock(114);
    try (PjrtBackend backend = open(mock, Map.of("devices", "3"))) {
      HloModule module = module().withReplicas(2);
      try (Executable executable = backend.compile(module, new CompileOptions(1))) {
        DeviceBuffer[][] arguments = new DeviceBuffer[2][];
        for (int replica = 0; replica < 2; replica++) {
          arguments[replica] =
              new DeviceBuffer[] {
                Graphs.upload(backend, ONE_TWO, 1 + replica),
                Graphs.upload(backend, Literal.ofFloats(Dims.of(2), 10 * replica, 0), 1 + replica)
              };
        }
        DeviceBuffer[][] results = executable.executeReplicas(arguments);
        assertEquals(Literal.ofFloats(Dims.of(2), 1, 2), Graphs.download(results[0][0]));
        assertEquals(Literal.ofFloats(Dims.of(2), 11, 2), Graphs.download(results[1][0]));
        assertEquals(2, results[1][0].device());
        assertThrows(DeviceException.class, () -> executable.execute(arguments(backend)));
      }
      assertThrows(LazyTensorException.class, () -> backend.compile(module, new CompileOptions(2)));
    }
  }

  @Test
  void compilerWithoutOurOptionIsAskedAgainWithoutIt() {
    MockPlugin mock = mock(114);
    mock.functions().unknownCompileOptions.add("xla_cpu_enable_fast_min_max");
    try (PjrtBackend backend = open(mock)) {
      run(backend, backend.compile(module(), CompileOptions.DEFAULT));
      run(backend, backend.compile(module(), CompileOptions.DEFAULT));
      assertEquals(3, mock.calls.stream().filter("PJRT_Client_Compile"::equals).count());
    }
    mock.functions().unknownCompileOptions.add("xla_theirs");
    try (PjrtBackend backend = open(mock, Map.of("xla.xla_theirs", "3"))) {
      CompileException e =
          assertThrows(
              CompileException.class, () -> backend.compile(module(), CompileOptions.DEFAULT));
      assertTrue(e.toString().contains("xla_theirs"), e.toString());
    }
  }

  /** Each is refused the option before any takes it out. */
  @Test
  void compilesAtTheSameTimeAreAllAskedAgain() {
    MockPlugin mock = mock(114);
    mock.functions().unknownCompileOptions.add("xla_cpu_enable_fast_min_max");
    for (int round = 0; round < 20; round++) {
      try (PjrtBackend backend = open(mock)) {
        List<CompletableFuture<Void>> compiles = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          compiles.add(
              CompletableFuture.runAsync(
                  () -> backend.compile(module(), CompileOptions.DEFAULT).close(),
                  task -> Thread.ofPlatform().start(task)));
        }
        compiles.forEach(CompletableFuture::join);
      }
    }
  }

  @Test
  void refusalsOfTheCompilerAreToldApart() {
    MockPlugin mock = mock(114);
    try (PjrtBackend backend = open(mock)) {
      mock.fail("PJRT_Client_Compile", 0, Code.INVALID_ARGUMENT, "Unknown opcode: scan");
      assertThrows(
          UnsupportedException.class, () -> backend.compile(module(), CompileOptions.DEFAULT));
      mock.fail("PJRT_Client_Compile", 0, Code.UNIMPLEMENTED, "no f8 here");
      assertThrows(
          UnsupportedException.class, () -> backend.compile(module(), CompileOptions.DEFAULT));
      mock.fail("PJRT_Client_Compile", 0, Code.RESOURCE_EXHAUSTED, "full");
      assertThrows(PjrtException.class, () -> backend.compile(module(), CompileOptions.DEFAULT));
    }
  }

  @Test
  void executableWithOtherResultsThanTheModuleIsRefused() {
    MockPlugin mock = mock(114);
    mock.functions().wrongOutputs = 1;
    try (PjrtBackend backend = open(mock)) {
      assertThrows(DeviceException.class, () -> backend.compile(module(), CompileOptions.DEFAULT));
      mock.functions().wrongOutputs = 0;
      byte[] bytes = backend.compile(module(), CompileOptions.DEFAULT).serialize();
      HloModule other = Graphs.module(List.of(PAIR, PAIR), p -> p.get(0));
      assertThrows(
          DeviceException.class, () -> backend.deserialize(bytes, other, CompileOptions.DEFAULT));
      bytes[3] ^= 0x55;
      assertThrows(
          DeviceException.class,
          () -> backend.deserialize(new byte[] {7, 1}, module(), CompileOptions.DEFAULT));
    }
  }

  @Test
  void resultThatDiffersIsShownAsItIs() {
    try (PjrtBackend backend = open(mock(114))) {
      byte[] bytes = backend.compile(pass(PAIR), CompileOptions.DEFAULT).serialize();
      HloModule other = pass(ArrayShape.of(DType.S32, 3));
      DeviceException e =
          assertThrows(
              DeviceException.class,
              () -> backend.deserialize(bytes, other, CompileOptions.DEFAULT));
      assertEquals(
          "result 1 of the compiled program is f32[2], that of the module s32[3]", e.getMessage());
    }
  }

  /** Returns a module that returns a scalar and an array. */
  private static HloModule pass(ArrayShape second) {
    return Graphs.module(
        List.of(ArrayShape.scalar(DType.PRED), second),
        p -> new HloBuilder().add(new HloOp.Tuple(), p.get(0), p.get(1)));
  }

  @Test
  void fingerprintIsEmptyWhereNothingCanBeSerialized() {
    try (PjrtBackend backend = open(mock(114))) {
      assertTrue(backend.fingerprint().orElseThrow().contains("mock_version=3"));
    }
    try (PjrtBackend backend =
        open(mock(0, 114, true, Set.of("PJRT_Executable_DeserializeAndLoad")))) {
      assertTrue(backend.fingerprint().isEmpty());
    }
  }
}
