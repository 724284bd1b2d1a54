package io.lazytensor.xla.testing;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Small graphs and how to run them. */
public final class Graphs {
  private Graphs() {}

  /** Returns a reducer or combiner of two scalars. */
  public static HloComputation reducer(BinaryKind kind, DType dtype) {
    HloBuilder builder = new HloBuilder();
    HloInstruction a = builder.add(new HloOp.Parameter(0, ArrayShape.scalar(dtype)));
    HloInstruction b = builder.add(new HloOp.Parameter(1, ArrayShape.scalar(dtype)));
    return HloComputation.of("r", List.of(a, b), builder.add(new HloOp.Binary(kind), a, b));
  }

  /** Builds a module of parameters with these shapes. */
  public static HloModule module(
      List<? extends Shape> shapes, Function<List<HloInstruction>, HloInstruction> body) {
    HloBuilder builder = new HloBuilder();
    List<HloInstruction> parameters = new ArrayList<>();
    for (Shape shape : shapes) {
      parameters.add(builder.add(new HloOp.Parameter(parameters.size(), shape)));
    }
    return new HloModule(
        "test", HloComputation.of("main", parameters, body.apply(parameters)), List.of());
  }

  /** Uploads, compiles, runs, downloads and releases. */
  public static List<Literal> run(Backend backend, HloModule module, List<Literal> arguments) {
    DeviceBuffer[] in = new DeviceBuffer[arguments.size()];
    for (int i = 0; i < in.length; i++) {
      in[i] = upload(backend, arguments.get(i));
    }
    List<Literal> results = new ArrayList<>();
    try (Executable executable = backend.compile(module, CompileOptions.DEFAULT)) {
      for (DeviceBuffer out : executable.execute(in)) {
        results.add(download(out));
        out.release();
      }
    } finally {
      for (DeviceBuffer buffer : in) {
        buffer.release();
      }
    }
    return results;
  }

  public static DeviceBuffer upload(Backend backend, Literal literal) {
    return upload(backend, literal, 0);
  }

  public static DeviceBuffer upload(Backend backend, Literal literal, int device) {
    return backend.upload(new HostBuffer(literal.shape(), literal.segment()), device);
  }

  public static Literal download(DeviceBuffer buffer) {
    HostBuffer host = HostBuffer.allocate(buffer.shape());
    buffer.download(host);
    return Literal.ofSegment(buffer.shape(), host.data());
  }
}
