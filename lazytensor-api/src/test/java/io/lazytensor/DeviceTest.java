package io.lazytensor;

import static io.lazytensor.nn.F.gradients;
import static io.lazytensor.nn.F.mse;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.internal.record.RecordMode;
import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.StateDict;
import io.lazytensor.observe.DeviceReport;
import io.lazytensor.observe.GraphBudgetException;
import io.lazytensor.optim.Optimizer;
import io.lazytensor.optim.SGD;
import io.lazytensor.optim.Schedules;
import io.lazytensor.xla.runtime.DeviceException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Executions: order, failures, ownership, reports. */
class DeviceTest {
  record Holder(Parameter w) implements Layer {}

  private final FaultyBackend backend = new FaultyBackend();
  private final Device device = Devices.on(backend, RecordMode.TRIE);
  private final Holder model =
      device.initialize(new Holder(Parameter.of(Initializer.values(1, 2), 2)), Seed.of(1));

  @AfterEach
  void close() {
    device.close();
  }

  private static String message(Throwable e) {
    return String.valueOf(e.getMessage());
  }

  private void step() {
    try (Step step = device.trainingStep("train")) {
      model.w().assign(model.w().add(device.tensor(new float[] {1, 1}, 2)));
      step.markStep();
    }
  }

  // ---- failures ---------------------------------------------------------------------------------

  @Test
  void aFailureBeforeTheExecutionLeavesParametersAsTheyWere() {
    step();
    backend.failNextUpload = true;
    DeviceException e = assertThrows(DeviceException.class, this::twoSteps);
    assertTrue(message(e).contains("step \"train\" (graph 1) failed on faulty: no memory left"));
    assertArrayEquals(new float[] {2, 3}, model.w().toFloats());
    step();
    assertArrayEquals(new float[] {3, 4}, model.w().toFloats());
  }

  private void twoSteps() {
    step();
    device.synchronize();
  }

  @Test
  void aFailureThatConsumedDonationsPoisonsUntilReload() {
    StateDict saved = model.stateDict().toHost();
    step();
    backend.failNextExecution = true;
    DeviceException first = assertThrows(DeviceException.class, this::twoSteps);
    assertTrue(message(first).contains("the device caught fire"), message(first));
    DeviceException later = assertThrows(DeviceException.class, () -> model.w().toFloats());
    assertTrue(message(later).contains("the value of w was lost"), message(later));
    assertTrue(message(later).contains("Load the model again with device.load"), message(later));
    device.load(model, saved);
    step();
    assertArrayEquals(new float[] {2, 3}, model.w().toFloats());
  }

  @Test
  void keptAndFetchedValuesSurviveDonation() {
    Input kept;
    try (Step step = device.trainingStep("s")) {
      kept = step.keep(model.w());
      Fetch<float[]> fetched = step.fetchFloats(model.w());
      model.w().assign(model.w().mul(10));
      step.markStep();
      assertArrayEquals(new float[] {1, 2}, fetched.get());
    }
    try (Step step = device.trainingStep("t")) {
      model.w().assign(model.w().add(kept));
      step.markStep();
    }
    assertArrayEquals(new float[] {11, 22}, model.w().toFloats());
  }

  // ---- asynchrony -------------------------------------------------------------------------------

  @Test
  void stepsRunBehindTheRecordingAtMostTwoInFlight() {
    step();
    backend.delayMillis = 5;
    step();
    device.synchronize();
    int before = backend.executions.get();
    backend.delayMillis = 30;
    for (int i = 1; i <= 6; i++) {
      step();
      assertTrue(backend.executions.get() >= before + i - 2, "more than two in flight");
    }
    assertTrue(backend.executions.get() < before + 6, "everything ran on the recording thread");
    device.synchronize();
    assertEquals(before + 6, backend.executions.get());
    assertArrayEquals(new float[] {9, 10}, model.w().toFloats());
  }

  @Test
  void resultsAreDeliveredInOrderOnTheRecordingThread() {
    backend.delayMillis = 3;
    List<Float> delivered = new ArrayList<>();
    AtomicReference<Thread> thread = new AtomicReference<>();
    for (int i = 0; i < 5; i++) {
      try (Step step = device.trainingStep("s")) {
        model.w().assign(model.w().add(1));
        Fetch<Float> value = step.fetchFloat(model.w().sum());
        step.onResult(
            value,
            known -> {
              delivered.add(known);
              thread.set(Thread.currentThread());
            });
        step.markStep();
      }
    }
    device.synchronize();
    assertEquals(List.of(5f, 7f, 9f, 11f, 13f), delivered);
    assertEquals(Thread.currentThread(), thread.get());
  }

  @Test
  void anEarlierFailureSurfacesAtTheNextCutAndLosesNothing() {
    step();
    backend.delayMillis = 5;
    step();
    device.synchronize();
    backend.failNextUpload = true;
    step();
    DeviceException e =
        assertThrows(
            DeviceException.class,
            () -> {
              for (int i = 0; i < 3; i++) {
                step();
              }
              device.synchronize();
            });
    assertTrue(message(e).contains("no memory left"), message(e));
  }

  @Test
  void aFailedStepIsNoneOfTheOptimizers() {
    Optimizer optimizer =
        SGD.builder(List.of(model.w())).learningRate(Schedules.stepped(8, 1, 0.5)).build();
    train(optimizer);
    backend.delayMillis = 5;
    train(optimizer);
    device.synchronize();
    // With an execution of milliseconds behind it, the next one runs on the device's thread.
    backend.failNextUpload = true;
    train(optimizer);
    assertThrows(DeviceException.class, device::synchronize);
    assertEquals(2, optimizer.steps());
    assertEquals(2, optimizer.learningRate());
    train(optimizer);
    assertEquals(3, optimizer.steps());
  }

  private void train(Optimizer optimizer) {
    try (Step step = device.trainingStep("train")) {
      optimizer.step(gradients(mse(model.w(), device.tensor(new float[] {1, 1}, 2)), model));
      step.markStep();
    }
  }

  @Test
  void fetchesOfAStepThatWasNotHandedOverFailAndLaterResultsArrive() {
    step();
    backend.delayMillis = 5;
    step();
    device.synchronize();
    List<Float> delivered = new ArrayList<>();
    List<Fetch<Float>> fetches = new ArrayList<>();
    backend.failNextUpload = true;
    for (int i = 0; i < 6; i++) {
      try (Step step = device.trainingStep("s")) {
        model.w().assign(model.w().add(device.tensor(new float[] {1, 1}, 2)));
        Fetch<Float> value = step.fetchFloat(model.w().sum());
        fetches.add(value);
        step.onResult(value, delivered::add);
        try {
          step.markStep();
        } catch (DeviceException expected) {
          assertTrue(message(expected).contains("no memory left"), message(expected));
          step.discard();
        }
      }
    }
    device.synchronize();
    int arrived = 0;
    for (Fetch<Float> fetch : fetches) {
      try {
        fetch.get();
        arrived++;
      } catch (io.lazytensor.xla.ir.LazyTensorException e) {
        assertTrue(fetch.isDone());
      }
    }
    assertTrue(arrived >= 4, "only the failed step and the one told of it are lost");
    assertEquals(arrived, delivered.size());
    assertArrayEquals(new float[] {3 + arrived, 4 + arrived}, model.w().toFloats());
  }

  @Test
  void aRolledBackStepDoesNotSpoilTheDeliveryOfLaterOnes() {
    List<Float> delivered = new ArrayList<>();
    assertThrows(
        IllegalStateException.class,
        () -> {
          try (Step step = device.trainingStep("s")) {
            step.onResult(step.fetchFloat(model.w().sum()), delivered::add);
            throw new IllegalStateException(step.name());
          }
        });
    try (Step step = device.trainingStep("s")) {
      step.onResult(step.fetchFloat(model.w().sum()), delivered::add);
      step.markStep();
    }
    device.synchronize();
    assertEquals(List.of(3f), delivered);
  }

  @Test
  void aFailureInTheLastStepIsToldByClose() {
    FaultyBackend faulty = new FaultyBackend();
    Device other = Devices.on(faulty, RecordMode.TRIE);
    Holder held = other.initialize(new Holder(Parameter.of(Initializer.ones(), 1)), Seed.of(1));
    faulty.delayMillis = 5;
    for (int i = 0; i < 3; i++) {
      other.synchronize();
      faulty.failNextExecution = i == 2;
      try (Step step = other.trainingStep("s")) {
        held.w().assign(held.w().add(1));
        step.markStep();
      }
    }
    DeviceException e = assertThrows(DeviceException.class, other::close);
    assertTrue(message(e).contains("caught fire"), message(e));
    other.close();
  }

  @Test
  void aFailureLeavesNoMemoryBehind() {
    StateDict saved = model.stateDict().toHost();
    step();
    device.synchronize();
    long before = device.memoryUsage().liveBuffers();
    for (int i = 0; i < 5; i++) {
      backend.failNextExecution = true;
      backend.keepDonations = true;
      assertThrows(DeviceException.class, this::twoSteps);
      device.load(model, saved);
    }
    assertEquals(before, device.memoryUsage().liveBuffers());
  }

  @Test
  void contractsAddUp() {
    device.contract("both", c -> c.maxGraphs(1));
    device.contract("both", c -> c.hostReads(5));
    step("both", 1);
    assertThrows(GraphBudgetException.class, () -> step("both", 2));
  }

  private void step(String name, double factor) {
    try (Step step = device.evaluationStep(name)) {
      step.fetchFloat(model.w().mul(factor).sum());
      step.markStep();
    }
  }

  @Test
  void aModelDoesNotMoveBetweenDevices() {
    try (Device other = Device.open("evaluator")) {
      RecordingException e =
          assertThrows(RecordingException.class, () -> other.initialize(model, Seed.of(1)));
      assertTrue(message(e).contains("w lives on device faulty"), message(e));
    }
  }

  // ---- misuse -----------------------------------------------------------------------------------

  @Test
  void readingBeforeTheCutNamesLineAndStep() {
    try (Step step = device.trainingStep("train")) {
      Fetch<Float> loss = step.fetchFloat(model.w().sum());
      UncutTensorException e = assertThrows(UncutTensorException.class, loss::get);
      assertTrue(message(e).startsWith("sum f32[] recorded at DeviceTest.java:"), message(e));
      assertTrue(message(e).contains("in step \"train\" (opened at DeviceTest.java:"));
      assertTrue(message(e).contains("Call markStep() before get()."));
      step.discard();
    }
  }

  @Test
  void mismatchedShapesNameTheOperandsAndTheLine() {
    try (Step step = device.trainingStep("train")) {
      Exception e =
          assertThrows(
              io.lazytensor.xla.ir.ShapeException.class,
              () -> model.w().matmul(device.tensor(new float[3], 3, 1)));
      assertTrue(message(e).contains("matmul"), message(e));
      assertTrue(message(e).contains("f32[2]") && message(e).contains("f32[3,1]"), message(e));
      assertTrue(message(e).contains("w is f32[2]"), message(e));
      assertTrue(message(e).contains("DeviceTest.java:"), message(e));
      step.discard();
    }
  }

  @Test
  void tensorsOfAnotherDeviceAreRefused() {
    try (Device other = Device.open("evaluator")) {
      Input theirs = other.tensor(new float[2], 2);
      RecordingException input =
          assertThrows(RecordingException.class, () -> model.w().add(theirs));
      assertTrue(message(input).contains("belongs to device evaluator"), message(input));
      Tensor value = theirs.add(1);
      RecordingException recorded =
          assertThrows(RecordingException.class, () -> model.w().add(value));
      assertTrue(
          message(recorded).contains("cannot be used with device faulty"), message(recorded));
      other.discardPending();
    }
    device.discardPending();
  }

  @Test
  void valuesOfAnotherThreadAreRefusedAndParametersAreNot() throws InterruptedException {
    Tensor mine = model.w().add(1);
    AtomicReference<Throwable> refusal = new AtomicReference<>();
    AtomicReference<float[]> read = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              try (Step step = device.evaluationStep("other")) {
                Fetch<float[]> value = step.fetchFloats(model.w().mul(3));
                step.markStep();
                read.set(value.get());
              }
              try {
                mine.add(1);
              } catch (RecordingException e) {
                refusal.set(e);
              }
            });
    thread.join();
    assertArrayEquals(new float[] {3, 6}, read.get());
    assertTrue(String.valueOf(refusal.get()).contains("another thread"));
    Fetch<float[]> still = device.fetchFloats(mine);
    device.markStep();
    assertArrayEquals(new float[] {2, 3}, still.get());
  }

  @Test
  void twoThreadsDoNotTrainTheSameParameter() throws InterruptedException {
    model.w().assign(model.w().add(1));
    AtomicReference<Throwable> refusal = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              try {
                model.w().add(1);
              } catch (RecordingException e) {
                refusal.set(e);
              }
            });
    thread.join();
    assertTrue(String.valueOf(refusal.get()).contains("w is assigned in a recording of another"));
    device.markStep();
  }

  @Test
  void backwardNeedsAScalarOfThisRecording() {
    Exception e =
        assertThrows(
            io.lazytensor.autograd.GradientException.class, () -> model.w().mul(2).backward());
    assertTrue(message(e).contains("Reduce it with mean() or sum()"), message(e));
    device.discardPending();
    Tensor old = model.w().sum();
    device.fetchFloat(old);
    device.markStep();
    RecordingException stale = assertThrows(RecordingException.class, old::backward);
    assertTrue(message(stale).contains("earlier recording"), message(stale));
  }

  @Test
  void aParameterWithoutGradientIsNamed() {
    record Pair(Parameter used, Parameter unused) implements Layer {}
    Pair pair =
        device.initialize(
            new Pair(Parameter.of(Initializer.ones(), 1), Parameter.of(Initializer.ones(), 1)),
            Seed.of(1));
    Exception values =
        assertThrows(
            io.lazytensor.autograd.GradientException.class,
            () -> gradients(pair.used().sum(), pair));
    assertTrue(message(values).contains("[unused]"), message(values));
    device.discardPending();
    var optimizer = io.lazytensor.optim.SGD.builder(pair.parameters()).learningRate(0.1).build();
    pair.used().sum().backward();
    Exception step = assertThrows(io.lazytensor.autograd.GradientException.class, optimizer::step);
    assertTrue(message(step).contains("[unused]"), message(step));
    device.discardPending();
  }

  @Test
  void anOptimizerThatNeverReachesACutSaysSo() {
    var optimizer = io.lazytensor.optim.SGD.builder(model.parameters()).learningRate(0.1).build();
    model.w().sum().backward();
    optimizer.step();
    model.w().sum().backward();
    RecordingException e = assertThrows(RecordingException.class, optimizer::step);
    assertTrue(message(e).contains("weights were never updated"), message(e));
    device.discardPending();
  }

  @Test
  void aClosedDeviceRefusesAndSaysSo() {
    Device other = Device.open("evaluator");
    Parameter w = Parameter.of(Initializer.ones(), 1);
    other.initialize(new Holder(w), Seed.of(1));
    other.close();
    other.close();
    Exception e = assertThrows(DeviceException.class, () -> other.trainingStep("s"));
    assertTrue(message(e).contains("device evaluator is closed"), message(e));
    assertThrows(DeviceException.class, () -> w.add(1));
    assertThrows(DeviceException.class, w::toFloats);
  }

  @Test
  void closingWithPendingAssignmentsComplains() {
    Device other = Device.open("evaluator");
    Holder held = other.initialize(new Holder(Parameter.of(Initializer.ones(), 1)), Seed.of(1));
    held.w().assign(held.w().add(1));
    RecordingException e = assertThrows(RecordingException.class, other::close);
    assertTrue(message(e).contains("weights were never updated"), message(e));
  }

  @Test
  void anUninitializedModelSaysWhatToDo() {
    RecordingException e =
        assertThrows(RecordingException.class, () -> Parameter.of(Initializer.ones(), 3).add(1));
    assertTrue(message(e).contains("device.initialize(model, seed)"), message(e));
  }

  @Test
  void contractsCountHostReads() {
    device.contract("quiet", c -> c.hostReads(0));
    try (Step step = device.trainingStep("quiet")) {
      step.fetchFloat(model.w().sum());
      GraphBudgetException e = assertThrows(GraphBudgetException.class, step::markStep);
      assertTrue(message(e).contains("its contract allows 0"), message(e));
      step.discard();
    }
  }

  // ---- observation ------------------------------------------------------------------------------

  @Test
  void theReportCountsAndNamesCauses() {
    step();
    step();
    try (Step step = device.trainingStep("train")) {
      model.w().assign(model.w().mul(2));
      step.fetchFloat(model.w().sum());
      step.markStep();
    }
    DeviceReport report = device.report();
    assertEquals(2, report.graphs());
    assertEquals(1, report.steps().size());
    assertEquals(3, report.steps().getFirst().cuts());
    assertEquals(2, report.steps().getFirst().graphs());
    String cause = report.compiles().get(1).cause().toString();
    assertTrue(cause.contains("expected read(f32[2]) (DeviceTest.java:"), cause);
    assertTrue(cause.contains("got mul(f32[2], 2.0) (DeviceTest.java:"), cause);
    assertTrue(report.toString().contains("step \"train\": 3 cuts, 2 graphs"), report.toString());
    assertTrue(report.liveBytes() > 0 && report.executeSeconds() > 0);
  }

  @Test
  void flightRecorderShowsStepsAndCompiles() throws Exception {
    java.nio.file.Path file = java.nio.file.Files.createTempFile("lazytensor", ".jfr");
    try (Recording recording = new Recording()) {
      for (String name : List.of("Cut", "Compile", "CacheLookup", "Execute", "Transfer")) {
        recording.enable("io.lazytensor." + name).withoutThreshold();
      }
      recording.start();
      step();
      model.w().toFloats();
      recording.stop();
      recording.dump(file);
      TreeSet<String> seen = new TreeSet<>();
      RecordingFile.readAllEvents(file).forEach(e -> seen.add(e.getEventType().getName()));
      assertEquals(
          List.of(
              "io.lazytensor.CacheLookup",
              "io.lazytensor.Compile",
              "io.lazytensor.Cut",
              "io.lazytensor.Execute",
              "io.lazytensor.Transfer"),
          List.copyOf(seen));
    } finally {
      java.nio.file.Files.delete(file);
    }
  }

  @Test
  void inputsAreFreedAfterEachStepAndKeptValuesWithTheirOwner() throws InterruptedException {
    step();
    device.synchronize();
    long before = device.memoryUsage().liveBuffers();
    for (int i = 0; i < 20; i++) {
      try (Step step = device.trainingStep("s")) {
        step.keep(mse(model.w(), device.tensor(new float[2], 2)));
        step.markStep();
      }
    }
    for (int i = 0; i < 100 && device.memoryUsage().liveBuffers() > before; i++) {
      System.gc();
      Thread.sleep(20);
      step();
      device.synchronize();
    }
    assertEquals(before, device.memoryUsage().liveBuffers());
  }
}
