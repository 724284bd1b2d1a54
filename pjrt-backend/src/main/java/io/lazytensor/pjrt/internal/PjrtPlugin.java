package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazytensor.xla.runtime.DeviceException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loaded plug-in. It stays loaded until the process ends: its threads and registries do not
 * survive unloading.
 */
@SuppressWarnings("restricted") // binding native functions is what this is for
final class PjrtPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(PjrtPlugin.class);
  private static final String ENTRY = "GetPjrtApi";
  private static final Map<Path, PjrtPlugin> LOADED = new ConcurrentHashMap<>();
  // Not a constant: the processor has to compute with it.
  private static volatile double subnormal = Double.MIN_NORMAL;

  private final String name;
  private final PjrtApi api;
  private final String identity;
  private final Map<String, String> attributes;

  private PjrtPlugin(String name, PjrtApi api, String identity) {
    this.name = name;
    this.api = api;
    this.identity = identity;
    try (Scratch scratch = Scratch.open()) {
      api.call(
          PjrtFunction.PLUGIN_INITIALIZE,
          Struct.PLUGIN_INITIALIZE,
          api.struct(scratch, Struct.PLUGIN_INITIALIZE));
    }
    this.attributes = readAttributes(api);
  }

  /**
   * Loads a library, once for the process.
   *
   * @throws DeviceException if it is no plug-in, or of a version this binding does not speak
   */
  static PjrtPlugin load(Path library) {
    Path real;
    try {
      real = library.toRealPath();
    } catch (IOException e) {
      throw new DeviceException("there is no plug-in " + library, e);
    }
    synchronized (LOADED) {
      PjrtPlugin known = LOADED.get(real);
      if (known == null) {
        known = new PjrtPlugin(real.toString(), open(real), LibraryIdentity.of(real));
        LOADED.put(real, known);
        LOG.debug("loaded {} (PJRT 0.{}) {}", real, known.api.minor(), known.attributes);
      }
      return known;
    }
  }

  /** Takes a function table that is there already. */
  static PjrtPlugin of(String name, MemorySegment table) {
    return new PjrtPlugin(name, PjrtApi.of(table, name), name);
  }

  private static PjrtApi open(Path library) {
    requireLibrary(library);
    try {
      NativeEnvironment.prepare();
      // dlopen(RTLD_LOCAL): two plug-ins, or libtorch beside one, keep their symbols to themselves.
      MemorySegment entry =
          SymbolLookup.libraryLookup(library, Arena.global())
              .find(ENTRY)
              .orElseThrow(() ->
                  new DeviceException(
                      library
                          + " is a shared library but no PJRT plug-in: it has no function "
                          + ENTRY));
      MemorySegment table =
          (MemorySegment)
              Linker.nativeLinker()
                  .downcallHandle(entry, FunctionDescriptor.of(ADDRESS))
                  .invokeExact();
      warnIfSubnormalsAreLost(library);
      return PjrtApi.of(table, library.toString());
    } catch (IllegalCallerException e) {
      throw new DeviceException(
          "this JVM denies native access: start it with --enable-native-access=ALL-UNNAMED (class"
              + " path) or --enable-native-access=io.lazytensor.pjrt (module path)",
          e);
    } catch (IllegalArgumentException e) {
      throw new DeviceException(
          library
              + " cannot be loaded: "
              + e.getMessage()
              + ". It has to be a shared library for this system, with everything it links to.",
          e);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new DeviceException(library + ": " + ENTRY + " could not be called", e);
    }
  }

  /** The system's loader takes anything for a library at first, and the JVM warns of its stack. */
  private static void requireLibrary(Path file) {
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(4);
    } catch (IOException e) {
      throw new DeviceException(file + " cannot be read", e);
    }
    boolean linux = System.getProperty("os.name", "").equals("Linux");
    if (linux && !Arrays.equals(head, new byte[] {0x7F, 'E', 'L', 'F'})) {
      throw new DeviceException(
          file
              + " cannot be loaded: it is no shared library (ELF); give the path of a plug-in's .so");
    }
  }

  /** A library built with -ffast-math changes floating point for the whole thread. */
  private static void warnIfSubnormalsAreLost(Path library) {
    double half = subnormal / 2;
    if (half == 0) {
      LOG.warn("loading {} made this thread lose subnormal numbers", library);
    }
  }

  private static Map<String, String> readAttributes(PjrtApi api) {
    Map<String, String> out = new TreeMap<>();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment arguments = api.struct(scratch, Struct.PLUGIN_ATTRIBUTES);
      if (!api.callOptional(PjrtFunction.PLUGIN_ATTRIBUTES, Struct.PLUGIN_ATTRIBUTES, arguments)) {
        return out;
      }
      MemorySegment list = arguments.get(ADDRESS, PjrtAbi.PluginAttributes.ATTRIBUTES);
      long count = arguments.get(JAVA_LONG, PjrtAbi.PluginAttributes.NUM_ATTRIBUTES);
      if (list.address() == 0 || count < 0 || count > 1 << 16) {
        return out;
      }
      long stride = Struct.NAMED_VALUE.sizeAt(PjrtAbi.NEWEST_MINOR);
      MemorySegment all = list.reinterpret(count * stride);
      for (long i = 0; i < count; i++) {
        readAttribute(all.asSlice(i * stride, stride), out);
      }
    }
    return out;
  }

  private static void readAttribute(MemorySegment value, Map<String, String> out) {
    String name =
        Native.text(
            value.get(ADDRESS, PjrtAbi.NamedValue.NAME),
            value.get(JAVA_LONG, PjrtAbi.NamedValue.NAME_SIZE));
    long size = value.get(JAVA_LONG, PjrtAbi.NamedValue.VALUE_SIZE);
    String text =
        switch (value.get(JAVA_INT, PjrtAbi.NamedValue.TYPE)) {
          case 0 -> Native.text(value.get(ADDRESS, PjrtAbi.NamedValue.STRING_VALUE), size);
          case 1 -> String.valueOf(value.get(JAVA_LONG, PjrtAbi.NamedValue.INT64_VALUE));
          case 2 ->
              Arrays.toString(
                  Native.longs(value.get(ADDRESS, PjrtAbi.NamedValue.STRING_VALUE), size));
          case 3 ->
              String.valueOf(
                  Float.intBitsToFloat(value.get(JAVA_INT, PjrtAbi.NamedValue.FLOAT_VALUE)));
          case 4 -> String.valueOf((value.get(JAVA_INT, PjrtAbi.NamedValue.BOOL_VALUE) & 1) != 0);
          default -> "";
        };
    out.put(name, text);
  }

  String name() {
    return name;
  }

  PjrtApi api() {
    return api;
  }

  /** Returns what tells this build from others: executables of one do not load in another. */
  String identity() {
    return identity + " " + attributes;
  }
}
