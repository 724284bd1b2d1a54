package io.lazytensor.cpu.reference;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.testing.Graphs;
import io.lazytensor.xla.testing.MlpModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/**
 * Times the training step of the Fashion-MNIST network (784-512-256-10, batch 128). Arguments:
 * threads, steps.
 */
public final class MlpBenchmark {
  private MlpBenchmark() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    String threads = args.length > 0 ? args[0] : "1";
    int steps = args.length > 1 ? Integer.parseInt(args[1]) : 2000;
    HloModule module = MlpModule.of(128, 784, 512, 256, 10);
    try (Backend backend =
            new CpuReferenceProvider().open(new BackendOptions("", Map.of("threads", threads)));
        Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      DeviceBuffer[] arguments = arguments(backend, module);
      double[] millis = new double[steps];
      float loss = 0;
      long residentBefore = 0;
      for (int step = 0; step < steps; step++) {
        if (step == steps / 10) {
          residentBefore = residentKilobytes();
        }
        long start = System.nanoTime();
        DeviceBuffer[] out = executable.execute(arguments);
        millis[step] = (System.nanoTime() - start) / 1e6;
        System.arraycopy(out, 1, arguments, 3, out.length - 1);
        loss = (float) Graphs.download(out[0]).toDouble(0);
        out[0].release();
      }
      long grown = residentKilobytes() - residentBefore;
      double[] timed = Arrays.copyOfRange(millis, steps / 10, steps);
      Arrays.sort(timed);
      System.out.printf(
          "%s threads=%s median=%.3f ms min=%.3f ms p90=%.3f ms loss=%.6f rss growth=%d kB over %d"
              + " steps, ledger %s, plan %s%n",
          backend.engine(),
          threads,
          timed[timed.length / 2],
          timed[0],
          timed[timed.length * 9 / 10],
          loss,
          grown,
          timed.length,
          backend.memoryUsage(0),
          executable.memory());
    }
  }

  static DeviceBuffer[] arguments(Backend backend, HloModule module) {
    Random random = new Random(7);
    DeviceBuffer[] arguments = new DeviceBuffer[module.parameterShapes().size()];
    int half = (arguments.length - 3) / 2;
    int i = 0;
    for (Shape shape : module.parameterShapes()) {
      ArrayShape array = shape.asArray();
      Literal value;
      if (array.dtype() == DType.S32) {
        int[] labels = random.ints(array.elementCount(), 0, 10).toArray();
        value = Literal.ofInts(array.dims(), labels);
      } else if (i == 2) {
        value = Literal.scalar(DType.F32, 0.01);
      } else {
        float[] values = new float[(int) array.elementCount()];
        for (int k = 0; i < 3 + half && k < values.length; k++) {
          values[k] = (float) (random.nextGaussian() * (i == 0 ? 1 : 0.05));
        }
        value = Literal.ofFloats(array.dims(), values);
      }
      arguments[i++] = Graphs.upload(backend, value);
    }
    return arguments;
  }

  private static long residentKilobytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return 0;
  }
}
