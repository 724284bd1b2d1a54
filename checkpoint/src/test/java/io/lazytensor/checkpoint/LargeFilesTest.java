package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives that need the 64-bit fields of zip. */
@Tag("full")
class LargeFilesTest {
  private static final long LARGE = (4L << 30) + 4096;
  private static final int MANY = 70_000;

  @TempDir Path folder;

  /** Maps a file that is nearly all hole. */
  private MemorySegment sparse() throws IOException {
    Path file = folder.resolve("sparse");
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      for (long at : new long[] {0, 1L << 31, 1L << 32, LARGE - 1}) {
        channel.write(ByteBuffer.wrap(new byte[] {7}), at);
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, LARGE, Arena.ofAuto());
    }
  }

  private static CheckpointTensor floats(float... values) {
    return CheckpointTensor.of(
        TorchDType.FLOAT32,
        CheckpointStorage.of(TorchDType.FLOAT32, MemorySegment.ofArray(values)),
        values.length);
  }

  @Test
  void aTensorAbove4GiBAndOthersBehindItComeBack() throws IOException {
    MemorySegment data = sparse();
    CheckpointTensor large =
        CheckpointTensor.of(TorchDType.UINT8, CheckpointStorage.of(TorchDType.UINT8, data), LARGE);
    Path file = folder.resolve("large.pt");
    Checkpoints.save(
        file,
        CheckpointDict.builder()
            .put("large", large)
            .put("behind", floats(1, 2, 3))
            .put("empty", floats())
            .build());
    assertTrue(Files.size(file) > LARGE);
    CheckpointDict tree = Checkpoints.load(file).asDict();
    MemorySegment read = tree.get("large").asTensor().contiguous();
    assertTrue(read.isMapped());
    assertEquals(-1, read.mismatch(data));
    assertArrayEquals(
        new float[] {1, 2, 3},
        tree.get("behind").asTensor().contiguous().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
    assertEquals(0, tree.get("empty").asTensor().byteSize());
    assertEquals(9, Checkpoints.verify(file));
    try (ZipFile zip = new ZipFile(file.toFile())) {
      assertEquals(LARGE, zip.getEntry("large/data/0").getSize());
      assertEquals(12, zip.getEntry("large/data/1").getSize());
    }
  }

  @Test
  void aFileBeforeZipAbove4GiBIsMapped() throws IOException {
    String storage = LegacyBytes.storage("ByteStorage", LARGE, "N");
    byte[] start =
        new LegacyBytes()
            .object(
                PickleText.stateDict(
                    PickleText.tensor(storage, 0, new long[] {LARGE}, new long[] {1})))
            .data(PickleText.little(LARGE, Long.BYTES))
            .build();
    Path file = folder.resolve("legacy.pt");
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      channel.write(ByteBuffer.wrap(start));
      channel.write(ByteBuffer.wrap(new byte[] {7}), start.length + LARGE - 1);
    }
    MemorySegment read = Checkpoints.load(file).asDict().get("w").asTensor().contiguous();
    assertTrue(read.isMapped());
    assertEquals(LARGE, read.byteSize());
    assertEquals(7, read.get(ValueLayout.JAVA_BYTE, LARGE - 1));
  }

  @Test
  void moreEntriesThan16BitsCountComeBack() {
    CheckpointDict.Builder tree = CheckpointDict.orderedBuilder();
    for (int i = 0; i < MANY; i++) {
      tree.put("layer." + i, floats(i));
    }
    Path file = folder.resolve("many.pt");
    Checkpoints.save(file, tree.build());
    CheckpointDict read = Checkpoints.load(file).asDict();
    assertEquals(MANY, read.entries().size());
    MemorySegment last = read.get("layer." + (MANY - 1)).asTensor().contiguous();
    assertEquals(MANY - 1, last.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
  }
}
