package io.lazytensor.examples.mlp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.Device;
import io.lazytensor.checkpoint.Checkpoints;
import io.lazytensor.nn.StateDict;
import io.lazytensor.xla.runtime.HostBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example's checkpoint against that of {@code examples/scripts/torch_mlp_checkpoint.py}. */
class PyTorchCheckpointTest {
  @TempDir Path folder;

  @Test
  void modelFileHasTheRecordsOfTorchSave() throws IOException, NoSuchAlgorithmException {
    Path file = folder.resolve("model.pt");
    try (Device device = Device.open("evaluator")) {
      Checkpoints.save(file, device.load(Mlp.create(), weights()).stateDict());
    }
    String[] golden = golden().split(" ");
    assertEquals(golden[0], digest(file));
    assertEquals(golden[1], Long.toString(Files.size(file)));
  }

  private static StateDict weights() {
    SequencedMap<String, HostBuffer> values = new LinkedHashMap<>();
    Mlp.create()
        .namedMembers()
        .forEach((name, member) -> {
          float[] numbers = new float[Math.toIntExact(member.shape().elementCount())];
          for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (i * 7919L % 1001 - 500) / 1024f;
          }
          values.put(name, new HostBuffer(member.shape(), MemorySegment.ofArray(numbers)));
        });
    return StateDict.ofHost(values);
  }

  private static String digest(Path file) throws IOException, NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        if (!entry.getName().endsWith("serialization_id")) {
          digest.update(entry.getName().getBytes(StandardCharsets.UTF_8));
          try (InputStream in = zip.getInputStream(entry)) {
            digest.update(in.readAllBytes());
          }
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String golden() throws IOException {
    try (InputStream in = PyTorchCheckpointTest.class.getResourceAsStream("torch-model.sha256")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }
}
