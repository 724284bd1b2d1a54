package io.lazytensor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.npy.NpyFile;
import io.lazytensor.xla.pass.FlatSignature;
import io.lazytensor.xla.proto.HloProtoWriter;
import io.lazytensor.xla.runtime.PluginFolder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The same folders on every device. The folders stay, for {@code .ci/run}. */
class DevicesAgreeTest {
  private static final Path CASES = Path.of("target", "cases");

  private static final Map<String, HloModule> MODULES =
      new TreeMap<>(
          Map.of(
              "increment", Modules.increment(),
              "product", Modules.product(),
              "nested", Modules.nested(),
              "pair", Modules.pair(),
              "counters", Modules.counters()));

  @BeforeAll
  static void writeCases() throws IOException {
    Random random = new Random(11);
    for (Map.Entry<String, HloModule> entry : MODULES.entrySet()) {
      Path folder = Files.createDirectories(CASES.resolve(entry.getKey()));
      Files.write(folder.resolve("module.hlo.pb"), HloProtoWriter.write(entry.getValue()));
      List<Shape> shapes = FlatSignature.of(entry.getValue()).parameterShapes();
      for (int i = 0; i < shapes.size(); i++) {
        NpyFile.write(folder.resolve("in_" + i + ".npy"), numbers(shapes.get(i).asArray(), random));
      }
      boolean loop = entry.getKey().equals("counters");
      Files.writeString(
          folder.resolve("case.json"),
          loop ? "{\"loop\": {\"steps\": 7, \"feedback\": [[0, 0], [1, 1]]}}" : "{}");
    }
  }

  private static Literal numbers(ArrayShape shape, Random random) {
    byte[] bytes = new byte[Math.toIntExact(shape.byteSize())];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < shape.elementCount(); i++) {
      Literal element = Literal.scalar(shape.dtype(), random.nextInt(64) - 32);
      Literal.writeBits(segment, i, shape.dtype(), element.bits(0));
    }
    return Literal.ofBytes(shape, bytes);
  }

  /** Runs all cases, and returns all results in order. */
  private static List<Literal> results(String device) throws IOException {
    List<Object> arguments = new ArrayList<>(List.of("hlo", "run", "--device", device));
    MODULES.keySet().forEach(name -> arguments.add(CASES.resolve(name)));
    CommandRun run = CommandRun.of(arguments.toArray());
    assertTrue(
        run.lastLine().contains("ran=5 unsupported=0 errors=0"), device + run.out() + run.err());
    List<Literal> out = new ArrayList<>();
    for (Map.Entry<String, HloModule> entry : MODULES.entrySet()) {
      List<Shape> shapes = FlatSignature.of(entry.getValue()).outputShapes();
      for (int i = 0; i < shapes.size(); i++) {
        Path file = CASES.resolve(entry.getKey()).resolve("out_" + i + ".npy");
        out.add(NpyFile.read(file, shapes.get(i).asArray()));
      }
    }
    return out;
  }

  /** Sums of these whole numbers are exact in every order, so results are equal bit by bit. */
  private static void expectAgreement(String device) throws IOException {
    assertEquals(results("evaluator"), results(device), device);
  }

  @Test
  void libtorchAgreesWithTheEvaluator() throws IOException {
    expectAgreement("cpu-reference");
  }

  @Test
  void installedPluginsAgreeWithTheEvaluator() throws IOException {
    List<PluginFolder.Installed> plugins = PluginFolder.user().installed();
    assertTrue(
        !plugins.isEmpty() || !Boolean.getBoolean("lazytensor.pjrt.required"),
        "no plug-in is installed: bin/lazytensor plugin install xla-cpu");
    for (PluginFolder.Installed plugin : plugins) {
      expectAgreement("pjrt:" + plugin.alias());
    }
  }
}
