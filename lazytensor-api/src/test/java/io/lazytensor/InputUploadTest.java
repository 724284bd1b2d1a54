package io.lazytensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.internal.record.RecordMode;
import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;
import io.lazytensor.xla.runtime.DeviceException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Inputs that are on the device before a step uses them. */
class InputUploadTest {
  record Holder(Parameter w) implements Layer {}

  private final FaultyBackend backend = new FaultyBackend();
  private final Device device = Devices.on(backend, RecordMode.TRIE);
  private final Holder model =
      device.initialize(new Holder(Parameter.of(Initializer.values(1, 2), 2)), Seed.of(1));

  @AfterEach
  void close() {
    device.close();
  }

  private Input ones() {
    return device.tensor(new float[] {1, 1}, 2);
  }

  private void add(Input input) {
    try (Step step = device.trainingStep("train")) {
      model.w().assign(model.w().add(input));
      step.markStep();
    }
  }

  /** Makes later executions run on the device's thread: they are known to take long. */
  private void becomeSlow() {
    backend.delayMillis = 2;
    add(ones());
    device.synchronize();
  }

  @Test
  void stepsUseTheCopyAndUploadAgainWithoutIt() {
    long before = device.memoryUsage().liveBuffers();
    Input input = ones();
    input.upload();
    input.upload();
    assertEquals(before + 1, device.memoryUsage().liveBuffers());
    int uploads = backend.uploads.get();
    add(input);
    add(input);
    device.synchronize();
    assertEquals(uploads, backend.uploads.get());
    input.unload();
    input.unload();
    assertEquals(before, device.memoryUsage().liveBuffers());
    add(input);
    device.synchronize();
    assertEquals(uploads + 1, backend.uploads.get());
    assertEquals(before, device.memoryUsage().liveBuffers());
    assertArrayEquals(new float[] {4, 5}, model.w().toFloats());
  }

  @Test
  void anUploadDoesNotWaitForARunningStep() {
    becomeSlow();
    CountDownLatch gate = new CountDownLatch(1);
    backend.gate = gate;
    add(ones());
    Input next = ones();
    assertTimeoutPreemptively(Duration.ofSeconds(20), next::upload);
    assertEquals(1, gate.getCount());
    gate.countDown();
    add(next);
    assertArrayEquals(new float[] {4, 5}, model.w().toFloats());
  }

  @Test
  void aCopyOutlivesTheStepsThatWereCutWithIt() {
    becomeSlow();
    long before = device.memoryUsage().liveBuffers();
    CountDownLatch gate = new CountDownLatch(1);
    backend.gate = gate;
    Input input = ones();
    input.upload();
    add(input);
    input.unload();
    gate.countDown();
    assertArrayEquals(new float[] {3, 4}, model.w().toFloats());
    assertEquals(before, device.memoryUsage().liveBuffers());
  }

  @Test
  void anInputIsUsedOnceAStepWithItIsCut() {
    Input input = ones();
    try (Step step = device.trainingStep("train")) {
      model.w().assign(model.w().add(input));
      assertFalse(input.isUsed());
      step.discard();
    }
    assertFalse(input.isUsed());
    add(input);
    assertTrue(input.isUsed());
  }

  @Test
  void aFailedUploadIsToldAndLeavesTheInputUsable() {
    Input input = ones();
    backend.failNextUpload = true;
    assertThrows(DeviceException.class, input::upload);
    add(input);
    assertArrayEquals(new float[] {2, 3}, model.w().toFloats());
  }

  @Test
  void copiesNobodyReachesAreFreed() {
    long before = device.memoryUsage().liveBuffers();
    ones().upload();
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          while (device.memoryUsage().liveBuffers() > before) {
            System.gc();
            Thread.sleep(2);
          }
        });
  }

  @Test
  void aClosedDeviceTakesNothing() {
    Input input = ones();
    device.close();
    assertThrows(DeviceException.class, input::upload);
  }
}
