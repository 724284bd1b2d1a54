package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazytensor.pjrt.PjrtException;
import io.lazytensor.pjrt.PjrtException.Code;
import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.pass.Passes;
import io.lazytensor.xla.proto.HloProtoWriter;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.CompileException;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.DeviceInfo;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.HostBuffer;
import io.lazytensor.xla.runtime.MemoryUsage;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A plug-in's devices as a backend. Executables may run on different threads at once. */
public final class PjrtBackend implements Backend {
  private static final Logger LOG = LoggerFactory.getLogger(PjrtBackend.class);
  private static final String FORMAT = "hlo";
  private static final String UNKNOWN_OPCODE = "Unknown opcode";
  private static final Pattern UNKNOWN_OPTION =
      Pattern.compile("No such compile option: '([^']+)'");

  private final Session session;
  // Options a plug-in does not know are taken out at its first refusal.
  private volatile Map<String, String> overrides;
  private final String fingerprint;

  PjrtBackend(PjrtPlugin plugin, Settings settings) {
    this.session = PjrtClient.open(plugin, settings);
    this.overrides = settings.overrides();
    this.fingerprint =
        String.join(
            "\n",
            client().platform(),
            client().platformVersion(),
            "PJRT 0." + plugin.api().minor(),
            plugin.identity(),
            client().devices().stream().map(PjrtDevice::description).distinct().toList().toString(),
            "processor " + LibraryIdentity.processor(),
            "options " + new TreeMap<>(settings.overrides()));
  }

  /**
   * Opens the plug-in an argument names.
   *
   * @throws DeviceException if there is none, or it cannot be opened
   */
  public static PjrtBackend open(BackendOptions options) {
    Settings settings = Settings.of(options);
    return new PjrtBackend(PjrtPlugin.load(PluginLocator.find(options.argument())), settings);
  }

  Session session() {
    return session;
  }

  private PjrtClient client() {
    return session.client();
  }

  @Override
  public String name() {
    return "pjrt";
  }

  @Override
  public String engine() {
    return "%s %s (PJRT 0.%d)"
        .formatted(client().platform(), client().platformVersion(), session.api().minor());
  }

  @Override
  public List<DeviceInfo> devices() {
    session.enter();
    try {
      return client().devices().stream()
          .map(d -> new DeviceInfo(d.index(), d.description(), d.memoryBytes()))
          .toList();
    } finally {
      session.exit();
    }
  }

  /** Returns a device, or throws if there is none of that index. */
  private PjrtDevice device(int index) {
    List<PjrtDevice> devices = client().devices();
    if (index < 0 || index >= devices.size()) {
      throw new DeviceException(
          "%s has %d devices, numbered from 0; got device %d"
              .formatted(client().plugin().name(), devices.size(), index));
    }
    return devices.get(index);
  }

  @Override
  public Executable compile(HloModule module, CompileOptions options) {
    requireArrays(module);
    HloModule explicit = Passes.explicitBroadcasts(module);
    // A plug-in may end the process on a module that is not as it should be.
    HloVerifier.verifyForPlugin(explicit);
    session.enter();
    try {
      PjrtDevice[] devices = devices(module, options);
      byte[] program = HloProtoWriter.write(explicit);
      long address = BigStack.call(() -> compile(module, program, devices));
      return loaded(module, devices, address);
    } finally {
      session.exit();
    }
  }

  private Executable loaded(HloModule module, PjrtDevice[] devices, long address) {
    Handle handle = new Handle(session, Handle.Kind.LOADED_EXECUTABLE, address);
    try {
      return new PjrtExecutable(session, handle, module, devices);
    } catch (RuntimeException | Error e) {
      handle.close();
      throw e;
    }
  }

  private static void requireArrays(HloModule module) {
    for (Shape shape : module.parameterShapes()) {
      if (!(shape instanceof ArrayShape)) {
        throw new UnsupportedException(
            "a parameter of " + module.name() + " is " + shape + "; PJRT takes arrays only");
      }
    }
    for (Shape shape : module.outputShapes()) {
      if (!(shape instanceof ArrayShape)) {
        throw new UnsupportedException(
            "a result of " + module.name() + " is " + shape + "; PJRT returns arrays only");
      }
    }
  }

  /** Replicas take devices in order from the one asked for, each replica's partitions together. */
  private PjrtDevice[] devices(HloModule module, CompileOptions options) {
    int count = Math.multiplyExact(module.replicas(), module.partitions());
    int available = client().devices().size();
    if (count > available - options.device()) {
      throw new UnsupportedException(
          ("%s runs on %d devices at once, from device %d on there are %d; open the device with the"
                  + " setting devices=%d where the plug-in can have any number")
              .formatted(
                  module.name(),
                  count,
                  options.device(),
                  available - options.device(),
                  count + options.device()));
    }
    PjrtDevice[] out = new PjrtDevice[count];
    Arrays.setAll(out, i -> device(options.device() + i));
    return out;
  }

  private static byte[] compileOptions(
      HloModule module, PjrtDevice[] devices, Map<String, String> overrides) {
    return CompileOptionsProto.bytes(
        module.replicas(),
        module.partitions(),
        Arrays.stream(devices).mapToInt(PjrtDevice::id).toArray(),
        overrides);
  }

  private long compile(HloModule module, byte[] program, PjrtDevice[] devices) {
    while (true) {
      Map<String, String> asked = overrides;
      try {
        return compile(program, compileOptions(module, devices, asked));
      } catch (PjrtException e) {
        if (!dropUnknownOption(e, asked)) {
          throw refused(module, e);
        }
      }
    }
  }

  /**
   * Takes an option out that this plug-in's compiler does not have.
   *
   * @param asked the options that were refused; other threads may have taken it out meanwhile
   */
  private synchronized boolean dropUnknownOption(PjrtException e, Map<String, String> asked) {
    Matcher unknown = UNKNOWN_OPTION.matcher(e.pluginMessage());
    if (!unknown.find() || !asked.containsKey(unknown.group(1))) {
      return false;
    }
    String option = unknown.group(1);
    if (!CompileOptionsProto.DEFAULTS.containsKey(option)) {
      return false;
    }
    LOG.debug("{} has no compile option {}", client().plugin().name(), option);
    Map<String, String> rest = new TreeMap<>(overrides);
    rest.remove(option);
    overrides = Map.copyOf(rest);
    return true;
  }

  private static RuntimeException refused(HloModule module, PjrtException e) {
    String text = "module " + module.name() + ": " + e.getMessage();
    // An operation younger than the plug-in.
    if (e.pluginMessage().contains(UNKNOWN_OPCODE)) {
      return new UnsupportedException(text);
    }
    return switch (e.code()) {
      case UNIMPLEMENTED -> new UnsupportedException(text);
      case RESOURCE_EXHAUSTED, UNAVAILABLE, CANCELLED, ABORTED, DEADLINE_EXCEEDED -> e;
      default -> new CompileException(text, e);
    };
  }

  private long compile(byte[] program, byte[] options) {
    PjrtApi api = session.api();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment code = api.struct(scratch, Struct.PROGRAM);
      code.set(ADDRESS, PjrtAbi.Program.CODE, scratch.bytes(program));
      code.set(JAVA_LONG, PjrtAbi.Program.CODE_SIZE, program.length);
      code.set(ADDRESS, PjrtAbi.Program.FORMAT, scratch.text(FORMAT));
      code.set(JAVA_LONG, PjrtAbi.Program.FORMAT_SIZE, FORMAT.length());
      MemorySegment arguments = api.struct(scratch, Struct.CLIENT_COMPILE);
      arguments.set(JAVA_LONG, PjrtAbi.ClientCompile.CLIENT, client().address());
      arguments.set(ADDRESS, PjrtAbi.ClientCompile.PROGRAM, code);
      arguments.set(ADDRESS, PjrtAbi.ClientCompile.COMPILE_OPTIONS, scratch.bytes(options));
      arguments.set(JAVA_LONG, PjrtAbi.ClientCompile.COMPILE_OPTIONS_SIZE, options.length);
      api.call(PjrtFunction.CLIENT_COMPILE, Struct.CLIENT_COMPILE, arguments, Struct.PROGRAM, code);
      return arguments.get(JAVA_LONG, PjrtAbi.ClientCompile.EXECUTABLE);
    }
  }

  @Override
  public Optional<String> fingerprint() {
    if (!session.api().has(PjrtFunction.EXECUTABLE_SERIALIZE)
        || !session.api().has(PjrtFunction.EXECUTABLE_DESERIALIZE_AND_LOAD)) {
      return Optional.empty();
    }
    return Optional.of(fingerprint);
  }

  @Override
  public Executable deserialize(byte[] serialized, HloModule module, CompileOptions options) {
    requireArrays(module);
    session.enter();
    try (Scratch scratch = Scratch.open()) {
      PjrtApi api = session.api();
      PjrtDevice[] devices = devices(module, options);
      MemorySegment arguments = api.struct(scratch, Struct.EXECUTABLE_DESERIALIZE_AND_LOAD);
      arguments.set(JAVA_LONG, PjrtAbi.ExecutableDeserializeAndLoad.CLIENT, client().address());
      arguments.set(
          ADDRESS,
          PjrtAbi.ExecutableDeserializeAndLoad.SERIALIZED_EXECUTABLE,
          scratch.bytes(serialized));
      arguments.set(
          JAVA_LONG,
          PjrtAbi.ExecutableDeserializeAndLoad.SERIALIZED_EXECUTABLE_SIZE,
          serialized.length);
      api.call(
          PjrtFunction.EXECUTABLE_DESERIALIZE_AND_LOAD,
          Struct.EXECUTABLE_DESERIALIZE_AND_LOAD,
          arguments);
      return loaded(
          module,
          devices,
          arguments.get(JAVA_LONG, PjrtAbi.ExecutableDeserializeAndLoad.LOADED_EXECUTABLE));
    } catch (PjrtException e) {
      if (e.code() == Code.UNIMPLEMENTED) {
        throw new UnsupportedException("the plug-in cannot load executables: " + e.getMessage());
      }
      throw e;
    } finally {
      session.exit();
    }
  }

  @Override
  public DeviceBuffer upload(HostBuffer source, int device) {
    session.enter();
    try {
      return PjrtBuffer.upload(session, source, device(device));
    } finally {
      session.exit();
    }
  }

  @Override
  public MemoryUsage memoryUsage(int device) {
    session.enter();
    try {
      return device(device).usage();
    } finally {
      session.exit();
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
