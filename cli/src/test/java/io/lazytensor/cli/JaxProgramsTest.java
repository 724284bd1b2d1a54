package io.lazytensor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.npy.NpyFile;
import io.lazytensor.xla.runtime.PluginFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Programs that JAX lowered, with the results XLA's CPU compiler gave them: training steps that
 * feed their state back, samples, sorts, loops. {@code examples/scripts/dump_jax_programs.py}
 * writes them.
 */
class JaxProgramsTest {
  private static final List<String> PROGRAMS =
      List.of(
          "cnn_batch_norm",
          "control_flow",
          "dropout_threefry",
          "embedding_scatter_add",
          "fourier",
          "lstm_scan",
          "mixed_precision",
          "mlp_step",
          "random_samples",
          "sort_top_k",
          "transformer_adamw");

  @TempDir Path root;

  /** How far a result may be from XLA's: {@code absolute + relative * |expected|}. */
  private record Tolerance(double relative, double absolute) {
    static Tolerance read(Path file) throws IOException {
      double relative = -1;
      double absolute = -1;
      try (JsonParser in = new JsonFactory().createParser(Files.readAllBytes(file))) {
        while (in.nextToken() != null) {
          if (in.currentToken() == JsonToken.FIELD_NAME) {
            switch (in.currentName()) {
              case "rtol" -> relative = number(in);
              case "atol" -> absolute = number(in);
              default -> {}
            }
          }
        }
      }
      assertTrue(relative >= 0 && absolute >= 0, file + " states no tolerance");
      return new Tolerance(relative, absolute);
    }

    private static double number(JsonParser in) throws IOException {
      in.nextToken();
      return in.getDoubleValue();
    }

    boolean holds(double expected, double got) {
      return Double.compare(expected, got) == 0
          || expected == got
          || Math.abs(expected - got) <= absolute + relative * Math.abs(expected);
    }
  }

  static List<Arguments> programs() {
    List<String> devices = new ArrayList<>(List.of("evaluator", "cpu-reference"));
    List<PluginFolder.Installed> plugins = PluginFolder.user().installed();
    assertTrue(
        !plugins.isEmpty() || !Boolean.getBoolean("lazytensor.pjrt.required"),
        "no plug-in is installed: bin/lazytensor plugin install xla-cpu");
    plugins.forEach(plugin -> devices.add("pjrt:" + plugin.alias()));
    List<Arguments> out = new ArrayList<>();
    for (String device : devices) {
      PROGRAMS.forEach(program -> out.add(Arguments.of(program, device)));
    }
    return out;
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("programs")
  void programGivesTheResultsOfXla(String program, String device) throws IOException {
    Path folder = unpack(program);
    CommandRun run = CommandRun.of("hlo", "run", "--device", device, folder);
    if (program.equals("fourier") && device.equals("cpu-reference")) {
      // An honest refusal: libtorch's part of this library computes no complex numbers.
      assertTrue(run.lastLine().contains("unsupported=1 errors=0"), run.out() + run.err());
      assertTrue(Files.readString(folder.resolve("error.txt")).contains("c64"));
      return;
    }
    assertTrue(run.lastLine().contains("ran=1 unsupported=0 errors=0"), error(folder, run));
    Tolerance tolerance = Tolerance.read(folder.resolve("case.json"));
    int compared = 0;
    for (; Files.exists(folder.resolve("exp_" + compared + ".npy")); compared++) {
      compare(folder, compared, tolerance);
    }
    assertTrue(compared > 0, "there is nothing to compare");
  }

  private Path unpack(String program) throws IOException {
    Path folder = Files.createDirectories(root.resolve(program));
    try (InputStream resource =
            JaxProgramsTest.class.getResourceAsStream("/jax/" + program + ".zip");
        ZipInputStream in = new ZipInputStream(resource)) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        Files.copy(in, folder.resolve(Path.of(entry.getName()).getFileName().toString()));
      }
    }
    return folder;
  }

  private static String error(Path folder, CommandRun run) throws IOException {
    Path error = folder.resolve("error.txt");
    return Files.exists(error) ? Files.readString(error) : run.out() + run.err();
  }

  private static void compare(Path folder, int result, Tolerance tolerance) throws IOException {
    Literal expected = NpyFile.read(folder.resolve("exp_" + result + ".npy"));
    Literal got = NpyFile.read(folder.resolve("out_" + result + ".npy"));
    assertEquals(expected.shape(), got.shape(), "result " + result);
    if (!expected.shape().dtype().isFloating()) {
      assertEquals(expected, got, "result " + result);
      return;
    }
    for (int i = 0; i < expected.shape().elementCount(); i++) {
      double want = expected.toDouble(i);
      double have = got.toDouble(i);
      if (!tolerance.holds(want, have)) {
        fail("result %d element %d: expected %s, got %s".formatted(result, i, want, have));
      }
    }
  }
}
