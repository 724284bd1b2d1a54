package io.lazytensor.internal.run;

import io.lazytensor.observe.NonFiniteException;
import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.npy.NpyFile;
import io.lazytensor.xla.pass.Passes;
import io.lazytensor.xla.proto.HloProtoWriter;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.HostBuffer;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks for NaN and infinities among what steps compute. A checked graph has one result more, which
 * says whether the others are finite, and donates nothing, so that a step that is not can be looked
 * into and did not happen.
 */
final class FiniteCheck {
  private final Path folder;
  private final Backend backend;
  private final int device;

  /**
   * Creates a check.
   *
   * @param folder where what is needed to run a step again is written
   */
  FiniteCheck(Path folder, Backend backend, int device) {
    this.folder = folder;
    this.backend = backend;
    this.device = device;
  }

  /** Returns the graph that checks itself. */
  static HloModule checked(HloModule module) {
    HloBuilder b = new HloBuilder();
    List<HloInstruction> outputs = new ArrayList<>(module.entry().root().operands());
    HloInstruction all = b.constant(DType.PRED, 1);
    for (HloInstruction output : List.copyOf(outputs)) {
      if (output.arrayShape().dtype().isFloating()) {
        all = b.binary(BinaryKind.AND, all, every(b, b.add(new HloOp.IsFinite(), output)));
      }
    }
    outputs.add(all);
    HloInstruction root = b.add(new HloOp.Tuple(), outputs);
    HloComputation entry =
        HloComputation.of(module.entry().name(), module.entry().parameters(), root);
    return new HloModule(module.name(), entry, List.of());
  }

  private static HloInstruction every(HloBuilder b, HloInstruction truths) {
    int rank = truths.arrayShape().rank();
    HloOp reduce =
        new HloOp.Reduce(Dims.range(rank), HloBuilder.scalarFunction(BinaryKind.AND, DType.PRED));
    return rank == 0 ? truths : b.add(reduce, truths, b.constant(DType.PRED, 1));
  }

  /**
   * Checks the last of a graph's results.
   *
   * @throws NonFiniteException if the others are not all finite
   */
  void require(Execution execution, DeviceBuffer[] arguments, DeviceBuffer[] outputs) {
    DeviceBuffer flag = outputs[outputs.length - 1];
    boolean finite = read(flag)[0] != 0;
    if (!finite) {
      throw failure(execution, arguments);
    }
    flag.release();
  }

  private static byte[] read(DeviceBuffer buffer) {
    HostBuffer host = HostBuffer.allocate(buffer.shape());
    buffer.download(host);
    return host.data().toArray(ValueLayout.JAVA_BYTE);
  }

  private NonFiniteException failure(Execution execution, DeviceBuffer[] arguments) {
    CutPlan plan = execution.plan();
    HloModule module = Passes.standard(plan.recorded());
    Path bundle = folder.resolve(fileName(plan.step()) + "-" + execution.cut());
    String where = "step \"%s\", cut %d".formatted(plan.step(), execution.cut());
    String found = found(execution, module, arguments);
    String replay;
    try {
      write(bundle, module, arguments, where + ": " + found);
      replay = "Run it again with: bin/lazytensor hlo run --device evaluator " + bundle;
    } catch (IOException e) {
      replay = "Its module and inputs could not be written to " + bundle + ": " + e;
    }
    return new NonFiniteException(
        "%s: %s. The step did not happen. %s".formatted(where, found, replay));
  }

  private static String fileName(String step) {
    return step.replaceAll("[^A-Za-z0-9._-]", "_");
  }

  private String found(Execution execution, HloModule module, DeviceBuffer[] arguments) {
    FiniteSearch search = new FiniteSearch(module);
    try (var executable = backend.compile(search.module(), new CompileOptions(device))) {
      DeviceBuffer[] flags = executable.execute(arguments);
      byte[] values = read(flags[0]);
      flags[0].release();
      return search.describe(values, ordinal -> execution.slots()[ordinal].name());
    } catch (LazyTensorException e) {
      return "a result is not finite, and which operation made it could not be found out: "
          + e.getMessage();
    }
  }

  private static void write(Path bundle, HloModule module, DeviceBuffer[] arguments, String message)
      throws IOException {
    Files.createDirectories(bundle);
    Files.write(bundle.resolve("module.hlo.pb"), HloProtoWriter.write(module));
    for (int i = 0; i < arguments.length; i++) {
      HostBuffer host = HostBuffer.allocate(arguments[i].shape());
      arguments[i].download(host);
      Literal value = Literal.ofSegment(host.shape(), host.data());
      NpyFile.write(bundle.resolve("in_" + i + ".npy"), value);
    }
    Files.writeString(bundle.resolve("failure.txt"), message + "\n");
  }
}
