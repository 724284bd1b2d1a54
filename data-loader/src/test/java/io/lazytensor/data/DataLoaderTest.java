package io.lazytensor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.Device;
import io.lazytensor.Input;
import io.lazytensor.Seed;
import io.lazytensor.State;
import io.lazytensor.Step;
import io.lazytensor.data.Batches.Numbers;
import io.lazytensor.xla.eval.EvaluatorBackend;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What batches hold, and in which order. */
class DataLoaderTest {
  private static String message(Throwable e) {
    return String.valueOf(e.getMessage());
  }

  // ---- order ------------------------------------------------------------------------------------

  @Property(tries = 40, seed = "7")
  void theOrderDoesNotDependOnThreadsOrRanks(
      @ForAll @IntRange(min = 8, max = 90) int size,
      @ForAll @IntRange(min = 0, max = 3) int workers,
      @ForAll @IntRange(min = 1, max = 4) int prefetch,
      @ForAll @IntRange(min = 0, max = 3) int worldIndex,
      @ForAll boolean pad,
      @ForAll boolean streamed) {
    int world = List.of(1, 2, 4, 8).get(worldIndex);
    Tail tail = pad ? Tail.PAD : Tail.DROP;
    List<List<Integer>> expected = new ArrayList<>();
    for (List<Integer> batch : global(size, tail, 0, 1, 0, 1, streamed)) {
      expected.add(batch);
    }
    List<List<Integer>> joined = new ArrayList<>();
    for (int rank = 0; rank < world; rank++) {
      List<List<Integer>> part = global(size, tail, workers, prefetch, rank, world, streamed);
      for (int i = 0; i < part.size(); i++) {
        if (rank == 0) {
          joined.add(new ArrayList<>());
        }
        joined.get(i).addAll(part.get(i));
      }
    }
    assertEquals(expected, joined);
    int counted = Batches.flat(expected).size();
    assertEquals(pad ? size : size / 8 * 8, counted);
    assertEquals(counted, Batches.flat(expected).stream().map(i -> i % 1_000).distinct().count());
  }

  private static List<List<Integer>> global(
      int size, Tail tail, int workers, int prefetch, int rank, int world, boolean streamed) {
    Transform<Integer, Integer> noise = (i, random) -> i + 1_000 * random.nextInt(1_000);
    DataLoaderBuilder<Integer, Numbers> builder =
        streamed
            ? DataLoader.builder(
                Batches.stream(size, -1).transform(noise), Batches.COLUMNS, Numbers.class)
            : Batches.loader(Batches.numbers(size).transform(noise));
    try (DataLoader<Numbers> loader =
        builder
            .batchSize(8)
            .shuffle(Seed.of(size))
            .shuffleWindow(20)
            .tail(tail)
            .workers(workers)
            .prefetch(prefetch)
            .shard(rank, world)
            .build()) {
      return Batches.epoch(loader);
    }
  }

  @Test
  void epochsDifferInOrderAndInRandomNumbers() {
    Dataset<Integer> noisy =
        Batches.numbers(16).transform((i, random) -> i + 100 * random.nextInt(1_000));
    try (DataLoader<Numbers> loader =
        Batches.loader(noisy).batchSize(16).shuffle(Seed.of(1)).build()) {
      List<Integer> first = Batches.flat(Batches.epoch(loader));
      List<Integer> second = Batches.flat(Batches.epoch(loader));
      assertNotEquals(
          first.stream().map(i -> i % 100).toList(), second.stream().map(i -> i % 100).toList());
      assertNotEquals(first.stream().sorted().toList(), second.stream().sorted().toList());
      List<Integer> again = new ArrayList<>();
      for (Numbers batch : loader.epoch(0)) {
        again.addAll(batch.values());
      }
      assertEquals(first, again);
    }
  }

  @Test
  void aRecordDrawnTwiceIsChangedInTwoWays() {
    Dataset<Integer> noisy = Batches.numbers(1).transform((_, random) -> random.nextInt());
    try (DataLoader<Numbers> loader =
        Batches.loader(noisy)
            .sampler(Sampler.weighted(new double[] {1}, 20, Seed.of(1)))
            .batchSize(10)
            .build()) {
      assertEquals(20, Batches.flat(Batches.epoch(loader)).stream().distinct().count());
    }
  }

  // ---- shapes -----------------------------------------------------------------------------------

  @Test
  void aPaddedTailHasRowsThatDoNotCount() {
    try (DataLoader<Numbers> loader =
        Batches.loader(Batches.numbers(10)).batchSize(4).tail(Tail.PAD).build()) {
      assertEquals(3, loader.batchesPerEpoch());
      List<Numbers> batches = new ArrayList<>();
      loader.forEach(batches::add);
      Numbers last = batches.getLast();
      assertEquals(2, last.rows());
      assertEquals(List.of(8, 9, 0, 0), Batches.ints(last.value()));
      assertEquals(List.of(1f, 1f, 0f, 0f), Batches.floats(last.weight()));
    }
  }

  record Text(HostBuffer ids, HostBuffer mask, int rows, List<int[]> records) {}

  private static final Columns<int[]> TEXT =
      Columns.<int[]>builder().tokens("ids", "mask", 9, ids -> TokenIds.of(ids)).build();

  private static Dataset<int[]> texts(int... lengths) {
    return Dataset.of(
        IntStream.of(lengths).mapToObj(n -> IntStream.rangeClosed(1, n).toArray()).toList());
  }

  @Test
  void aBatchGetsTheSmallestBucketAndLongerRecordsAreCutAndCounted() {
    try (DataLoader<Text> loader =
        DataLoader.builder(texts(1, 3, 2, 6, 5, 1), TEXT, Text.class)
            .batchSize(2)
            .buckets(Buckets.of(2, 4))
            .buckets(Buckets.of(2, 4))
            .build()) {
      List<Text> batches = new ArrayList<>();
      loader.forEach(batches::add);
      assertEquals("s32[2,4]", batches.get(0).ids().shape().toString());
      assertEquals(List.of(1, 9, 9, 9, 1, 2, 3, 9), Batches.ints(batches.get(0).ids()));
      assertEquals(List.of(1, 2, 9, 9, 1, 2, 3, 4), Batches.ints(batches.get(1).ids()));
      assertEquals(6, batches.get(1).records().get(1).length);
      assertEquals(2, loader.statistics().truncated());
    }
  }

  @Test
  void maskOfRowsThatDoNotCountIsNotEmpty() {
    try (DataLoader<Text> loader =
        DataLoader.builder(texts(2), TEXT, Text.class)
            .batchSize(2)
            .tail(Tail.PAD)
            .buckets(Buckets.of(2))
            .build()) {
      Text batch = loader.iterator().next();
      assertEquals("pred[2,2]", batch.mask().shape().toString());
      byte[] mask = batch.mask().data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
      org.junit.jupiter.api.Assertions.assertArrayEquals(new byte[] {1, 1, 1, 0}, mask);
    }
  }

  @Test
  void longerRecordsMayBeRefused() {
    try (DataLoader<Text> loader =
        DataLoader.builder(texts(3), TEXT, Text.class)
            .buckets(Buckets.of(2).refuseLonger())
            .build()) {
      DataException e = assertThrows(DataException.class, () -> loader.iterator().next());
      assertEquals("record 0: column ids has 3 tokens, the last bucket holds 2", message(e));
    }
  }

  @Test
  void ranksAgreeOnTheBucketOfAGlobalBatch() {
    Dataset<int[]> texts = texts(1, 4, 1, 1);
    List<String> shapes = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      try (DataLoader<Text> loader =
          DataLoader.builder(texts, TEXT, Text.class)
              .batchSize(2)
              .buckets(Buckets.of(2, 4).lengths(i -> texts.get(i).length))
              .shard(rank, 2)
              .build()) {
        loader.forEach(batch -> shapes.add(batch.ids().shape().toString()));
      }
    }
    assertEquals(List.of("s32[1,4]", "s32[1,2]", "s32[1,4]", "s32[1,2]"), shapes);
    DataLoaderBuilder<int[], Text> unknown =
        DataLoader.builder(texts, TEXT, Text.class)
            .batchSize(2)
            .buckets(Buckets.of(2, 4))
            .shard(0, 2);
    assertTrue(message(assertThrows(DataException.class, unknown::build)).contains("lengths"));
  }

  @Test
  void aWrongLengthIsRefused() {
    try (DataLoader<Text> loader =
        DataLoader.builder(texts(4), TEXT, Text.class)
            .buckets(Buckets.of(2, 4).lengths(_ -> 1))
            .build()) {
      DataException e = assertThrows(DataException.class, () -> loader.iterator().next());
      assertTrue(message(e).contains("has 4 tokens, more than lengths(…) said"), message(e));
    }
  }

  // ---- settings that do not fit -----------------------------------------------------------------

  record Odd(int value, HostBuffer held, List<Integer> records) {}

  @Test
  void allMismatchesOfColumnsAndComponentsAreListed() {
    DataException e =
        assertThrows(
            DataException.class,
            () -> DataLoader.builder(Batches.numbers(4), Batches.COLUMNS, Odd.class).build());
    assertTrue(message(e).contains("component value is a int; a column is an Input"), message(e));
    assertTrue(message(e).contains("component held is no column"), message(e));
    assertTrue(message(e).contains("column weight has no component"), message(e));
  }

  record OnDevice(Input value, Input weight) {}

  record Silent(HostBuffer value) {}

  @Test
  void contradictionsAreRefused() {
    Columns<Integer> bare = Columns.<Integer>builder().ints("value", Integer::intValue).build();
    List<org.junit.jupiter.api.function.Executable> wrong =
        List.of(
            () -> DataLoader.builder(Batches.numbers(4), Batches.COLUMNS, OnDevice.class).build(),
            () -> DataLoader.builder(Batches.numbers(4), bare, Silent.class).tail(Tail.PAD).build(),
            () -> DataLoader.builder(Batches.numbers(4), bare, Silent.class).skipErrors(1).build(),
            () -> Batches.loader(Batches.numbers(4)).batchSize(5).build(),
            () -> Batches.loader(Batches.numbers(8)).batchSize(4).shard(0, 3).build(),
            () -> Batches.loader(Batches.numbers(8)).shard(2, 2).build(),
            () -> Batches.loader(Batches.numbers(8)).batchSize(0),
            () -> DataLoader.builder(texts(1), TEXT, Text.class).build(),
            () -> Buckets.of(4, 2),
            () -> Buckets.of(2).groupWithin(3),
            () -> Columns.<Integer>builder().weights("a").weights("a").build());
    for (var each : wrong) {
      assertThrows(DataException.class, each);
    }
  }

  @Test
  void aRowOfAnotherSizeIsRefusedWithItsRecord() {
    Columns<int[]> columns = Columns.<int[]>builder().ints("value", 3, row -> row).build();
    try (DataLoader<Silent> loader =
        DataLoader.builder(texts(3, 5), columns, Silent.class).batchSize(2).build()) {
      DataException e = assertThrows(DataException.class, () -> loader.iterator().next());
      assertEquals("record 1: column value takes 3 values a record, got 5", message(e));
    }
  }

  // ---- the device -------------------------------------------------------------------------------

  @Test
  void batchesAreOnTheDeviceBeforeTheStepAndFreedAfterIt() {
    EvaluatorBackend backend = new EvaluatorBackend();
    try (Device device = Device.on(backend)) {
      State sum = device.initialize(State.zeros(), "sum");
      long before = device.memoryUsage().liveBuffers();
      try (DataLoader<OnDevice> loader =
          DataLoader.builder(Batches.numbers(64), Batches.COLUMNS, OnDevice.class)
              .device(device)
              .batchSize(8)
              .build()) {
        for (OnDevice batch : loader) {
          try (Step step = device.trainingStep("sum")) {
            var values = batch.value().to(io.lazytensor.xla.ir.DType.F32).mul(batch.weight());
            sum.assign(sum.add(values.sum()));
            step.markStep();
          }
        }
        assertTrue(loader.statistics().uploadNanos() > 0);
      }
      assertEquals(63 * 64 / 2, sum.toFloats()[0]);
      assertEquals(before, device.memoryUsage().liveBuffers());
      assertEquals(1, device.report().graphs());
    }
  }
}
