package io.lazytensor.benchmarks.checkpoint;

import io.lazytensor.checkpoint.CheckpointDict;
import io.lazytensor.checkpoint.CheckpointStorage;
import io.lazytensor.checkpoint.CheckpointTensor;
import io.lazytensor.checkpoint.TorchDType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.function.LongFunction;

/** State dicts of known sizes with random content. */
final class SampleStateDict {
  private static final int HIDDEN = 768;
  private static final int INNER = 4 * HIDDEN;
  private static final int LAYERS = 12;

  private final SequencedMap<String, long[]> shapes = new LinkedHashMap<>();

  private SampleStateDict() {}

  /** Returns BERT-base's: 199 tensors, 438 MB. */
  static SampleStateDict bert() {
    SampleStateDict dict = new SampleStateDict();
    dict.shapes.put("embeddings.word.weight", new long[] {30522, HIDDEN});
    dict.shapes.put("embeddings.position.weight", new long[] {512, HIDDEN});
    dict.shapes.put("embeddings.type.weight", new long[] {2, HIDDEN});
    dict.pair("embeddings.norm", HIDDEN);
    for (int i = 0; i < LAYERS; i++) {
      String layer = "layer." + i + ".";
      for (String name : new String[] {"query", "key", "value", "output"}) {
        dict.pair(layer + name, HIDDEN, HIDDEN);
      }
      dict.pair(layer + "norm1", HIDDEN);
      dict.pair(layer + "up", INNER, HIDDEN);
      dict.pair(layer + "down", HIDDEN, INNER);
      dict.pair(layer + "norm2", HIDDEN);
    }
    dict.pair("pooler", HIDDEN, HIDDEN);
    return dict;
  }

  /** Returns one of many small tensors. */
  static SampleStateDict many(int count) {
    SampleStateDict dict = new SampleStateDict();
    for (int i = 0; i < count; i++) {
      dict.shapes.put("layers." + i / 10 + ".part" + i % 10 + ".weight", new long[] {4, 4});
    }
    return dict;
  }

  private void pair(String name, long... weight) {
    shapes.put(name + ".weight", weight);
    shapes.put(name + ".bias", new long[] {weight[0]});
  }

  private static long bytesOf(long[] shape) {
    long bytes = Float.BYTES;
    for (long size : shape) {
      bytes *= size;
    }
    return bytes;
  }

  long bytes() {
    return shapes.values().stream().mapToLong(SampleStateDict::bytesOf).sum();
  }

  long largest() {
    return shapes.values().stream().mapToLong(SampleStateDict::bytesOf).max().orElse(0);
  }

  /** Returns the tree with all content in memory. */
  CheckpointDict inMemory() {
    SplittableRandom random = new SplittableRandom(1);
    return tree(bytes -> {
      MemorySegment data = Arena.ofAuto().allocate(bytes, 64);
      for (long at = 0; at + Long.BYTES <= bytes; at += Long.BYTES) {
        // Positive floats below 2, so that no bit pattern is an infinity.
        data.set(ValueLayout.JAVA_LONG, at, random.nextLong() & 0x3fffffff3fffffffL);
      }
      return CheckpointStorage.of(TorchDType.FLOAT32, data);
    });
  }

  /** Returns the tree with content that is made when it is asked for, as a device's is fetched. */
  CheckpointDict fetched() {
    return tree(bytes ->
        CheckpointStorage.of(
            TorchDType.FLOAT32,
            bytes,
            () -> MemorySegment.ofArray(new long[(int) (bytes / Long.BYTES)])));
  }

  private CheckpointDict tree(LongFunction<CheckpointStorage> storages) {
    CheckpointDict.Builder tree = CheckpointDict.orderedBuilder();
    shapes.forEach((name, shape) ->
        tree.put(
            name, CheckpointTensor.of(TorchDType.FLOAT32, storages.apply(bytesOf(shape)), shape)));
    return tree.build();
  }
}
