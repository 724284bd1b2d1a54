package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazytensor.pjrt.PjrtException.Code;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A function table made of upcalls, of any version of the API. It checks every struct's size as
 * plug-ins do, counts what is alive, notes what no plug-in forgives, and fails where it is told to.
 * What its functions do is in {@link MockFunctions}.
 */
@SuppressWarnings({"restricted", "EnumOrdinal"}) // it is native functions and their numbers
final class MockPlugin implements AutoCloseable {
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final AbiTable ABI = AbiTable.INSTANCE;

  /** An error that a function returns. */
  record Fault(Code code, String message) {}

  /** Thrown by functions to return an error. */
  static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final transient Fault fault;

    Failure(Code code, String message) {
      super(message);
      this.fault = new Fault(code, message);
    }
  }

  private record MockError(Fault fault, MemorySegment text) {}

  final Arena arena = Arena.ofShared();
  final int minor;
  final boolean strict;
  final MemorySegment table;
  final String name = "mock-" + NUMBERS.incrementAndGet();

  /** What was not to happen: a use after destruction, a wrong order, a leak of the callee's. */
  final List<String> violations = Collections.synchronizedList(new ArrayList<>());

  /** Calls refused for the size of a struct. */
  final List<String> rejections = Collections.synchronizedList(new ArrayList<>());

  final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  final Map<Long, Object> live = new ConcurrentHashMap<>();

  /** Sizes that differ from the version's. */
  final Map<String, Integer> sizes = new HashMap<>();

  private final Map<String, Fault> faults = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> faultDelays = new ConcurrentHashMap<>();
  private final AtomicLong addresses = new AtomicLong(0x10000);
  private final MockFunctions functions = new MockFunctions(this);

  MockPlugin(int minor) {
    this(0, minor, true, Set.of());
  }

  MockPlugin(int major, int minor, boolean strict, Set<String> missing) {
    this.minor = minor;
    this.strict = strict;
    int size = ABI.size("PJRT_Api", minor);
    this.table = arena.allocate(Math.max(size, 1144), 8);
    table.set(JAVA_LONG, 0, size);
    table.set(JAVA_LONG, 16, 24);
    table.set(JAVA_INT, 32, major);
    table.set(JAVA_INT, 36, minor);
    for (Map.Entry<Integer, String> slot : ABI.functions.entrySet()) {
      long offset = 40 + 8L * slot.getKey();
      if (offset + 8 <= size && !missing.contains(slot.getValue())) {
        table.set(ADDRESS, offset, stub(slot.getValue()));
      }
    }
  }

  private MemorySegment stub(String function) {
    boolean isVoid = function.equals("PJRT_Error_Destroy") || function.equals("PJRT_Error_Message");
    try {
      MethodHandle target =
          MethodHandles.lookup()
              .bind(
                  this,
                  isVoid ? "callVoid" : "call",
                  MethodType.methodType(
                      isVoid ? void.class : MemorySegment.class, String.class, MemorySegment.class))
              .bindTo(function);
      FunctionDescriptor type =
          isVoid ? FunctionDescriptor.ofVoid(ADDRESS) : FunctionDescriptor.of(ADDRESS, ADDRESS);
      return Linker.nativeLinker().upcallStub(target, type, arena);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /** Makes a function fail from its n-th call on, counted from 0, once. */
  void fail(String function, int call, Code code, String message) {
    faults.put(function, new Fault(code, message));
    faultDelays.put(function, new AtomicInteger(call));
  }

  MockFunctions functions() {
    return functions;
  }

  // ---- objects ----------------------------------------------------------------------------------

  long add(Object object) {
    long address = addresses.addAndGet(64);
    live.put(address, object);
    return address;
  }

  /** Returns a live object, or notes the use of a dead one. */
  <T> T object(long address, Class<T> type, String function) {
    Object found = live.get(address);
    if (!type.isInstance(found)) {
      violations.add(
          function + " got " + (found == null ? "a dead or wrong" : "another kind of") + " handle");
      throw new Failure(Code.INVALID_ARGUMENT, "no such " + type.getSimpleName());
    }
    return type.cast(found);
  }

  <T> T remove(long address, Class<T> type, String function) {
    T object = object(address, type, function);
    live.remove(address);
    return object;
  }

  long count(Class<?> type) {
    return live.values().stream().filter(type::isInstance).count();
  }

  // ---- calls ------------------------------------------------------------------------------------

  /** The arguments of a call, by name of field. */
  final class Args {
    final String struct;
    final MemorySegment memory;

    Args(String struct, MemorySegment memory) {
      this.struct = struct;
      this.memory = memory;
    }

    long getLong(String field) {
      return memory.get(JAVA_LONG, ABI.offset(struct, field));
    }

    int getInt(String field) {
      return memory.get(JAVA_INT, ABI.offset(struct, field));
    }

    MemorySegment pointer(String field) {
      return memory.get(ADDRESS, ABI.offset(struct, field));
    }

    void set(String field, long value) {
      memory.set(JAVA_LONG, ABI.offset(struct, field), value);
    }

    void setInt(String field, int value) {
      memory.set(JAVA_INT, ABI.offset(struct, field), value);
    }

    void setByte(String field, int value) {
      memory.set(JAVA_BYTE, ABI.offset(struct, field), (byte) value);
    }

    void setText(String field, String sizeField, String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      MemorySegment copy = arena.allocate(Math.max(1, bytes.length));
      MemorySegment.copy(bytes, 0, copy, JAVA_BYTE, 0, bytes.length);
      set(field, copy.address());
      set(sizeField, bytes.length);
    }

    byte[] bytes(String field, String sizeField) {
      return pointer(field).reinterpret(getLong(sizeField)).toArray(JAVA_BYTE);
    }
  }

  /** Opens a struct as a plug-in does: refuses it unless it has the size of the version. */
  Args open(String struct, MemorySegment memory) {
    int wanted = sizes.getOrDefault(struct, ABI.size(struct, minor));
    long got = memory.reinterpret(8).get(JAVA_LONG, 0);
    if (strict ? got != wanted : got < wanted) {
      rejections.add(struct + " " + got + " for " + wanted);
      throw new Failure(
          Code.INVALID_ARGUMENT,
          "Unexpected %s size: expected %d, got %d. Check installed software versions."
              .formatted(struct, wanted, got));
    }
    // The newest struct may be read: what the sender left out is zero, by the rule of the binding.
    return new Args(struct, memory.reinterpret(Math.max(got, ABI.size(struct, 114))));
  }

  private Args openArguments(String function, MemorySegment memory) {
    Args args = open(function + "_Args", memory);
    if (args.memory.get(JAVA_LONG, 8) != 0) {
      violations.add(function + " got an extension nobody made");
    }
    return args;
  }

  MemorySegment call(String function, MemorySegment memory) {
    try {
      calls.add(function);
      Args args = openArguments(function, memory);
      Fault fault = faults.get(function);
      AtomicInteger delay = faultDelays.get(function);
      if (fault != null && delay != null && delay.getAndDecrement() == 0) {
        if (function.endsWith("_Destroy")) {
          functions.run(function, args);
        }
        throw new Failure(fault.code, fault.message);
      }
      functions.run(function, args);
      return MemorySegment.NULL;
    } catch (Failure failure) {
      return MemorySegment.ofAddress(error(failure.fault));
    } catch (Throwable e) {
      // An exception must not leave an upcall.
      violations.add(function + ": " + e);
      return MemorySegment.ofAddress(error(new Fault(Code.INTERNAL, String.valueOf(e))));
    }
  }

  private long error(Fault fault) {
    byte[] text = fault.message.getBytes(StandardCharsets.UTF_8);
    MemorySegment copy = arena.allocate(Math.max(1, text.length));
    MemorySegment.copy(text, 0, copy, JAVA_BYTE, 0, text.length);
    return add(new MockError(fault, copy.asSlice(0, text.length)));
  }

  void callVoid(String function, MemorySegment memory) {
    try {
      Args args = openArguments(function, memory);
      if (function.equals("PJRT_Error_Destroy")) {
        remove(args.getLong("error"), MockError.class, function);
      } else {
        MockError error = object(args.getLong("error"), MockError.class, function);
        args.set("message", error.text.address());
        args.set("message_size", error.text.byteSize());
      }
    } catch (Throwable e) {
      violations.add(function + ": " + e);
    }
  }

  int code(long error, String function) {
    return object(error, MockError.class, function).fault.code.ordinal();
  }

  /** Fails unless nothing is alive and nothing happened that must not. */
  void assertClean() {
    Map<String, Integer> kinds = new TreeMap<>();
    live.values().forEach(o -> kinds.merge(o.getClass().getSimpleName(), 1, Integer::sum));
    if (!violations.isEmpty() || !kinds.isEmpty()) {
      throw new AssertionError("violations " + new HashSet<>(violations) + ", alive " + kinds);
    }
  }

  @Override
  public void close() {
    functions.close();
    arena.close();
  }
}
