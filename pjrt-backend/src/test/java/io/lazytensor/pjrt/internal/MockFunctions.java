package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazytensor.pjrt.PjrtException.Code;
import io.lazytensor.pjrt.internal.MockPlugin.Args;
import io.lazytensor.pjrt.internal.MockPlugin.Failure;
import io.lazytensor.xla.eval.HloEvaluator;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.proto.HloProtoReader;
import io.lazytensor.xla.proto.HloProtoWriter;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the mock's functions do. Programs run on the evaluator. */
@SuppressWarnings("restricted") // it is native functions
final class MockFunctions implements AutoCloseable {
  record Client(List<Long> devices) {}

  record Device(int id) {}

  record Event(CompletableFuture<Void> done) {}

  record Loaded(HloModule module, List<Long> devices) {}

  record Unloaded(Loaded loaded) {}

  record Serialized(MemorySegment bytes) {}

  /** An array; its content is null once donated. */
  static final class Buffer {
    final CompletableFuture<Void> ready;
    final long device;
    @Nullable Literal content;
    @Nullable CompletableFuture<Void> donatedTo;

    Buffer(Literal content, long device, CompletableFuture<Void> ready) {
      this.content = content;
      this.device = device;
      this.ready = ready;
    }
  }

  private final MockPlugin plugin;
  private final ScheduledExecutorService later =
      Executors.newScheduledThreadPool(2, Thread.ofPlatform().daemon().factory());

  /** How long executions and transfers take. */
  volatile long delayMillis;

  /** What the next execution's event fails with. */
  volatile MockPlugin.@Nullable Fault executionFault;

  /** Names of client options this plug-in has; null takes any. */
  @Nullable Set<String> knownOptions;

  /** Names of compiler options this plug-in has not. */
  final Set<String> unknownCompileOptions = new HashSet<>();

  int wrongOutputs;
  boolean withoutCompleteEvents;
  boolean withMemoryStats;
  int maxDevices = 8;

  MockFunctions(MockPlugin plugin) {
    this.plugin = plugin;
  }

  void run(String function, Args args) {
    switch (function) {
      case "PJRT_Error_GetCode" ->
          args.setInt("code", plugin.code(args.getLong("error"), function));
      case "PJRT_Plugin_Initialize" -> {}
      case "PJRT_Plugin_Attributes" -> attributes(args);
      case "PJRT_Event_Destroy" -> plugin.remove(args.getLong("event"), Event.class, function);
      case "PJRT_Event_IsReady" ->
          args.setByte(
              "is_ready",
              plugin.object(args.getLong("event"), Event.class, function).done.isDone() ? 1 : 0);
      case "PJRT_Event_Await" ->
          await(plugin.object(args.getLong("event"), Event.class, function).done);
      case "PJRT_Client_Create" -> createClient(args);
      case "PJRT_Client_Destroy" -> destroyClient(args);
      case "PJRT_Client_PlatformName" ->
          args.setText("platform_name", "platform_name_size", "Mock");
      case "PJRT_Client_PlatformVersion" ->
          args.setText("platform_version", "platform_version_size", "version 7");
      case "PJRT_Client_AddressableDevices" -> {
        Client client = client(args, function);
        args.set("addressable_devices", list(client.devices).address());
        args.set("num_addressable_devices", client.devices.size());
      }
      // A device is its own description here.
      case "PJRT_Device_GetDescription" -> args.set("device_description", args.getLong("device"));
      case "PJRT_DeviceDescription_Id" -> args.setInt("id", device(args, function).id);
      case "PJRT_DeviceDescription_Kind" ->
          args.setText("device_kind", "device_kind_size", "mock device");
      case "PJRT_Device_MemoryStats" -> memoryStats(args);
      case "PJRT_Client_Compile" -> compile(args);
      case "PJRT_LoadedExecutable_Destroy" ->
          plugin.remove(args.getLong("executable"), Loaded.class, function);
      case "PJRT_LoadedExecutable_GetExecutable" ->
          args.set(
              "executable",
              plugin.add(
                  new Unloaded(
                      plugin.object(args.getLong("loaded_executable"), Loaded.class, function))));
      case "PJRT_LoadedExecutable_AddressableDevices" -> {
        Loaded loaded = plugin.object(args.getLong("executable"), Loaded.class, function);
        args.set("addressable_devices", list(loaded.devices).address());
        args.set("num_addressable_devices", loaded.devices.size());
      }
      case "PJRT_Executable_Destroy" ->
          plugin.remove(args.getLong("executable"), Unloaded.class, function);
      case "PJRT_Executable_NumOutputs" ->
          args.set("num_outputs", outputs(args, function).size() + wrongOutputs);
      case "PJRT_Executable_OutputElementTypes" -> elementTypes(args);
      case "PJRT_Executable_OutputDimensions" -> dimensions(args);
      case "PJRT_Executable_GetCompiledMemoryStats" -> {
        args.set("argument_size_in_bytes", 100);
        args.set("temp_size_in_bytes", 11);
      }
      case "PJRT_Executable_Serialize" -> serialize(args);
      case "PJRT_Executable_DeserializeAndLoad" -> deserialize(args);
      case "PJRT_LoadedExecutable_Execute" -> execute(args);
      case "PJRT_Client_BufferFromHostBuffer" -> upload(args);
      case "PJRT_Buffer_ToHostBuffer" -> download(args);
      case "PJRT_Buffer_ReadyEvent" ->
          args.set(
              "event",
              plugin.add(
                  new Event(plugin.object(args.getLong("buffer"), Buffer.class, function).ready)));
      case "PJRT_Buffer_Destroy" -> destroyBuffer(args);
      default -> throw new Failure(Code.UNIMPLEMENTED, function + " is not implemented");
    }
  }

  private static void await(CompletableFuture<Void> done) {
    try {
      done.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Failure failure) {
        throw failure;
      }
      throw e;
    }
  }

  // ---- client -----------------------------------------------------------------------------------

  private void attributes(Args args) {
    MemorySegment value = plugin.arena.allocate(56, 8);
    byte[] name = "mock_version".getBytes(StandardCharsets.UTF_8);
    MemorySegment text = plugin.arena.allocate(name.length);
    MemorySegment.copy(name, 0, text, JAVA_BYTE, 0, name.length);
    value.set(JAVA_LONG, 0, 56);
    value.set(ADDRESS, 16, text);
    value.set(JAVA_LONG, 24, name.length);
    value.set(JAVA_INT, 32, 1);
    value.set(JAVA_LONG, 40, 3);
    value.set(JAVA_LONG, 48, 1);
    args.set("attributes", value.address());
    args.set("num_attributes", 1);
  }

  private void createClient(Args args) {
    long count = args.getLong("num_options");
    MemorySegment options = args.pointer("create_options").reinterpret(56 * count);
    long devices = 1;
    for (long i = 0; i < count; i++) {
      MemorySegment option = options.asSlice(56 * i, 56);
      if (option.get(JAVA_LONG, 0) != 56) {
        plugin.violations.add("a named value of " + option.get(JAVA_LONG, 0) + " bytes");
      }
      String name =
          new String(
              option.get(ADDRESS, 16).reinterpret(option.get(JAVA_LONG, 24)).toArray(JAVA_BYTE),
              StandardCharsets.UTF_8);
      if (knownOptions != null && !knownOptions.contains(name)) {
        throw new Failure(
            Code.INVALID_ARGUMENT, "Unexpected option name passed to PJRT_Client_Create: " + name);
      }
      if (name.equals("cpu_device_count")) {
        devices = Math.min(maxDevices, option.get(JAVA_LONG, 40));
      }
    }
    List<Long> list = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      list.add(plugin.add(new Device(10 + i)));
    }
    args.set("client", plugin.add(new Client(list)));
  }

  private Client client(Args args, String function) {
    return plugin.object(args.getLong("client"), Client.class, function);
  }

  private Device device(Args args, String function) {
    return plugin.object(args.getLong("device_description"), Device.class, function);
  }

  private void destroyClient(Args args) {
    Client client = plugin.remove(args.getLong("client"), Client.class, "PJRT_Client_Destroy");
    for (Class<?> kind : List.of(Event.class, Buffer.class, Loaded.class, Unloaded.class)) {
      if (plugin.count(kind) > 0 && plugin.count(Client.class) == 0) {
        plugin.violations.add("the client went before " + kind.getSimpleName());
      }
    }
    client.devices.forEach(plugin.live::remove);
  }

  private MemorySegment list(List<Long> values) {
    return plugin.arena.allocateFrom(
        JAVA_LONG, values.stream().mapToLong(Long::longValue).toArray());
  }

  private void memoryStats(Args args) {
    if (!withMemoryStats) {
      throw new Failure(Code.UNIMPLEMENTED, "no statistics");
    }
    args.set("bytes_in_use", 1000);
    args.set("peak_bytes_in_use", 2000);
    args.setByte("peak_bytes_in_use_is_set", 1);
    args.set("bytes_limit", 3000);
    args.setByte("bytes_limit_is_set", 1);
  }

  // ---- executables ------------------------------------------------------------------------------

  private void compile(Args args) {
    Client client = client(args, "PJRT_Client_Compile");
    Args program = plugin.open("PJRT_Program", args.pointer("program"));
    String format = new String(program.bytes("format", "format_size"), StandardCharsets.UTF_8);
    if (!format.equals("hlo")) {
      throw new Failure(Code.INVALID_ARGUMENT, "Unknown program format: " + format);
    }
    byte[] options = args.bytes("compile_options", "compile_options_size");
    String text = new String(options, StandardCharsets.ISO_8859_1);
    for (String unknown : unknownCompileOptions) {
      if (text.contains(unknown)) {
        throw new Failure(Code.INVALID_ARGUMENT, "No such compile option: '" + unknown + "'");
      }
    }
    HloModule module = HloProtoReader.read(program.bytes("code", "code_size"));
    List<Long> devices = assignment(options, client);
    args.set("executable", plugin.add(new Loaded(module, devices)));
  }

  /** Returns the devices of the assignment, last one first: the binding must not rely on order. */
  private List<Long> assignment(byte[] options, Client client) {
    byte[] build = field(options, 3);
    byte[] computation = field(field(build, 9), 3);
    List<Long> devices = new ArrayList<>();
    // Each replica's id is tag 0x08 and one byte.
    for (int i = 0; i < computation.length; i += 2) {
      int id = computation[i + 1];
      devices.addFirst(
          client.devices.stream()
              .filter(d -> plugin.object(d, Device.class, "assignment").id == id)
              .findFirst()
              .orElseThrow(() -> new Failure(Code.INVALID_ARGUMENT, "no device " + id)));
    }
    return devices;
  }

  /** Returns the bytes of a length-delimited field of a message. */
  private static byte[] field(byte[] message, int number) {
    ByteBuffer in = ByteBuffer.wrap(message);
    while (in.hasRemaining()) {
      long tag = varint(in);
      long value = varint(in);
      if ((tag & 7) == 2) {
        byte[] content = new byte[(int) value];
        in.get(content);
        if (tag >>> 3 == number) {
          return content;
        }
      }
    }
    throw new Failure(Code.INVALID_ARGUMENT, "compile options lack field " + number);
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  private Unloaded unloaded(Args args, String function) {
    return plugin.object(args.getLong("executable"), Unloaded.class, function);
  }

  private List<Shape> outputs(Args args, String function) {
    return unloaded(args, function).loaded.module.outputShapes();
  }

  private void elementTypes(Args args) {
    int[] types =
        outputs(args, "PJRT_Executable_OutputElementTypes").stream()
            .mapToInt(shape -> MockTypes.number(shape.asArray().dtype()))
            .toArray();
    args.set("output_types", plugin.arena.allocateFrom(JAVA_INT, types).address());
    args.set("num_output_types", types.length);
  }

  private void dimensions(Args args) {
    List<Shape> shapes = outputs(args, "PJRT_Executable_OutputDimensions");
    long[] ranks = shapes.stream().mapToLong(shape -> shape.asArray().rank()).toArray();
    long[] dims =
        shapes.stream()
            .flatMapToLong(shape -> shape.asArray().dims().stream().asLongStream())
            .toArray();
    args.set("num_outputs", ranks.length);
    args.set("dim_sizes", plugin.arena.allocateFrom(JAVA_LONG, ranks).address());
    args.set("dims", plugin.arena.allocateFrom(JAVA_LONG, dims).address());
  }

  private void serialize(Args args) {
    Loaded loaded = unloaded(args, "PJRT_Executable_Serialize").loaded;
    byte[] program = HloProtoWriter.write(loaded.module);
    byte[] bytes = Arrays.copyOf(program, program.length + 1);
    bytes[program.length] = (byte) loaded.devices.size();
    MemorySegment copy = plugin.arena.allocate(bytes.length);
    MemorySegment.copy(bytes, 0, copy, JAVA_BYTE, 0, bytes.length);
    args.set("serialized_bytes", copy.address());
    args.set("serialized_bytes_size", bytes.length);
    args.set("serialized_executable", plugin.add(new Serialized(copy)));
    args.set("serialized_executable_deleter", deleter().address());
  }

  private MemorySegment deleter() {
    try {
      return Linker.nativeLinker()
          .upcallStub(
              MethodHandles.lookup()
                  .bind(this, "delete", MethodType.methodType(void.class, MemorySegment.class)),
              FunctionDescriptor.ofVoid(ADDRESS),
              plugin.arena);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  void delete(MemorySegment serialized) {
    try {
      plugin.remove(serialized.address(), Serialized.class, "deleter");
    } catch (Failure _) {
      // Noted as a violation; nothing may leave an upcall.
    }
  }

  private void deserialize(Args args) {
    Client client = client(args, "PJRT_Executable_DeserializeAndLoad");
    byte[] bytes = args.bytes("serialized_executable", "serialized_executable_size");
    HloModule module;
    try {
      module = HloProtoReader.read(Arrays.copyOf(bytes, bytes.length - 1));
    } catch (RuntimeException e) {
      throw new Failure(Code.DATA_LOSS, "damaged executable");
    }
    List<Long> devices = client.devices.subList(0, bytes[bytes.length - 1]);
    args.set("loaded_executable", plugin.add(new Loaded(module, devices)));
  }

  // ---- execution --------------------------------------------------------------------------------

  private CompletableFuture<Void> after(Runnable work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Runnable finish =
        () -> {
          try {
            work.run();
            done.complete(null);
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        };
    if (delayMillis == 0) {
      finish.run();
    } else {
      var _ = later.schedule(finish, delayMillis, TimeUnit.MILLISECONDS);
    }
    return done;
  }

  private void execute(Args args) {
    String function = "PJRT_LoadedExecutable_Execute";
    Loaded loaded = plugin.object(args.getLong("executable"), Loaded.class, function);
    plugin.open("PJRT_ExecuteOptions", args.pointer("options"));
    int devices = (int) args.getLong("num_devices");
    int count = (int) args.getLong("num_args");
    if (devices != loaded.devices.size()) {
      throw new Failure(Code.INVALID_ARGUMENT, "wrong number of devices");
    }
    MemorySegment inputs = args.pointer("argument_lists").reinterpret(8L * devices);
    MemorySegment outputs = args.pointer("output_lists").reinterpret(8L * devices);
    List<List<Buffer>> arguments = new ArrayList<>();
    for (int d = 0; d < devices; d++) {
      List<Buffer> row = new ArrayList<>();
      MemorySegment list = inputs.getAtIndex(ADDRESS, d).reinterpret(8L * count);
      for (int i = 0; i < count; i++) {
        Buffer buffer = plugin.object(list.getAtIndex(JAVA_LONG, i), Buffer.class, function);
        if (buffer.content == null || buffer.device != loaded.devices.get(d)) {
          plugin.violations.add("argument " + i + " is donated or on another device");
          throw new Failure(Code.INVALID_ARGUMENT, "Buffer has been deleted or donated");
        }
        row.add(buffer);
      }
      arguments.add(row);
    }
    MockPlugin.Fault fault = executionFault;
    executionFault = null;
    CompletableFuture<Void> done =
        after(() -> {
          if (fault != null) {
            throw new Failure(fault.code(), fault.message());
          }
        });
    for (int d = 0; d < devices; d++) {
      MemorySegment out = outputs.getAtIndex(ADDRESS, d);
      runOne(loaded, arguments.get(d), loaded.devices.get(d), done, out);
      MemorySegment events = args.pointer("device_complete_events");
      if (events.address() != 0 && !withoutCompleteEvents) {
        events.reinterpret(8L * devices).setAtIndex(JAVA_LONG, d, plugin.add(new Event(done)));
      }
    }
  }

  private void runOne(
      Loaded loaded,
      List<Buffer> arguments,
      long device,
      CompletableFuture<Void> done,
      MemorySegment out) {
    List<Literal> values = arguments.stream().map(buffer -> buffer.content).toList();
    for (InputOutputAlias alias : loaded.module.aliases()) {
      Buffer donated = arguments.get(alias.parameter());
      donated.content = null;
      donated.donatedTo = done;
    }
    List<Literal> results = HloEvaluator.evaluate(loaded.module.withReplicas(1), values);
    MemorySegment list = out.reinterpret(8L * Math.max(1, results.size()));
    for (int i = 0; i < results.size(); i++) {
      if (list.getAtIndex(JAVA_LONG, i) != 0) {
        plugin.violations.add("the list of results was not zeroed");
      }
      list.setAtIndex(JAVA_LONG, i, plugin.add(new Buffer(results.get(i), device, done)));
    }
  }

  // ---- buffers ----------------------------------------------------------------------------------

  private void upload(Args args) {
    client(args, "PJRT_Client_BufferFromHostBuffer");
    plugin.object(args.getLong("device"), Device.class, "PJRT_Client_BufferFromHostBuffer");
    long[] dims = args.pointer("dims").reinterpret(8 * args.getLong("num_dims")).toArray(JAVA_LONG);
    DType dtype = MockTypes.dtype(args.getInt("type"));
    ArrayShape shape =
        new ArrayShape(dtype, Dims.of(Arrays.stream(dims).mapToInt(Math::toIntExact).toArray()));
    MemorySegment data = args.pointer("data").reinterpret(shape.byteSize());
    Literal content = Literal.ofSegment(shape, data);
    CompletableFuture<Void> ready = CompletableFuture.completedFuture(null);
    args.set("done_with_host_buffer", plugin.add(new Event(ready)));
    args.set("buffer", plugin.add(new Buffer(content, args.getLong("device"), ready)));
  }

  private void download(Args args) {
    Buffer buffer = plugin.object(args.getLong("src"), Buffer.class, "PJRT_Buffer_ToHostBuffer");
    Literal content = buffer.content;
    if (content == null) {
      plugin.violations.add("download of a donated buffer");
      throw new Failure(Code.INVALID_ARGUMENT, "Buffer has been deleted or donated");
    }
    Args layout = plugin.open("PJRT_Buffer_MemoryLayout", args.pointer("host_layout"));
    Args tiled = plugin.open("PJRT_Buffer_MemoryLayout_Tiled", layout.memory.asSlice(16));
    if (tiled.getLong("minor_to_major_size") != content.shape().rank()) {
      plugin.violations.add("a layout of another rank");
    }
    long bytes = content.shape().byteSize();
    if (args.getLong("dst") == 0 || args.getLong("dst_size") < bytes) {
      throw new Failure(Code.INVALID_ARGUMENT, "dst_size is too small");
    }
    MemorySegment target = args.pointer("dst").reinterpret(bytes);
    CompletableFuture<Void> done =
        buffer.ready.thenCompose(
            ignored -> after(() -> MemorySegment.copy(content.segment(), 0, target, 0, bytes)));
    args.set("event", plugin.add(new Event(done)));
  }

  private void destroyBuffer(Args args) {
    Buffer buffer = plugin.remove(args.getLong("buffer"), Buffer.class, "PJRT_Buffer_Destroy");
    if (buffer.donatedTo != null && !buffer.donatedTo.isDone()) {
      plugin.violations.add("a donated buffer was destroyed while its execution ran");
    }
  }

  @Override
  public void close() {
    later.shutdownNow();
  }
}
