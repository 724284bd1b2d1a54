package io.lazytensor.checkpoint;

import static io.lazytensor.checkpoint.PickleText.global;
import static io.lazytensor.checkpoint.PickleText.pickle;
import static io.lazytensor.checkpoint.PickleText.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.checkpoint.CheckpointValue.Call;
import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.Int;
import io.lazytensor.checkpoint.CheckpointValue.Real;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What C++ reads; {@code src/test/scripts/pickle_load.cpp} asks the real libtorch. */
class TorchFlavorTest {
  @TempDir Path folder;

  private static CheckpointTensor tensor(TorchDType dtype) {
    MemorySegment data = MemorySegment.ofArray(new byte[dtype.byteSize()]);
    return CheckpointTensor.of(dtype, CheckpointStorage.of(dtype, data), 1);
  }

  private CheckpointDict saved(CheckpointValue tree) {
    Path file = folder.resolve("model.pt");
    Checkpoints.save(file, tree, TorchFlavor.CPP);
    return Checkpoints.load(file).asDict();
  }

  @Test
  void thePickleHasPlainDictsAndIntegersOfEightBytes() throws IOException {
    CheckpointDict state =
        CheckpointDict.orderedBuilder()
            .put("w", tensor(TorchDType.FLOAT32).asParameter(true))
            .put("n", 1L << 40)
            .put("c", new Call(Constructors.COMPLEX, Tuple.of(new Real(0), new Real(1))))
            .attribute("_metadata", CheckpointDict.orderedBuilder().build())
            .build();
    saved(state);
    String tensor =
        global("torch._utils", "_rebuild_tensor_v2")
            + "q\2(("
            + text("storage")
            + "q\3"
            + global("torch", "FloatStorage")
            + "q\4"
            + text("0")
            + "q\5"
            + text("cpu")
            + "q\6K\1tq\7QK\0K\1\u0085q\u0008K\1\u0085q\u0009\u0088"
            + global("collections", "OrderedDict")
            + "q\n)Rq\u000btq\u000cRq\r";
    String expected =
        pickle(
            "}q\0("
                + text("w")
                + "q\1"
                + tensor
                + text("n")
                + "q\u000e\u008a\u0008\0\0\0\0\0\1\0\0"
                + text("c")
                + "q\u000f"
                + global("builtins", "complex")
                + "q\u0010G"
                + "\0".repeat(8)
                + "G?\u00f0"
                + "\0".repeat(6)
                + "\u0086q\u0011Rq\u0012u");
    String file =
        new String(Files.readAllBytes(folder.resolve("model.pt")), StandardCharsets.ISO_8859_1);
    assertTrue(file.contains(expected), file);
  }

  @Test
  void nestedDictsBecomePlainAndSharedThingsStayShared() {
    CheckpointDict inner = CheckpointDict.orderedBuilder().put("lr", 0.1).build();
    CheckpointDict read =
        saved(
            CheckpointDict.builder()
                .put("a", CheckpointList.of(inner))
                .put("b", Tuple.of(inner))
                .build());
    CheckpointDict first = read.get("a").asList().items().getFirst().asDict();
    assertFalse(first.isOrdered());
    assertSame(first, ((Tuple) read.get("b")).items().getFirst());
    assertTrue(inner.isOrdered());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a tensor of float8_e5m2",
        "bytes",
        "torch.float32",
        "torch.Size",
        "an int of more than 64 bits",
        "a tuple as the key of a dict",
        "argparse.Namespace",
        "a storage without a tensor"
      })
  void whatCppCannotReadIsRefusedByName(String what) {
    CheckpointValue value =
        switch (what) {
          case "a tensor of float8_e5m2" -> tensor(TorchDType.FLOAT8_E5M2);
          case "bytes" -> CheckpointBytes.of(new byte[1]);
          case "torch.float32" -> new Global("torch", "float32");
          case "torch.Size" -> new Call(new Global("torch", "Size"), Tuple.of(Tuple.of()));
          case "an int of more than 64 bits" -> new Int(BigInteger.ONE.shiftLeft(63));
          case "a tuple as the key of a dict" ->
              CheckpointDict.builder().put(Tuple.of(), CheckpointValue.none()).build();
          case "argparse.Namespace" -> new CheckpointDict(new Global("argparse", "Namespace"));
          default -> tensor(TorchDType.FLOAT32).storage();
        };
    CheckpointDict tree = CheckpointDict.builder().put("x", value).build();
    CheckpointException refused = assertThrows(CheckpointException.class, () -> saved(tree));
    assertTrue(String.valueOf(refused.getMessage()).contains("cannot read " + what + ";"));
    assertEquals(0, folder.toFile().list().length);
  }
}
