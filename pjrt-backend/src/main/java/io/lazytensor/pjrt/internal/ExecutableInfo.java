package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazytensor.pjrt.PjrtException;
import io.lazytensor.pjrt.PjrtException.Code;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.MemoryPlan;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Asks a plug-in about an executable. */
@SuppressWarnings("restricted") // binding native functions is what this is for
final class ExecutableInfo {
  private ExecutableInfo() {}

  /** What is asked of the executable behind a loaded one. */
  private interface Question<T> {
    T ask(PjrtApi api, Scratch scratch, long executable);
  }

  /** The executable behind a loaded one is a handle of its own, for the length of the question. */
  private static <T> T ask(Session session, long loaded, Question<T> question) {
    PjrtApi api = session.api();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment arguments = api.struct(scratch, Struct.LOADED_EXECUTABLE_GET_EXECUTABLE);
      arguments.set(JAVA_LONG, PjrtAbi.LoadedExecutableGetExecutable.LOADED_EXECUTABLE, loaded);
      api.call(
          PjrtFunction.LOADED_EXECUTABLE_GET_EXECUTABLE,
          Struct.LOADED_EXECUTABLE_GET_EXECUTABLE,
          arguments);
      long address = arguments.get(JAVA_LONG, PjrtAbi.LoadedExecutableGetExecutable.EXECUTABLE);
      try (Handle executable = new Handle(session, Handle.Kind.EXECUTABLE, address)) {
        return question.ask(api, scratch, executable.address());
      }
    }
  }

  /**
   * Checks that the plug-in returns what the module says, and returns what it needs.
   *
   * @throws DeviceException if it is another program's executable
   */
  static MemoryPlan check(Session session, long loaded, HloModule module, ArrayShape[] outputs) {
    return ask(
        session,
        loaded,
        (api, scratch, executable) -> {
          checkOutputs(api, scratch, executable, outputs);
          return memory(api, scratch, executable)
              .orElseGet(() ->
                  new MemoryPlan(
                      bytes(module.parameterShapes()),
                      bytes(module.outputShapes()),
                      module.aliases().stream()
                          .mapToLong(alias -> outputs[alias.output()].byteSize())
                          .sum(),
                      0,
                      0));
        });
  }

  private static long bytes(List<Shape> shapes) {
    return shapes.stream().mapToLong(Shape::byteSize).sum();
  }

  private static void checkOutputs(
      PjrtApi api, Scratch scratch, long executable, ArrayShape[] outputs) {
    MemorySegment number = api.struct(scratch, Struct.EXECUTABLE_NUM_OUTPUTS);
    number.set(JAVA_LONG, PjrtAbi.ExecutableNumOutputs.EXECUTABLE, executable);
    api.call(PjrtFunction.EXECUTABLE_NUM_OUTPUTS, Struct.EXECUTABLE_NUM_OUTPUTS, number);
    long count = number.get(JAVA_LONG, PjrtAbi.ExecutableNumOutputs.NUM_OUTPUTS);
    if (count != outputs.length) {
      throw new DeviceException(
          "the compiled program has %d results, the module %d".formatted(count, outputs.length));
    }
    Optional<long[]> types = types(api, scratch, executable, outputs.length);
    Optional<Dims[]> dims = dims(api, scratch, executable, outputs.length);
    for (int i = 0; i < outputs.length; i++) {
      int output = i;
      int want = BufferType.of(outputs[i].dtype());
      boolean typed = types.isEmpty() || types.get()[i] == want;
      boolean sized = dims.isEmpty() || dims.get()[i].equals(outputs[i].dims());
      if (!typed || !sized) {
        throw new DeviceException(
            "result %d of the compiled program is %s[%s], that of the module %s"
                .formatted(
                    i,
                    types
                        .flatMap(t -> BufferType.dtype((int) t[output]))
                        .map(DType::hloName)
                        .orElse("?"),
                    dims.map(d -> d[output].toString()).orElse("?"),
                    outputs[i]));
      }
    }
  }

  private static Optional<long[]> types(
      PjrtApi api, Scratch scratch, long executable, int outputs) {
    MemorySegment arguments = api.struct(scratch, Struct.EXECUTABLE_OUTPUT_ELEMENT_TYPES);
    arguments.set(JAVA_LONG, PjrtAbi.ExecutableOutputElementTypes.EXECUTABLE, executable);
    if (!api.callOptional(
        PjrtFunction.EXECUTABLE_OUTPUT_ELEMENT_TYPES,
        Struct.EXECUTABLE_OUTPUT_ELEMENT_TYPES,
        arguments)) {
      return Optional.empty();
    }
    long count = arguments.get(JAVA_LONG, PjrtAbi.ExecutableOutputElementTypes.NUM_OUTPUT_TYPES);
    MemorySegment list = arguments.get(ADDRESS, PjrtAbi.ExecutableOutputElementTypes.OUTPUT_TYPES);
    if (count != outputs) {
      throw new DeviceException("the plug-in lists types of " + count + " results");
    }
    return Optional.of(
        Arrays.stream(list.reinterpret(4 * count).toArray(JAVA_INT)).asLongStream().toArray());
  }

  private static Optional<Dims[]> dims(PjrtApi api, Scratch scratch, long executable, int outputs) {
    MemorySegment arguments = api.struct(scratch, Struct.EXECUTABLE_OUTPUT_DIMENSIONS);
    arguments.set(JAVA_LONG, PjrtAbi.ExecutableOutputDimensions.EXECUTABLE, executable);
    if (!api.callOptional(
        PjrtFunction.EXECUTABLE_OUTPUT_DIMENSIONS,
        Struct.EXECUTABLE_OUTPUT_DIMENSIONS,
        arguments)) {
      return Optional.empty();
    }
    long[] ranks =
        Native.longs(arguments.get(ADDRESS, PjrtAbi.ExecutableOutputDimensions.DIM_SIZES), outputs);
    long total = Arrays.stream(ranks).sum();
    long[] flat =
        Native.longs(arguments.get(ADDRESS, PjrtAbi.ExecutableOutputDimensions.DIMS), total);
    Dims[] out = new Dims[outputs];
    int at = 0;
    for (int i = 0; i < outputs; i++) {
      int end = at + (int) ranks[i];
      out[i] = Dims.of(Arrays.stream(flat, at, end).mapToInt(Math::toIntExact).toArray());
      at = end;
    }
    return Optional.of(out);
  }

  private static Optional<MemoryPlan> memory(PjrtApi api, Scratch scratch, long executable) {
    MemorySegment stats = api.struct(scratch, Struct.EXECUTABLE_GET_COMPILED_MEMORY_STATS);
    stats.set(JAVA_LONG, PjrtAbi.ExecutableGetCompiledMemoryStats.EXECUTABLE, executable);
    return api.callOptional(
            PjrtFunction.EXECUTABLE_GET_COMPILED_MEMORY_STATS,
            Struct.EXECUTABLE_GET_COMPILED_MEMORY_STATS,
            stats)
        ? Optional.of(
            new MemoryPlan(
                stats.get(
                    JAVA_LONG, PjrtAbi.ExecutableGetCompiledMemoryStats.ARGUMENT_SIZE_IN_BYTES),
                stats.get(JAVA_LONG, PjrtAbi.ExecutableGetCompiledMemoryStats.OUTPUT_SIZE_IN_BYTES),
                stats.get(JAVA_LONG, PjrtAbi.ExecutableGetCompiledMemoryStats.ALIAS_SIZE_IN_BYTES),
                stats.get(JAVA_LONG, PjrtAbi.ExecutableGetCompiledMemoryStats.TEMP_SIZE_IN_BYTES),
                stats.get(
                    JAVA_LONG,
                    PjrtAbi.ExecutableGetCompiledMemoryStats.GENERATED_CODE_SIZE_IN_BYTES)))
        : Optional.empty();
  }

  /** Returns which replica's arguments each of the plug-in's lists takes. */
  static int[] replicaOfList(Session session, long loaded, PjrtDevice[] deviceOfReplica) {
    PjrtApi api = session.api();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment arguments = api.struct(scratch, Struct.LOADED_EXECUTABLE_ADDRESSABLE_DEVICES);
      arguments.set(JAVA_LONG, PjrtAbi.LoadedExecutableAddressableDevices.EXECUTABLE, loaded);
      api.call(
          PjrtFunction.LOADED_EXECUTABLE_ADDRESSABLE_DEVICES,
          Struct.LOADED_EXECUTABLE_ADDRESSABLE_DEVICES,
          arguments);
      long[] devices =
          Native.longs(
              arguments.get(
                  ADDRESS, PjrtAbi.LoadedExecutableAddressableDevices.ADDRESSABLE_DEVICES),
              arguments.get(
                  JAVA_LONG, PjrtAbi.LoadedExecutableAddressableDevices.NUM_ADDRESSABLE_DEVICES));
      int[] out = new int[devices.length];
      for (int list = 0; list < out.length; list++) {
        PjrtDevice device = session.client().device(devices[list]);
        out[list] = Arrays.asList(deviceOfReplica).indexOf(device);
        if (out[list] < 0) {
          throw wrongDevices(deviceOfReplica.length, devices.length);
        }
      }
      if (out.length != deviceOfReplica.length) {
        throw wrongDevices(deviceOfReplica.length, devices.length);
      }
      return out;
    }
  }

  private static DeviceException wrongDevices(int wanted, int got) {
    return new DeviceException(
        "the compiled program is for %d other devices than the %d asked for"
            .formatted(got, wanted));
  }

  /** Returns the bytes of an executable, and frees the plug-in's own copy. */
  static byte[] serialize(Session session, long loaded) {
    try {
      return ask(session, loaded, ExecutableInfo::serialized);
    } catch (PjrtException e) {
      if (e.code() == Code.UNIMPLEMENTED) {
        throw new UnsupportedException(
            "the plug-in cannot serialize executables: " + e.getMessage());
      }
      throw e;
    }
  }

  private static byte[] serialized(PjrtApi api, Scratch scratch, long executable) {
    MemorySegment arguments = api.struct(scratch, Struct.EXECUTABLE_SERIALIZE);
    arguments.set(JAVA_LONG, PjrtAbi.ExecutableSerialize.EXECUTABLE, executable);
    api.call(PjrtFunction.EXECUTABLE_SERIALIZE, Struct.EXECUTABLE_SERIALIZE, arguments);
    try {
      return Native.bytes(
          arguments.get(ADDRESS, PjrtAbi.ExecutableSerialize.SERIALIZED_BYTES),
          arguments.get(JAVA_LONG, PjrtAbi.ExecutableSerialize.SERIALIZED_BYTES_SIZE));
    } finally {
      MemorySegment deleter =
          arguments.get(ADDRESS, PjrtAbi.ExecutableSerialize.SERIALIZED_EXECUTABLE_DELETER);
      if (deleter.address() != 0) {
        delete(deleter, arguments.get(ADDRESS, PjrtAbi.ExecutableSerialize.SERIALIZED_EXECUTABLE));
      }
    }
  }

  private static void delete(MemorySegment deleter, MemorySegment serialized) {
    try {
      Linker.nativeLinker()
          .downcallHandle(deleter, FunctionDescriptor.ofVoid(ADDRESS))
          .invokeExact(serialized);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a deleter of the plug-in could not be called", e);
    }
  }
}
