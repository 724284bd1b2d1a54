package io.lazytensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.nn.F;
import java.util.Objects;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostIndicesTest {
  private final Device device = Device.open("evaluator");
  private final Input table = device.tensor(new float[] {0, 1, 2, 3, 4, 5}, 3, 2);

  @AfterEach
  void close() {
    device.close();
  }

  private String refusal(BiFunction<Tensor, Tensor, Tensor> call, Tensor index) {
    IndexException e = assertThrows(IndexException.class, () -> call.apply(table, index));
    return Objects.requireNonNull(e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3})
  void indicesFromTheHostAreRefused(int wrong) {
    Input vector = device.tensor(new int[] {0, wrong, 1}, 3);
    Input matrix = device.tensor(new int[] {0, wrong}, 1, 2);
    for (String message :
        new String[] {
          refusal((x, i) -> x.indexSelect(0, i), vector),
          refusal((x, i) -> x.gather(0, i), matrix),
          refusal((x, i) -> x.takeAlongDim(i, 0), matrix),
          refusal((x, i) -> x.scatter(0, i, 1), matrix),
          refusal((x, i) -> x.scatterAdd(0, i, x.slice(0, 0, 1)), matrix),
          refusal((x, i) -> x.indexFill(0, i, 1), vector),
          refusal((x, i) -> F.embedding(i, x), vector),
        }) {
      String expected = "f32[3,2] along dimension 0: input s32[";
      assertTrue(message.contains(expected), message);
      assertTrue(message.contains("has the index " + wrong + ", expected 0 to 2"), message);
      assertTrue(message.contains("HostIndicesTest.java:"), message);
    }
    String classes = refusal((x, i) -> F.oneHot(i, 3), vector);
    assertTrue(classes.startsWith("oneHot of 3 classes: "), classes);
  }

  @Test
  void theCheckDoesNotNeedANewRecording() {
    for (int index : new int[] {2, 1}) {
      try (Step step = device.evaluationStep("pick")) {
        Tensor row = table.indexSelect(0, device.tensor(new int[] {index}, 1));
        Fetch<float[]> value = step.fetchFloats(row);
        step.markStep();
        assertArrayEquals(new float[] {2 * index, 2 * index + 1}, value.get());
      }
    }
    try (Step step = device.evaluationStep("pick")) {
      Input wrong = device.tensor(new int[] {7}, 1);
      assertThrows(IndexException.class, () -> table.indexSelect(0, wrong));
    }
    assertEquals(1, device.report().compiles().size());
  }

  @Test
  void ofComputedIndicesTheNearestIsRead() {
    try (Step step = device.evaluationStep("pick")) {
      Tensor index = device.arange(-5, 9, 7);
      Fetch<float[]> read = step.fetchFloats(table.indexSelect(0, index));
      Fetch<float[]> written = step.fetchFloats(table.indexFill(0, index, 9));
      step.markStep();
      assertArrayEquals(new float[] {0, 1, 4, 5}, read.get());
      assertArrayEquals(new float[] {0, 1, 2, 3, 9, 9}, written.get());
    }
  }
}
