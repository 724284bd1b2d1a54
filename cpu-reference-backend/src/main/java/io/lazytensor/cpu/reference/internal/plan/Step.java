package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.kernel.Kernel;
import io.lazytensor.cpu.reference.internal.kernel.Location;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;
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

    /** Keeps a native object until the program is closed. */
    <T extends AutoCloseable> T keep(T object);
  }
}
