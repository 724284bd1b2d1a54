package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazytensor.pjrt.PjrtException;
import io.lazytensor.pjrt.PjrtException.Code;
import io.lazytensor.xla.runtime.DeviceException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A plug-in's function table: which functions there are, how large it wants each struct, and the
 * one way to call them.
 *
 * <p>The size of a struct is that of the older of both versions. A plug-in newer than this binding
 * that wants a larger one says so; the size is then remembered and the call made again.
 */
@SuppressWarnings({
  "EnumOrdinal", // tables by function and struct, read at every call
  "restricted" // binding native functions is what this is for
})
final class PjrtApi {
  // Every function takes the address of its arguments; the two without a result have no error.
  private static final MethodHandle CALL =
      Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final MethodHandle CALL_VOID =
      Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(ADDRESS));

  private static final int OLDEST_MINOR = 54;
  // Its table has a slot in the middle that the next version moved to the end.
  private static final int BROKEN_MINOR = 56;
  private static final long MAX_TEXT = 1 << 20;
  private static final Pattern WRONG_SIZE =
      Pattern.compile("Unexpected (\\w+) size: expected (\\d+), got (\\d+)");

  private final int minor;
  private final @Nullable MemorySegment[] functions;
  private final AtomicIntegerArray sizes;

  private PjrtApi(int minor, @Nullable MemorySegment[] functions) {
    this.minor = minor;
    this.functions = functions;
    this.sizes = new AtomicIntegerArray(Struct.values().length);
    int known = Math.min(minor, PjrtAbi.NEWEST_MINOR);
    for (Struct struct : Struct.values()) {
      sizes.set(struct.ordinal(), struct.sizeAt(known));
    }
  }

  /**
   * Reads the table that {@code GetPjrtApi} returned.
   *
   * @param table its address
   * @param plugin the plug-in's name, for messages
   * @throws DeviceException if it is of a version this binding does not speak
   */
  static PjrtApi of(MemorySegment table, String plugin) {
    if (table.address() == 0) {
      throw new DeviceException(plugin + ": GetPjrtApi returned no function table");
    }
    MemorySegment head = table.reinterpret(PjrtAbi.API_SLOTS);
    long size = head.get(JAVA_LONG, PjrtAbi.STRUCT_SIZE);
    int major = head.get(JAVA_INT, PjrtAbi.API_MAJOR);
    int minor = head.get(JAVA_INT, PjrtAbi.API_MINOR);
    requireVersion(major, minor, plugin);
    if (size < PjrtAbi.API_SLOTS || size > 1 << 20) {
      throw new DeviceException(
          plugin + ": a PJRT function table has 40 bytes and more, this one says " + size);
    }
    MemorySegment whole = table.reinterpret(size);
    PjrtFunction[] all = PjrtFunction.values();
    @Nullable MemorySegment[] functions = new MemorySegment[all.length];
    for (PjrtFunction function : all) {
      if (function.offset() + 8 <= size) {
        MemorySegment pointer = whole.get(ADDRESS, function.offset());
        functions[function.ordinal()] = pointer.address() == 0 ? null : pointer;
      }
    }
    return new PjrtApi(minor, functions);
  }

  private static void requireVersion(int major, int minor, String plugin) {
    if (major != 0 || minor < OLDEST_MINOR || minor == BROKEN_MINOR) {
      throw new DeviceException(
          "%s speaks version %d.%d of the PJRT C API; this binding speaks 0.%d to 0.%d (not 0.%d)"
                  .formatted(plugin, major, minor, OLDEST_MINOR, PjrtAbi.NEWEST_MINOR, BROKEN_MINOR)
              + " and newer minor versions. "
              + (major > 0
                  ? "Use an older plug-in, or a newer release of this library."
                  : "Use a newer plug-in."));
    }
  }

  /** Returns the minor version of the plug-in's API. */
  int minor() {
    return minor;
  }

  /** Returns whether the plug-in has a function. */
  boolean has(PjrtFunction function) {
    return functions[function.ordinal()] != null;
  }

  /** Returns zeroed memory for a struct, with its size filled in. */
  MemorySegment struct(Scratch scratch, Struct struct) {
    MemorySegment memory = scratch.allocate(struct.allocation());
    memory.set(JAVA_LONG, PjrtAbi.STRUCT_SIZE, sizes.get(struct.ordinal()));
    return memory;
  }

  /** Returns the size to give a struct that is embedded in an array or another struct. */
  int size(Struct struct) {
    return sizes.get(struct.ordinal());
  }

  /**
   * Calls a function.
   *
   * @throws PjrtException if it fails
   */
  void call(PjrtFunction function, Struct struct, MemorySegment arguments) {
    call(function, struct, arguments, null, null);
  }

  /**
   * Calls a function whose arguments point to another struct.
   *
   * @throws PjrtException if it fails
   */
  void call(
      PjrtFunction function,
      Struct struct,
      MemorySegment arguments,
      @Nullable Struct inner,
      @Nullable MemorySegment innerMemory) {
    MemorySegment error = invoke(function, arguments);
    if (error.address() == 0) {
      return;
    }
    PjrtException failure = take(error, function);
    // Either struct may have grown.
    for (int attempt = 0; attempt < 2; attempt++) {
      boolean resized =
          resize(failure, struct, arguments)
              || (inner != null && innerMemory != null && resize(failure, inner, innerMemory));
      if (!resized) {
        break;
      }
      error = invoke(function, arguments);
      if (error.address() == 0) {
        return;
      }
      failure = take(error, function);
    }
    throw failure;
  }

  /**
   * Calls a function a plug-in need not have.
   *
   * @return whether it has it
   * @throws PjrtException if it fails otherwise
   */
  boolean callOptional(PjrtFunction function, Struct struct, MemorySegment arguments) {
    if (!has(function)) {
      return false;
    }
    try {
      call(function, struct, arguments);
      return true;
    } catch (PjrtException e) {
      if (e.code() == Code.UNIMPLEMENTED) {
        functions[function.ordinal()] = null;
        return false;
      }
      throw e;
    }
  }

  /** Takes over the size a plug-in asks for. Nothing has happened yet when it does. */
  private boolean resize(PjrtException failure, Struct struct, MemorySegment memory) {
    if (failure.code() != Code.INVALID_ARGUMENT) {
      return false;
    }
    Matcher wrong = WRONG_SIZE.matcher(failure.pluginMessage());
    if (!wrong.find() || !wrong.group(1).equals(struct.cName()) || wrong.group(2).length() > 6) {
      return false;
    }
    int wanted = Integer.parseInt(wrong.group(2));
    if (wanted < 16
        || wanted > struct.allocation()
        || wanted == memory.get(JAVA_LONG, PjrtAbi.STRUCT_SIZE)) {
      return false;
    }
    sizes.set(struct.ordinal(), wanted);
    memory.set(JAVA_LONG, PjrtAbi.STRUCT_SIZE, wanted);
    return true;
  }

  /** Frees something; there is nobody to tell if that fails, and nothing to do about it. */
  void destroy(PjrtFunction function, Struct struct, long offset, long address) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment arguments = struct(scratch, struct);
      arguments.set(JAVA_LONG, offset, address);
      call(function, struct, arguments);
    }
  }

  private MemorySegment invoke(PjrtFunction function, MemorySegment arguments) {
    MemorySegment pointer = functions[function.ordinal()];
    if (pointer == null) {
      throw new PjrtException(
          Code.UNIMPLEMENTED, function.cName(), "the plug-in (PJRT 0." + minor + ") has none");
    }
    try {
      return (MemorySegment) CALL.invokeExact(pointer, arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(function + " could not be called", e);
    }
  }

  private void invokeVoid(PjrtFunction function, MemorySegment arguments) {
    MemorySegment pointer = functions[function.ordinal()];
    if (pointer != null) {
      try {
        CALL_VOID.invokeExact(pointer, arguments);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(function + " could not be called", e);
      }
    }
  }

  /** Reads an error that is ours and destroys it. */
  private PjrtException take(MemorySegment error, PjrtFunction function) {
    try {
      return new PjrtException(code(error), function.cName(), message(error));
    } finally {
      try (Scratch scratch = Scratch.open()) {
        MemorySegment arguments = struct(scratch, Struct.ERROR_DESTROY);
        arguments.set(ADDRESS, PjrtAbi.ErrorDestroy.ERROR, error);
        invokeVoid(PjrtFunction.ERROR_DESTROY, arguments);
      }
    }
  }

  private Code code(MemorySegment error) {
    if (!has(PjrtFunction.ERROR_GET_CODE)) {
      return Code.UNKNOWN;
    }
    try (Scratch scratch = Scratch.open()) {
      MemorySegment arguments = struct(scratch, Struct.ERROR_GET_CODE);
      arguments.set(ADDRESS, PjrtAbi.ErrorGetCode.ERROR, error);
      MemorySegment another = invoke(PjrtFunction.ERROR_GET_CODE, arguments);
      if (another.address() != 0) {
        MemorySegment free = struct(scratch, Struct.ERROR_DESTROY);
        free.set(ADDRESS, PjrtAbi.ErrorDestroy.ERROR, another);
        invokeVoid(PjrtFunction.ERROR_DESTROY, free);
        return Code.UNKNOWN;
      }
      return Code.of(arguments.get(JAVA_INT, PjrtAbi.ErrorGetCode.CODE));
    }
  }

  private String message(MemorySegment error) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment arguments = struct(scratch, Struct.ERROR_MESSAGE);
      arguments.set(ADDRESS, PjrtAbi.ErrorMessage.ERROR, error);
      invokeVoid(PjrtFunction.ERROR_MESSAGE, arguments);
      return Native.text(
          arguments.get(ADDRESS, PjrtAbi.ErrorMessage.MESSAGE),
          Math.min(MAX_TEXT, arguments.get(JAVA_LONG, PjrtAbi.ErrorMessage.MESSAGE_SIZE)));
    }
  }
}
