package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.kernel.Kernel;
import io.lazytensor.cpu.reference.internal.kernel.Location;
import io.lazytensor.cpu.reference.internal.kernel.Routine;
import io.lazytensor.cpu.reference.internal.kernel.WorkerPool;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One thing a program does.
 *
 * @param origin the instruction it belongs to, for messages
 * @param in what it reads
 * @param out what it writes
 * @param inPlace whether an output may take the memory of inputs it reads element by element
 * @param factory makes the kernel once everything has its place
 */
record Step(
    HloInstruction origin, List<Value> in, List<Value> out, boolean inPlace, Factory factory) {
  Step {
    in = List.copyOf(in);
    out = List.copyOf(out);
  }

  /** Elements from which a step gains more from a second thread than waking it costs. */
  private static final long WIDE_FROM = 1 << 19;

  /** Returns whether this is worth several of libtorch's own threads. */
  boolean isWide() {
    return Stream.concat(in.stream(), out.stream()).anyMatch(v -> v.elementCount() >= WIDE_FROM);
  }

  /** Makes kernels. */
  interface Factory {
    /** Returns the kernel, or null if nothing is left to do. */
    @Nullable Kernel bind(Bindings bindings, List<Value> in, List<Value> out);
  }

  /** Where values are. */
  interface Bindings {
    /** Returns a tensor of a value's memory; the program owns it. */
    Tensor tensor(Value value);

    /** Returns a value's place for loops. */
    Location location(Value value);

    /** Returns whether two values are the same memory seen the same way. */
    boolean isSame(Value a, Value b);

    /** Returns the threads that may share a step. */
    WorkerPool pool();

    /**
     * Prepares a program that a kernel calls.
     *
     * @param temporaries where it keeps its own
     */
    Routine routine(Program program, Value temporaries);

    /** Keeps a native object until the program is closed. */
    <T extends AutoCloseable> T keep(T object);
  }
}
