package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.testing.Graphs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Times the execution of a tiny graph: through the backend, and by the plug-in's functions alone
 * with arguments that are ready. The difference is what the binding adds. Argument: the plug-in.
 */
public final class ExecuteOverhead {
  private static final int ROUNDS = 60;
  private static final int CALLS = 2000;

  private ExecuteOverhead() {}

  /** Runs it. */
  public static void main(String[] args) {
    ArrayShape shape = ArrayShape.of(DType.F32, 2);
    HloModule module =
        Graphs.module(
            List.of(shape, shape),
            p -> new HloBuilder().add(new HloOp.Binary(BinaryKind.ADD), p.get(0), p.get(1)));
    try (PjrtBackend backend = PjrtBackend.open(new BackendOptions(args[0], Map.of()));
        PjrtExecutable executable =
            (PjrtExecutable) backend.compile(module, CompileOptions.DEFAULT);
        Arena arena = Arena.ofConfined()) {
      DeviceBuffer[] arguments = {
        Graphs.upload(backend, Literal.ofFloats(Dims.of(2), 1, 2)),
        Graphs.upload(backend, Literal.ofFloats(Dims.of(2), 3, 4))
      };
      Raw raw = new Raw(backend.session().api(), executable, arguments, arena);
      double[] whole = new double[ROUNDS];
      double[] alone = new double[ROUNDS];
      double[] added = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        whole[round] = time(() -> executable.execute(arguments)[0].release());
        alone[round] = time(raw::call);
        added[round] = whole[round] - alone[round];
      }
      System.out.printf(
          "%s: execute and release %.2f us, plug-in alone %.2f us, added %.2f us (medians of the"
              + " last %d rounds of %d; least %.2f and %.2f us)%n",
          backend.engine(),
          median(whole),
          median(alone),
          median(added),
          ROUNDS / 2,
          CALLS,
          Arrays.stream(whole).min().orElse(0),
          Arrays.stream(alone).min().orElse(0));
    }
  }

  private static double time(Runnable work) {
    long start = System.nanoTime();
    for (int i = 0; i < CALLS; i++) {
      work.run();
    }
    return (System.nanoTime() - start) * 1e-3 / CALLS;
  }

  private static double median(double[] rounds) {
    double[] last = Arrays.copyOfRange(rounds, ROUNDS / 2, ROUNDS);
    Arrays.sort(last);
    return last[last.length / 2];
  }

  /** The four calls of an execution, and nothing else. */
  private static final class Raw {
    private final PjrtApi api;
    private final MemorySegment results;
    private final MemorySegment events;
    private final MemorySegment execute;
    private final MemorySegment await;
    private final MemorySegment destroyEvent;
    private final MemorySegment destroyBuffer;

    Raw(PjrtApi api, PjrtExecutable executable, DeviceBuffer[] arguments, Arena arena) {
      this.api = api;
      results = arena.allocate(8, 8);
      events = arena.allocate(8, 8);
      execute = struct(Struct.LOADED_EXECUTABLE_EXECUTE, arena);
      await = struct(Struct.EVENT_AWAIT, arena);
      destroyEvent = struct(Struct.EVENT_DESTROY, arena);
      destroyBuffer = struct(Struct.BUFFER_DESTROY, arena);
      long[] addresses =
          Arrays.stream(arguments).mapToLong(b -> ((PjrtBuffer) b).address()).toArray();
      MemorySegment inputs = arena.allocateFrom(JAVA_LONG, addresses);
      execute.set(JAVA_LONG, PjrtAbi.LoadedExecutableExecute.EXECUTABLE, executable.address());
      execute.set(
          ADDRESS, PjrtAbi.LoadedExecutableExecute.OPTIONS, struct(Struct.EXECUTE_OPTIONS, arena));
      execute.set(
          ADDRESS,
          PjrtAbi.LoadedExecutableExecute.ARGUMENT_LISTS,
          arena.allocateFrom(ADDRESS, inputs));
      execute.set(JAVA_LONG, PjrtAbi.LoadedExecutableExecute.NUM_DEVICES, 1);
      execute.set(JAVA_LONG, PjrtAbi.LoadedExecutableExecute.NUM_ARGS, arguments.length);
      execute.set(
          ADDRESS,
          PjrtAbi.LoadedExecutableExecute.OUTPUT_LISTS,
          arena.allocateFrom(ADDRESS, results));
      execute.set(ADDRESS, PjrtAbi.LoadedExecutableExecute.DEVICE_COMPLETE_EVENTS, events);
    }

    private MemorySegment struct(Struct struct, Arena arena) {
      MemorySegment memory = arena.allocate(struct.allocation(), 8);
      memory.set(JAVA_LONG, 0, api.size(struct));
      return memory;
    }

    void call() {
      api.call(PjrtFunction.LOADED_EXECUTABLE_EXECUTE, Struct.LOADED_EXECUTABLE_EXECUTE, execute);
      long event = events.get(JAVA_LONG, 0);
      await.set(JAVA_LONG, PjrtAbi.EventAwait.EVENT, event);
      api.call(PjrtFunction.EVENT_AWAIT, Struct.EVENT_AWAIT, await);
      destroyEvent.set(JAVA_LONG, PjrtAbi.EventDestroy.EVENT, event);
      api.call(PjrtFunction.EVENT_DESTROY, Struct.EVENT_DESTROY, destroyEvent);
      destroyBuffer.set(JAVA_LONG, PjrtAbi.BufferDestroy.BUFFER, results.get(JAVA_LONG, 0));
      api.call(PjrtFunction.BUFFER_DESTROY, Struct.BUFFER_DESTROY, destroyBuffer);
      results.set(JAVA_LONG, 0, 0);
    }
  }
}
