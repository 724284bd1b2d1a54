package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.MemoryPlan;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A compiled module on the devices it was compiled for. Any number of threads may run it, each with
 * arguments of its own; closing waits for them.
 *
 * <p>{@link #launch} returns as soon as the plug-in has taken the work; {@link #execute} waits for
 * its end, so that a failure belongs to the execution that failed.
 */
final class PjrtExecutable implements Executable {
  private static final AtomicLong EXECUTIONS = new AtomicLong();

  private final Session session;
  private final Handle handle;
  private final String name;
  private final List<Shape> parameters;
  private final ArrayShape[] outputs;
  private final int[] donors;
  private final BitSet isDonor = new BitSet();
  // Which replica's arguments come first, second… in the plug-in's lists, and on which device.
  private final int[] replicaOfList;
  private final PjrtDevice[] deviceOfReplica;
  private final MemoryPlan memory;
  // An execution reads it, the end writes it: what runs is not destroyed under the plug-in.
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

  PjrtExecutable(Session session, Handle handle, HloModule module, PjrtDevice[] deviceOfReplica) {
    this.session = session;
    this.handle = handle;
    this.name = module.name();
    this.parameters = module.parameterShapes();
    this.outputs = module.outputShapes().stream().map(Shape::asArray).toArray(ArrayShape[]::new);
    this.donors =
        module.aliases().stream().mapToInt(InputOutputAlias::parameter).distinct().toArray();
    for (int donor : donors) {
      isDonor.set(donor);
    }
    this.deviceOfReplica = deviceOfReplica.clone();
    this.replicaOfList = ExecutableInfo.replicaOfList(session, handle.address(), deviceOfReplica);
    this.memory = ExecutableInfo.check(session, handle.address(), module, outputs);
  }

  /**
   * What was launched.
   *
   * @param outputs for each replica its results, whose content may be still to come
   * @param complete for each of the plug-in's lists the event of its end
   */
  record Launched(List<List<PjrtBuffer>> outputs, List<PjrtEvent> complete) {}

  /** Returns the plug-in's handle; 0 once closed. */
  long address() {
    return handle.address();
  }

  @Override
  public DeviceBuffer[] execute(DeviceBuffer[] arguments) {
    return executeReplicas(new DeviceBuffer[][] {arguments})[0];
  }

  @Override
  public DeviceBuffer[][] executeReplicas(DeviceBuffer[][] arguments) {
    enter();
    try (Scratch scratch = Scratch.open()) {
      long[] events = new long[arguments.length];
      PjrtBuffer[][] results = run(scratch, arguments, events);
      RuntimeException failure = null;
      for (int list = 0; list < events.length; list++) {
        failure = finish(events[list], results[replicaOfList[list]], failure);
      }
      releaseDonors(arguments);
      if (failure != null) {
        releaseAll(results);
        throw failure;
      }
      return results;
    } finally {
      exit();
    }
  }

  private @Nullable RuntimeException finish(
      long event, PjrtBuffer[] results, @Nullable RuntimeException earlier) {
    PjrtApi api = session.api();
    try {
      if (event != 0) {
        PjrtEvent.await(api, event);
      } else if (results.length > 0) {
        // A plug-in that tells nothing about executions still does about buffers.
        for (PjrtBuffer result : results) {
          awaitContent(api, result);
        }
      }
      return earlier;
    } catch (RuntimeException e) {
      if (earlier != null) {
        earlier.addSuppressed(e);
        return earlier;
      }
      return e;
    } finally {
      PjrtBuffer.destroyEvent(api, event);
    }
  }

  private static void awaitContent(PjrtApi api, PjrtBuffer buffer) {
    long event = PjrtBuffer.readyEvent(api, buffer.address());
    try {
      PjrtEvent.await(api, event);
    } finally {
      PjrtBuffer.destroyEvent(api, event);
    }
  }

  /**
   * Starts an execution. Donated arguments are dead from here on; their handles are destroyed when
   * the caller releases them, at the earliest after the execution.
   */
  Launched launch(DeviceBuffer[][] arguments) {
    enter();
    try (Scratch scratch = Scratch.open()) {
      long[] events = new long[arguments.length];
      PjrtBuffer[][] results = run(scratch, arguments, events);
      List<PjrtEvent> complete = new ArrayList<>();
      for (long event : events) {
        if (event != 0) {
          complete.add(new PjrtEvent(session, event));
        }
      }
      return new Launched(Arrays.stream(results).map(List::of).toList(), complete);
    } finally {
      exit();
    }
  }

  private PjrtBuffer[][] run(Scratch scratch, DeviceBuffer[][] arguments, long[] events) {
    PjrtApi api = session.api();
    long executable = handle.address();
    if (executable == 0) {
      throw new DeviceException("executable " + name + " is closed");
    }
    check(arguments);
    int lists = arguments.length;
    int count = parameters.size();
    MemorySegment inputLists = scratch.allocate(8L * lists);
    MemorySegment outputLists = scratch.allocate(8L * lists);
    MemorySegment inputs = scratch.allocate(8L * lists * count);
    MemorySegment results = scratch.allocate(8L * lists * outputs.length);
    MemorySegment complete = scratch.allocate(8L * lists);
    for (int list = 0; list < lists; list++) {
      inputLists.setAtIndex(JAVA_LONG, list, inputs.address() + 8L * list * count);
      outputLists.setAtIndex(JAVA_LONG, list, results.address() + 8L * list * outputs.length);
      DeviceBuffer[] row = arguments[replicaOfList[list]];
      for (int i = 0; i < count; i++) {
        inputs.setAtIndex(JAVA_LONG, (long) list * count + i, ((PjrtBuffer) row[i]).address());
      }
    }
    MemorySegment options = api.struct(scratch, Struct.EXECUTE_OPTIONS);
    MemorySegment args = api.struct(scratch, Struct.LOADED_EXECUTABLE_EXECUTE);
    args.set(JAVA_LONG, PjrtAbi.LoadedExecutableExecute.EXECUTABLE, executable);
    args.set(ADDRESS, PjrtAbi.LoadedExecutableExecute.OPTIONS, options);
    args.set(ADDRESS, PjrtAbi.LoadedExecutableExecute.ARGUMENT_LISTS, inputLists);
    args.set(JAVA_LONG, PjrtAbi.LoadedExecutableExecute.NUM_DEVICES, lists);
    args.set(JAVA_LONG, PjrtAbi.LoadedExecutableExecute.NUM_ARGS, count);
    args.set(ADDRESS, PjrtAbi.LoadedExecutableExecute.OUTPUT_LISTS, outputLists);
    args.set(ADDRESS, PjrtAbi.LoadedExecutableExecute.DEVICE_COMPLETE_EVENTS, complete);
    donate(arguments);
    try {
      api.call(
          PjrtFunction.LOADED_EXECUTABLE_EXECUTE,
          Struct.LOADED_EXECUTABLE_EXECUTE,
          args,
          Struct.EXECUTE_OPTIONS,
          options);
    } catch (RuntimeException e) {
      releaseDonors(arguments);
      throw e;
    }
    MemorySegment.copy(complete, JAVA_LONG, 0, events, 0, lists);
    return wrap(results, lists);
  }

  private PjrtBuffer[][] wrap(MemorySegment results, int lists) {
    PjrtBuffer[][] out = new PjrtBuffer[lists][];
    for (int list = 0; list < lists; list++) {
      int replica = replicaOfList[list];
      PjrtBuffer[] row = new PjrtBuffer[outputs.length];
      for (int i = 0; i < row.length; i++) {
        long address = results.getAtIndex(JAVA_LONG, (long) list * row.length + i);
        row[i] = new PjrtBuffer(session, outputs[i], deviceOfReplica[replica], address);
      }
      out[replica] = row;
    }
    return out;
  }

  private void check(DeviceBuffer[][] arguments) {
    if (arguments.length != deviceOfReplica.length) {
      throw new DeviceException(
          "executable %s runs %d replicas at once, got arguments for %d"
              .formatted(name, deviceOfReplica.length, arguments.length));
    }
    for (int replica = 0; replica < arguments.length; replica++) {
      DeviceBuffer[] row = arguments[replica];
      Executable.checkArguments(parameters, row);
      for (int i = 0; i < row.length; i++) {
        if (!(row[i] instanceof PjrtBuffer buffer)
            || buffer.session() != session
            || !buffer.place().equals(deviceOfReplica[replica])) {
          throw new DeviceException(
              "argument %d of replica %d is not on device %d of this backend"
                  .formatted(i, replica, deviceOfReplica[replica].index()));
        }
        buffer.address();
      }
      if (donors.length > 0) {
        checkDonations(row);
      }
    }
  }

  /** A donated buffer must not be used anywhere else in the same execution. */
  private void checkDonations(DeviceBuffer[] row) {
    long number = EXECUTIONS.incrementAndGet();
    for (int donor : donors) {
      PjrtBuffer buffer = (PjrtBuffer) row[donor];
      if (buffer.donationMark == number) {
        throw twice(donor);
      }
      buffer.donationMark = number;
    }
    for (int i = 0; i < row.length; i++) {
      if (!isDonor.get(i) && ((PjrtBuffer) row[i]).donationMark == number) {
        throw twice(i);
      }
    }
  }

  private static DeviceException twice(int argument) {
    return new DeviceException(
        "argument "
            + argument
            + " is a buffer that another argument donates in the same execution; pass a copy");
  }

  private void donate(DeviceBuffer[][] arguments) {
    for (DeviceBuffer[] row : arguments) {
      for (int donor : donors) {
        ((PjrtBuffer) row[donor]).donate();
      }
    }
  }

  private void releaseDonors(DeviceBuffer[][] arguments) {
    for (DeviceBuffer[] row : arguments) {
      for (int donor : donors) {
        row[donor].release();
      }
    }
  }

  private static void releaseAll(PjrtBuffer[][] results) {
    for (PjrtBuffer[] row : results) {
      for (PjrtBuffer result : row) {
        result.release();
      }
    }
  }

  @Override
  public MemoryPlan memory() {
    return memory;
  }

  @Override
  public byte[] serialize() {
    enter();
    try {
      return ExecutableInfo.serialize(session, handle.address());
    } finally {
      exit();
    }
  }

  private void enter() {
    session.enter();
    use.readLock().lock();
  }

  private void exit() {
    use.readLock().unlock();
    session.exit();
  }

  @Override
  public void close() {
    if (session.tryEnter()) {
      use.writeLock().lock();
      try {
        handle.close();
      } finally {
        use.writeLock().unlock();
        session.exit();
      }
    }
  }
}
