package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.checkpoint.CheckpointValue.Call;
import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.Int;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What training programs keep next to their tensors. */
class ObjectsTest {
  private static List<Path> numpyFiles() {
    return Goldens.files().stream().filter(file -> file.endsWith("numpy.pt")).toList();
  }

  @ParameterizedTest
  @MethodSource("numpyFiles")
  void numbersOfNumPyAreNumbers(Path file) {
    CheckpointDict tree = Checkpoints.load(file).asDict();
    assertEquals(1.5, tree.get("best").asDouble());
    assertEquals(0.25, tree.get("half").asDouble());
    assertEquals(-3, tree.get("step").asLong());
    assertEquals(200, tree.get("byte").asLong());
    assertEquals(new Int(BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE)), tree.get("large"));
    assertTrue(tree.get("flag").asBoolean());
    assertEquals("(1.0, 2.0)", Checkpoints.repr(tree.get("complex")));
    assertEquals("numpy.dtype", tree.get("type").kind());
    assertEquals("MT19937", ((Tuple) tree.get("random")).items().getFirst().asText());
  }

  @ParameterizedTest
  @MethodSource("numpyFiles")
  void arraysOfNumPyAreTensors(Path file) {
    CheckpointDict tree = Checkpoints.load(file).asDict();
    CheckpointTensor columns = tree.get("columns").asTensor();
    assertEquals(List.of(1L, 2L), columns.strides());
    assertArrayEquals(
        new double[] {0, 1, 2, 3, 4, 5},
        columns.contiguous().toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED));
    CheckpointTensor swapped = tree.get("big-endian").asTensor();
    assertArrayEquals(
        new short[] {0, 1, 2, 3}, swapped.contiguous().toArray(ValueLayout.JAVA_SHORT_UNALIGNED));
    assertEquals(List.of(), tree.get("scalar").asTensor().shape());
    assertEquals(List.of(0L, 3L), tree.get("empty").asTensor().shape());
  }

  @Test
  void otherObjectsAreInertValues() {
    CheckpointDict tree = Checkpoints.load(Goldens.newest("objects.pt")).asDict();
    CheckpointDict args = tree.get("args").asDict();
    assertEquals("argparse.Namespace", args.kind());
    assertEquals(0.1, args.get("lr").asDouble());
    assertEquals(0, args.get("nested").asDict().entries().size());
    CheckpointDict rates = tree.get("rates").asDict();
    assertEquals("dict", rates.kind());
    assertEquals(
        Map.of(CheckpointValue.of("default_factory"), new Global("builtins", "float")),
        rates.attributes());
    assertSame(rates, tree.get("again"));
    assertEquals(
        new Call(
            new Global("pathlib", "PurePosixPath"),
            Tuple.of(
                CheckpointValue.of("/"), CheckpointValue.of("data"), CheckpointValue.of("run 1"))),
        tree.get("path"));
    assertEquals("builtins.frozenset", tree.get("frozen").kind());
    assertEquals("(1, 10, 2)", Checkpoints.repr(tree.get("range")));
    assertEquals("(1, None, None)", Checkpoints.repr(tree.get("slice")));
  }
}
