package io.lazytensor.benchmarks.backends;

import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.runtime.Backends;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One operation on arguments that are on the device, until its result is on the host. */
@State(Scope.Thread)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up method first
public class OperationBenchmark {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The device. */
  @Param("cpu-reference")
  public String device;

  /** The operation. */
  @Param("EXECUTE")
  public Workload workload;

  private Backends.Opened opened;
  private Executable executable;
  private DeviceBuffer[] arguments;
  private HostBuffer result;

  /** Creates the benchmark; JMH does. */
  public OperationBenchmark() {}

  /** Compiles the operation and uploads its arguments. */
  @Setup(Level.Trial)
  public void open() {
    opened = Backends.open(device);
    HloModule module = workload.module();
    executable = opened.backend().compile(module, new CompileOptions(opened.device()));
    List<Shape> shapes = module.parameterShapes();
    arguments = new DeviceBuffer[shapes.size()];
    Random random = new Random(7);
    for (int i = 0; i < arguments.length; i++) {
      HostBuffer host = HostBuffer.allocate(shapes.get(i).asArray());
      for (int k = 0; k < host.shape().elementCount(); k++) {
        host.data().setAtIndex(FLOAT, k, random.nextFloat() - 0.5f);
      }
      arguments[i] = opened.backend().upload(host, opened.device());
    }
    result = HostBuffer.allocate(module.outputShapes().getFirst().asArray());
  }

  /** Frees everything. */
  @TearDown(Level.Trial)
  public void close() {
    for (DeviceBuffer argument : arguments) {
      argument.release();
    }
    executable.close();
    opened.backend().close();
  }

  /** Runs it once. */
  @Benchmark
  public HostBuffer run() {
    DeviceBuffer[] results = executable.execute(arguments);
    results[0].download(result);
    results[0].release();
    return result;
  }
}
