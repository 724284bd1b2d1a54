package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Trees whose content follows from their step. */
final class Steps {
  private Steps() {}

  static CheckpointDict tree(long step, int floats) {
    float[] weights = weights(step, floats);
    CheckpointStorage storage =
        CheckpointStorage.of(TorchDType.FLOAT32, MemorySegment.ofArray(weights));
    return CheckpointDict.builder()
        .put("weights", CheckpointTensor.of(TorchDType.FLOAT32, storage, floats))
        .put("step", step)
        .build();
  }

  static float[] weights(long step, int floats) {
    Random random = new Random(step);
    float[] weights = new float[floats];
    for (int i = 0; i < floats; i++) {
      weights[i] = random.nextFloat();
    }
    return weights;
  }

  /** Requires that a checkpoint holds all of the tree of its step. */
  static void check(long step, CheckpointValue tree) {
    assertEquals(step, tree.asDict().get("step").asLong());
    MemorySegment bytes = tree.asDict().get("weights").asTensor().contiguous();
    float[] read = bytes.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    org.junit.jupiter.api.Assertions.assertArrayEquals(weights(step, read.length), read);
  }
}
