package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.Device;
import io.lazytensor.Parameter;
import io.lazytensor.Seed;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.Linear;
import io.lazytensor.nn.StateDict;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavingTest {
  @TempDir Path folder;

  record Two(Linear first, Linear second) implements Layer {
    static Two create() {
      return new Two(Linear.of(3, 2), Linear.of(2, 4));
    }
  }

  record Tied(Parameter in, Parameter out) implements Layer {}

  private static CheckpointTensor tensor(float... values) {
    MemorySegment data = MemorySegment.ofArray(values);
    return CheckpointTensor.of(
        TorchDType.FLOAT32, CheckpointStorage.of(TorchDType.FLOAT32, data), values.length);
  }

  @Test
  void aStateDictMadeHereHasThePickleOfPyTorch() throws IOException {
    MemorySegment weight = MemorySegment.ofArray(new float[] {1, 2, 3, 4});
    CheckpointDict tree =
        CheckpointDict.orderedBuilder()
            .put(
                "weight",
                CheckpointTensor.of(
                    TorchDType.FLOAT32, CheckpointStorage.of(TorchDType.FLOAT32, weight), 2, 2))
            .put("bias", tensor(0.5f, -0.5f))
            .attribute(
                "_metadata",
                CheckpointDict.orderedBuilder()
                    .put("", CheckpointDict.builder().put("version", 1).build())
                    .build())
            .build();
    Path file = folder.resolve("linear.pt");
    Checkpoints.save(file, tree);
    byte[] expected = Files.readAllBytes(Goldens.newest("linear.pt"));
    byte[] written = Files.readAllBytes(file);
    assertEquals(expected.length, written.length);
    // Up to the digits of the serialization id, at the place checkpoints.md's example has them.
    assertEquals(1216, firstDifference(expected, written) / 16 * 16);
  }

  private static int firstDifference(byte[] a, byte[] b) {
    return java.util.Arrays.mismatch(a, b);
  }

  @Test
  void aModelGoesToAFileAndBack() {
    Path file = folder.resolve("model.pt");
    try (Device device = Device.open("evaluator")) {
      Two model = device.initialize(Two.create(), Seed.of(1));
      Checkpoints.save(file, model.stateDict());
      Two loaded = device.load(Two.create(), Checkpoints.loadStateDict(file));
      assertArrayEquals(model.second().weight().toFloats(), loaded.second().weight().toFloats());
    }
    CheckpointDict tree = Checkpoints.load(file).asDict();
    assertEquals(
        List.of("first.weight", "first.bias", "second.weight", "second.bias"),
        tree.entries().keySet().stream().map(CheckpointValue::asText).toList());
    CheckpointDict metadata =
        java.util.Objects.requireNonNull(tree.attributes().get(CheckpointValue.of("_metadata")))
            .asDict();
    assertEquals(
        List.of("", "first", "second"),
        metadata.entries().keySet().stream().map(CheckpointValue::asText).toList());
  }

  @Test
  void tiedParametersTakeOneRecordAndStayTied() {
    Path file = folder.resolve("tied.pt");
    try (Device device = Device.open("evaluator")) {
      Parameter shared = Linear.of(3, 2).weight();
      Tied model = device.initialize(new Tied(shared, shared), Seed.of(1));
      Checkpoints.save(file, model.stateDict());
    }
    CheckpointDict tree = Checkpoints.load(file).asDict();
    assertSame(tree.get("in").asTensor().storage(), tree.get("out").asTensor().storage());
    StateDict values = Checkpoints.loadStateDict(file);
    assertSame(values.entries().get("in"), values.entries().get("out"));
  }

  @Test
  void aStateDictInsideOfATrainingCheckpointIsPointedOut() {
    CheckpointException refused =
        assertThrows(
            CheckpointException.class, () -> Checkpoints.loadStateDict(Goldens.newest("train.pt")));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("get(\"model\")"), refused.getMessage());
  }

  @Test
  void safetensorsKeepsValuesAndOrdersByAlignment() {
    Path file = folder.resolve("model.safetensors");
    CheckpointTensor halves =
        CheckpointTensor.of(
            TorchDType.BFLOAT16,
            CheckpointStorage.of(TorchDType.BFLOAT16, MemorySegment.ofArray(new byte[] {1, 2})),
            1);
    Checkpoints.save(
        file, CheckpointDict.builder().put("h", halves).put("f", tensor(1, 2, 3)).build());
    Checkpoint read = Checkpoints.open(file);
    assertEquals(CheckpointFormat.SAFETENSORS, read.format());
    assertEquals(Map.of("format", "pt"), read.metadata());
    assertEquals(
        List.of("f", "h"),
        read.tree().asDict().entries().keySet().stream().map(CheckpointValue::asText).toList());
    MemorySegment bytes = read.tree().asDict().get("f").asTensor().contiguous();
    assertArrayEquals(new float[] {1, 2, 3}, bytes.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
  }

  @Test
  void safetensorsRefusesWhatItCannotHold() {
    CheckpointDict tree = CheckpointDict.builder().put("epoch", 3).build();
    CheckpointException refused =
        assertThrows(
            CheckpointException.class,
            () -> Checkpoints.save(folder.resolve("x.safetensors"), tree));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("\"epoch\" is a int"), refused.getMessage());
  }

  @Test
  void aFailedSaveLeavesTheOldFileAndNoOther() throws IOException {
    Path file = folder.resolve("model.pt");
    Checkpoints.save(file, CheckpointDict.builder().put("t", tensor(1)).build());
    byte[] before = Files.readAllBytes(file);
    CheckpointStorage broken =
        CheckpointStorage.of(
            TorchDType.FLOAT32,
            4,
            () -> {
              throw new CheckpointException("the device is gone");
            });
    CheckpointDict tree =
        CheckpointDict.builder()
            .put("t", CheckpointTensor.of(TorchDType.FLOAT32, broken, 1))
            .build();
    assertThrows(CheckpointException.class, () -> Checkpoints.save(file, tree));
    assertArrayEquals(before, Files.readAllBytes(file));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void aFolderThatIsMissingIsNamed() {
    Path file = folder.resolve("no/model.pt");
    CheckpointException refused =
        assertThrows(
            CheckpointException.class,
            () -> Checkpoints.save(file, CheckpointDict.builder().build()));
    assertTrue(
        String.valueOf(refused.getMessage()).contains(file.toString()), refused.getMessage());
  }

  @Test
  void aTreeNestedTooDeeplyIsRefused() {
    CheckpointDict dict = CheckpointDict.builder().build();
    CheckpointValue deep = dict;
    for (int i = 0; i < 300; i++) {
      deep = CheckpointList.of(deep);
    }
    CheckpointValue root = deep;
    assertThrows(CheckpointException.class, () -> Checkpoints.save(folder.resolve("x.pt"), root));
  }

  @Test
  void numbersAreWrittenAsPythonDoes() {
    assertEquals("0.1", Checkpoints.repr(CheckpointValue.of(0.1)));
    assertEquals("1e-08", Checkpoints.repr(CheckpointValue.of(1e-8)));
    assertEquals("1.5e+300", Checkpoints.repr(CheckpointValue.of(1.5e300)));
    assertEquals("65536.0", Checkpoints.repr(CheckpointValue.of(65536.0)));
    assertEquals("1e+16", Checkpoints.repr(CheckpointValue.of(1e16)));
    assertEquals("0.0001", Checkpoints.repr(CheckpointValue.of(1e-4)));
    assertEquals("-0.0", Checkpoints.repr(CheckpointValue.of(-0.0)));
    assertEquals("nan", Checkpoints.repr(CheckpointValue.of(Double.NaN)));
    assertEquals("True", Checkpoints.repr(CheckpointValue.of(true)));
  }
}
