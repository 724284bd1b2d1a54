package io.lazytensor.pjrt.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.runtime.BackendOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RealPluginTest {
  static List<Path> plugins() {
    return RealPlugins.all();
  }

  static PjrtBackend open(Path plugin, Map<String, String> settings) {
    return PjrtBackend.open(new BackendOptions(plugin.toString(), settings));
  }

  @ParameterizedTest
  @MethodSource("plugins")
  void addsTwoArrays(Path plugin) {
    try (PjrtBackend backend = open(plugin, Map.of())) {
      ArrayShape shape = ArrayShape.of(DType.F32, 3);
      HloModule module =
          Graphs.module(
              List.of(shape, shape),
              p -> new HloBuilder().add(new HloOp.Binary(BinaryKind.ADD), p.get(0), p.get(1)));
      List<Literal> out =
          Graphs.run(
              backend,
              module,
              List.of(
                  Literal.ofFloats(Dims.of(3), 1, 2, 3), Literal.ofFloats(Dims.of(3), 10, 20, 30)));
      assertEquals(List.of(Literal.ofFloats(Dims.of(3), 11, 22, 33)), out);
      System.err.println(backend.engine() + " " + backend.devices() + " " + backend.fingerprint());
      assertTrue(backend.engine().startsWith("cpu"), backend.engine());
    }
  }
}
