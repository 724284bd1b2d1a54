package io.lazytensor.checkpoint;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;

/**
 * Writes the folders that {@code src/test/scripts/check_folders.py} loads with PyTorch, safetensors
 * and huggingface_hub:
 *
 * <pre>{@code
 * mvn test-compile -pl checkpoint -am
 * mvn dependency:build-classpath -pl checkpoint -Dmdep.outputFile=target/test.classpath
 * cd checkpoint
 * java -cp "target/classes:target/test-classes:$(cat target/test.classpath)" \
 *     io.lazytensor.checkpoint.FolderInterchange target/interchange
 * python3 src/test/scripts/check_folders.py target/interchange
 * }</pre>
 */
final class FolderInterchange {
  private static final long SMALL = 150;

  private FolderInterchange() {}

  static CheckpointTensor ramp(TorchDType dtype, long... shape) {
    int count = 1;
    for (long size : shape) {
      count *= (int) size;
    }
    byte[] bytes = new byte[count * dtype.byteSize()];
    var out = LittleEndian.buffer(bytes.length);
    for (int i = 0; i < count; i++) {
      switch (dtype) {
        case FLOAT32 -> out.putFloat(i);
        case BFLOAT16 -> out.putShort((short) (Float.floatToIntBits(i) >>> 16));
        case UINT16 -> out.putShort((short) i);
        case INT64 -> out.putLong(i + 7L);
        default -> throw new IllegalArgumentException(dtype.torchName());
      }
    }
    MemorySegment data = MemorySegment.ofArray(out.array());
    return CheckpointTensor.of(dtype, CheckpointStorage.of(dtype, data), shape);
  }

  private static CheckpointDict state() {
    CheckpointTensor embedding = ramp(TorchDType.FLOAT32, 8, 4);
    return CheckpointDict.orderedBuilder()
        .put("embed.weight", embedding)
        .put("layer.weight", ramp(TorchDType.FLOAT32, 10, 6))
        .put("layer.bias", ramp(TorchDType.BFLOAT16, 10))
        .put("steps", ramp(TorchDType.INT64))
        .put("empty", ramp(TorchDType.FLOAT32, 0, 3))
        .put("head.weight", embedding)
        .put("naïve \"name\"", ramp(TorchDType.UINT16, 5))
        .put(
            "view",
            CheckpointTensor.view(
                TorchDType.FLOAT32, embedding.storage(), 1, new long[] {2, 8}, new long[] {1, 4}))
        .build();
  }

  private static CheckpointDict training() {
    return CheckpointDict.builder()
        .put(
            "model",
            CheckpointDict.orderedBuilder()
                .put("weight", ramp(TorchDType.FLOAT32, 2, 3))
                .put("bias", ramp(TorchDType.FLOAT32, 2))
                .build())
        .put("epoch", 3)
        .put("name", "run é")
        .put("history", CheckpointList.of(ramp(TorchDType.FLOAT32, 2), CheckpointValue.of(0.5)))
        .put(
            "plain",
            CheckpointList.of(
                CheckpointValue.of(1), CheckpointValue.of("two"), CheckpointValue.none()))
        .build();
  }

  /** Writes all folders into the one that the argument names. */
  public static void main(String[] arguments) {
    Path root = Path.of(arguments[0]);
    for (CheckpointFormat format : CheckpointFormat.values()) {
      if (format.isFolder() && format.isWritable()) {
        Checkpoint checkpoint = new Checkpoint(format, state(), Map.of());
        Checkpoints.save(root.resolve(format.label()), checkpoint);
        Checkpoints.save(
            root.resolve(format.label() + "-shards"), checkpoint, new SaveOptions(SMALL));
      }
    }
    Checkpoints.save(
        root.resolve("train-dcp"), new Checkpoint(CheckpointFormat.DCP, training(), Map.of()));
  }
}
