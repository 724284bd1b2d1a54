package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class TensorPiecesTest {
  private record Box(long[] offsets, long[] sizes) {}

  /** Cuts a box along random dimensions, down to boxes that are left whole by chance. */
  private static List<Box> cut(Box box, SplittableRandom random) {
    int dimension = random.nextInt(box.sizes().length);
    if (box.sizes()[dimension] < 2 || random.nextInt(4) == 0) {
      return List.of(box);
    }
    long first = random.nextLong(1, box.sizes()[dimension]);
    long[] lowSizes = box.sizes().clone();
    lowSizes[dimension] = first;
    long[] highOffsets = box.offsets().clone();
    highOffsets[dimension] += first;
    long[] highSizes = box.sizes().clone();
    highSizes[dimension] -= first;
    List<Box> all = new ArrayList<>(cut(new Box(box.offsets(), lowSizes), random));
    all.addAll(cut(new Box(highOffsets, highSizes), random));
    return all;
  }

  private static TensorPieces.Piece piece(CheckpointTensor whole, Box box) {
    long offset = 0;
    for (int i = 0; i < box.offsets().length; i++) {
      offset += box.offsets()[i] * whole.steps()[i];
    }
    CheckpointTensor part =
        CheckpointTensor.view(whole.dtype(), whole.storage(), offset, box.sizes(), whole.steps());
    return new TensorPieces.Piece(box.offsets(), box.sizes(), part::contiguous);
  }

  private static CheckpointTensor ramp(long... shape) {
    int count = 1;
    for (long size : shape) {
      count *= (int) size;
    }
    short[] values = new short[count];
    for (int i = 0; i < count; i++) {
      values[i] = (short) i;
    }
    MemorySegment data = MemorySegment.ofArray(values);
    return CheckpointTensor.of(
        TorchDType.INT16, CheckpointStorage.of(TorchDType.INT16, data), shape);
  }

  @Test
  void anyTilingGivesTheTensorBackAndNoOtherDoes() {
    SplittableRandom seeds = new SplittableRandom(7);
    for (int round = 0; round < 500; round++) {
      SplittableRandom random = seeds.split();
      long[] shape = new long[1 + random.nextInt(4)];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = 1 + random.nextInt(5);
      }
      CheckpointTensor whole = ramp(shape);
      List<TensorPieces.Piece> pieces = new ArrayList<>();
      cut(new Box(new long[shape.length], shape), random)
          .forEach(box -> pieces.add(piece(whole, box)));
      Collections.shuffle(pieces, new Random(round));
      CheckpointTensor again = TensorPieces.tensor("t", TorchDType.INT16, shape, pieces);
      assertArrayEquals(
          whole.contiguous().toArray(ValueLayout.JAVA_BYTE),
          again.contiguous().toArray(ValueLayout.JAVA_BYTE),
          "round " + round);
      List<TensorPieces.Piece> fewer = pieces.subList(1, pieces.size());
      assertThrows(
          CheckpointException.class,
          () -> TensorPieces.tensor("t", TorchDType.INT16, shape, fewer));
      List<TensorPieces.Piece> twice = new ArrayList<>(pieces);
      twice.set(0, twice.getLast());
      if (twice.size() > 1) {
        assertThrows(
            CheckpointException.class,
            () -> TensorPieces.tensor("t", TorchDType.INT16, shape, twice));
      }
    }
  }

  @Test
  void hundredThousandPiecesAreCheckedSoon() {
    long count = 100_000;
    List<TensorPieces.Piece> pieces = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      pieces.add(
          new TensorPieces.Piece(
              new long[] {0, i}, new long[] {1, 1}, () -> MemorySegment.ofArray(new byte[2])));
    }
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> TensorPieces.tensor("t", TorchDType.INT16, new long[] {1, count}, pieces));
  }

  @Test
  void aPieceWithOtherDataThanPromisedIsRefused() {
    TensorPieces.Piece piece =
        new TensorPieces.Piece(
            new long[] {0}, new long[] {2}, () -> MemorySegment.ofArray(new byte[6]));
    CheckpointTensor tensor =
        TensorPieces.tensor("t", TorchDType.INT16, new long[] {2}, List.of(piece));
    CheckpointException refused = assertThrows(CheckpointException.class, tensor::contiguous);
    assertTrue(String.valueOf(refused.getMessage()).contains("6 bytes"), refused.getMessage());
  }
}
