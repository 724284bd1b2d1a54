package io.lazytensor.examples.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.nn.StateDict;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.runtime.HostBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** State dicts as NumPy reads them; format: NEP 1, version 1.0. */
class NpzFileTest {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  @TempDir Path folder;

  /** One array of a file: the header's Python dict, and the data. */
  private record Npy(String header, ByteBuffer data) {
    static Npy read(Path file, String name) throws IOException {
      try (ZipFile zip = new ZipFile(file.toFile())) {
        ZipEntry entry = zip.getEntry(name + ".npy");
        byte[] all = zip.getInputStream(entry).readAllBytes();
        assertArrayEquals(MAGIC, Arrays.copyOf(all, 8));
        ByteBuffer bytes = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        int length = bytes.getShort(8);
        assertEquals(0, (10 + length) % 64, "data is aligned");
        String header = new String(all, 10, length, StandardCharsets.US_ASCII);
        assertTrue(header.endsWith("\n"), header);
        ByteBuffer data = bytes.position(10 + length).slice().order(ByteOrder.LITTLE_ENDIAN);
        return new Npy(header.strip(), data);
      }
    }
  }

  private static HostBuffer buffer(DType type, int... dims) {
    HostBuffer buffer = HostBuffer.allocate(ArrayShape.of(type, dims));
    ByteBuffer bytes = buffer.data().asByteBuffer();
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.put((byte) i);
    }
    return buffer;
  }

  private Path write(SequencedMap<String, HostBuffer> values) throws IOException {
    Path path = folder.resolve("model.npz");
    NpzFile.write(path, StateDict.ofHost(values));
    return path;
  }

  private static SequencedMap<String, HostBuffer> one(String name, HostBuffer value) {
    SequencedMap<String, HostBuffer> out = new LinkedHashMap<>();
    out.put(name, value);
    return out;
  }

  @Test
  void matrixKeepsNameTypeShapeAndBytes() throws IOException {
    Npy npy = Npy.read(write(one("fc1.weight", buffer(DType.F32, 2, 3))), "fc1.weight");
    assertEquals("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", npy.header());
    assertEquals(24, npy.data().remaining());
    assertEquals(0x03020100, npy.data().getInt(0));
  }

  @Test
  void scalarHasNoDimensions() throws IOException {
    Npy npy = Npy.read(write(one("steps", buffer(DType.S64))), "steps");
    assertEquals("{'descr': '<i8', 'fortran_order': False, 'shape': (), }", npy.header());
    assertEquals(8, npy.data().remaining());
  }

  @Test
  void everyTypeNumPyHasIsNamedAsNumPyDoes() throws IOException {
    List<DType> types =
        List.of(
            DType.PRED,
            DType.S8,
            DType.U8,
            DType.S16,
            DType.U16,
            DType.S32,
            DType.U32,
            DType.S64,
            DType.U64,
            DType.F16,
            DType.F32,
            DType.F64);
    List<String> names =
        List.of("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8");
    SequencedMap<String, HostBuffer> values = new LinkedHashMap<>();
    types.forEach(type -> values.put(type.name(), buffer(type, 2)));
    Path path = write(values);
    for (int i = 0; i < types.size(); i++) {
      String header = Npy.read(path, types.get(i).name()).header();
      assertTrue(header.startsWith("{'descr': '" + names.get(i) + "'"), header);
    }
  }

  @Test
  void typeNumPyLacksIsRefusedAndAnOlderFileKept() throws IOException {
    Path path = write(one("w", buffer(DType.F32, 2)));
    byte[] before = Files.readAllBytes(path);
    LazyTensorException refusal =
        assertThrows(LazyTensorException.class, () -> write(one("w", buffer(DType.BF16, 2))));
    assertTrue(refusal.toString().contains("bf16"), refusal.toString());
    assertArrayEquals(before, Files.readAllBytes(path));
  }

  @Test
  void nothingIsLeftBesideTheFile() throws IOException {
    write(one("w", buffer(DType.F32, 2)));
    assertFalse(Files.exists(folder.resolve("model.npz.part")));
  }
}
