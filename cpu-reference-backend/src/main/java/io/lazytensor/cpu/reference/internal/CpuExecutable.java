package io.lazytensor.cpu.reference.internal;

import io.lazytensor.cpu.reference.internal.memory.NativeMemory;
import io.lazytensor.cpu.reference.internal.plan.Binder;
import io.lazytensor.cpu.reference.internal.plan.Program;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.MemoryPlan;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.pytorch.InferenceMode;

/** A program with its memory. */
final class CpuExecutable implements Executable {
  private static final AtomicLong EXECUTIONS = new AtomicLong();

  private final CpuBackend backend;
  private final Program program;
  private final Binder binder;
  private boolean closed;

  CpuExecutable(CpuBackend backend, Program program) {
    this.backend = backend;
    this.program = program;
    this.binder = new Binder(program, backend.memory(), backend.pool());
  }

  @Override
  public synchronized DeviceBuffer[] execute(DeviceBuffer[] arguments) {
    CpuBuffer[] buffers = check(arguments);
    NativeMemory.Block[] blocks = new NativeMemory.Block[buffers.length];
    for (int i = 0; i < buffers.length; i++) {
      blocks[i] = buffers[i].block();
      binder.argument(i, blocks[i].segment());
    }
    int outputCount = program.outputShapes().size();
    NativeMemory.Block[] results = new NativeMemory.Block[outputCount];
    boolean[] takenOver = new boolean[buffers.length];
    boolean done = false;
    try {
      for (int j = 0; j < outputCount; j++) {
        int p = program.outputParameter()[j];
        if (p >= 0) {
          results[j] = blocks[p];
          takenOver[p] = true;
        } else {
          results[j] = backend.memory().allocate(program.outputShapes().get(j).byteSize());
          binder.result(j, results[j].segment());
        }
      }
      run();
      done = true;
    } finally {
      release(buffers, takenOver, results, done);
    }
    DeviceBuffer[] out = new DeviceBuffer[outputCount];
    for (int j = 0; j < outputCount; j++) {
      out[j] = new CpuBuffer(backend, program.outputShapes().get(j), results[j]);
    }
    return out;
  }

  private CpuBuffer[] check(DeviceBuffer[] arguments) {
    if (closed) {
      throw new DeviceException("executable " + program.name() + " is closed");
    }
    Executable.checkArguments(program.parameterShapes(), arguments);
    CpuBuffer[] buffers = new CpuBuffer[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      if (!(arguments[i] instanceof CpuBuffer buffer) || buffer.backend() != backend) {
        throw new DeviceException(
            "argument " + i + " is a buffer of another device than " + backend.name());
      }
      buffer.block();
      buffers[i] = buffer;
    }
    checkDonations(buffers);
    return buffers;
  }

  /** A donated buffer passed a second time would change under its other reader. */
  private void checkDonations(CpuBuffer[] buffers) {
    long mark = EXECUTIONS.incrementAndGet();
    for (int i = 0; i < buffers.length; i++) {
      if (program.donated()[i]) {
        if (buffers[i].donationMark == mark) {
          throw donatedTwice(i);
        }
        buffers[i].donationMark = mark;
      }
    }
    for (int i = 0; i < buffers.length; i++) {
      if (!program.donated()[i] && buffers[i].donationMark == mark) {
        throw donatedTwice(i);
      }
    }
  }

  private DeviceException donatedTwice(int argument) {
    return new DeviceException(
        "argument "
            + argument
            + " of "
            + program.name()
            + " is the same buffer as a donated argument; copy it before the execution");
  }

  private void run() {
    try (InferenceMode _ = new InferenceMode(true)) {
      binder.threads().begin();
      binder.run();
    }
  }

  /** Ends donated arguments; after a failure also frees the results. */
  private void release(
      CpuBuffer[] buffers, boolean[] takenOver, NativeMemory.Block[] results, boolean done) {
    for (int i = 0; i < buffers.length; i++) {
      if (program.donated()[i]) {
        NativeMemory.Block block = buffers[i].donate();
        if (!takenOver[i] || !done) {
          backend.memory().free(block);
        }
      }
    }
    for (int j = 0; !done && j < results.length; j++) {
      if (program.outputParameter()[j] < 0 && results[j] != null) {
        backend.memory().free(results[j]);
      }
    }
  }

  @Override
  public MemoryPlan memory() {
    return program.memory();
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      backend.forget(this);
      binder.close();
    }
  }
}
