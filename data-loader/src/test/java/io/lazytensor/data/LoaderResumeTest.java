package io.lazytensor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.Device;
import io.lazytensor.Input;
import io.lazytensor.PlainValue;
import io.lazytensor.Seed;
import io.lazytensor.State;
import io.lazytensor.StateException;
import io.lazytensor.Step;
import io.lazytensor.data.Batches.Numbers;
import io.lazytensor.xla.eval.EvaluatorBackend;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Positions: saved anywhere, they go on exactly there. */
class LoaderResumeTest {
  private static final int EPOCHS = 3;

  private static DataLoaderBuilder<Integer, Numbers> builder(boolean streamed, int size) {
    return (streamed
            ? DataLoader.builder(Batches.stream(size, -1), Batches.COLUMNS, Numbers.class)
            : Batches.loader(Batches.numbers(size)))
        .batchSize(4)
        .shuffle(Seed.of(9))
        .shuffleWindow(10)
        .tail(Tail.PAD);
  }

  private static List<List<Integer>> rest(DataLoader<Numbers> loader) {
    List<List<Integer>> out = new ArrayList<>();
    for (Epoch<Numbers> epoch : loader.epochs(EPOCHS)) {
      for (Numbers batch : epoch) {
        out.add(batch.values());
      }
    }
    return out;
  }

  /** Every index: before the first batch, after each, after the last of an epoch, at the end. */
  @Property(tries = 12, seed = "7")
  void aRunGoesOnExactlyWhereItWasSaved(
      @ForAll @IntRange(min = 4, max = 30) int size, @ForAll boolean streamed) {
    List<List<Integer>> whole;
    List<SequencedMap<String, PlainValue>> positions = new ArrayList<>();
    try (DataLoader<Numbers> loader = builder(streamed, size).workers(0).build()) {
      whole = new ArrayList<>();
      positions.add(loader.position());
      for (Epoch<Numbers> epoch : loader.epochs(EPOCHS)) {
        for (Numbers batch : epoch) {
          whole.add(batch.values());
          loader.trained();
          positions.add(loader.position());
        }
      }
    }
    for (int i = 0; i < positions.size(); i++) {
      try (DataLoader<Numbers> loader = builder(streamed, size).workers(i % 3).build()) {
        loader.resume(positions.get(i));
        assertEquals(whole.subList(i, whole.size()), rest(loader), "from batch " + i);
      }
    }
  }

  @Test
  void anotherNumberOfRanksGoesOnWithTheSameRecords() {
    SequencedMap<String, PlainValue> position;
    List<List<Integer>> whole;
    try (DataLoader<Numbers> loader = builder(false, 40).build()) {
      whole = rest(loader);
    }
    try (DataLoader<Numbers> loader = builder(false, 40).shard(1, 4).build()) {
      Iterator<Numbers> batches = loader.iterator();
      batches.next();
      batches.next();
      loader.trained();
      position = loader.position();
    }
    List<Integer> joined = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      try (DataLoader<Numbers> loader = builder(false, 40).shard(rank, 2).build()) {
        loader.resume(position);
        joined.addAll(loader.iterator().next().values());
      }
    }
    assertEquals(whole.get(2), joined);
  }

  @Test
  void whatWasReadAheadOrLeftIsNotTrained() {
    try (DataLoader<Numbers> loader = builder(false, 40).prefetch(8).build()) {
      Iterator<Numbers> batches = loader.iterator();
      assertEquals(0, loader.state().nextGlobalSample());
      Numbers first = batches.next();
      assertEquals(0, loader.state().nextGlobalSample());
      assertTrue(batches.hasNext());
      assertEquals(4, loader.state().nextGlobalSample());
      // The second was handed out and never trained, so the next loop gives it again.
      List<Integer> second = batches.next().values();
      assertEquals(second, loader.iterator().next().values());
      assertFalse(first.values().equals(second));
    }
  }

  record OnDevice(Input value, Input weight) {}

  @Test
  void aBatchThatACutUsedIsTrained() {
    try (Device device = Device.on(new EvaluatorBackend())) {
      State seen = device.initialize(State.zeros(), "seen");
      DataLoader<OnDevice> loader =
          DataLoader.builder(Batches.numbers(12), Batches.COLUMNS, OnDevice.class)
              .device(device)
              .batchSize(4)
              .build();
      List<Long> before = new ArrayList<>();
      List<String> after = new ArrayList<>();
      for (OnDevice batch : loader) {
        try (Step step = device.trainingStep("see")) {
          seen.assign(seen.add(batch.weight().sum()));
          before.add(loader.state().nextGlobalSample());
          step.markStep();
        }
        LoaderState state = loader.state();
        after.add(state.epoch() + ":" + state.nextGlobalSample());
      }
      assertEquals(List.of(0L, 4L, 8L), before);
      assertEquals(List.of("0:4", "0:8", "1:0"), after);
    }
  }

  @Test
  void otherDataBatchSeedOrOrderIsRefusedNamingAll() {
    LoaderState saved;
    try (DataLoader<Numbers> loader = builder(false, 40).build()) {
      Iterator<Numbers> batches = loader.iterator();
      batches.next();
      loader.trained();
      saved = loader.state();
    }
    try (DataLoader<Numbers> other =
        Batches.loader(Batches.numbers(41)).batchSize(8).shuffle(Seed.of(10)).build()) {
      StateException e = assertThrows(StateException.class, () -> other.restore(saved));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("data set was " + saved.datasetFingerprint()), message);
      assertTrue(message.contains("global batch was 4 and is 8"), message);
      assertTrue(message.contains("seed was 9 and is 10"), message);
      assertTrue(message.contains("order was shuffled, seed 9, tail PAD"), message);
      assertEquals(0, other.state().nextGlobalSample());
    }
  }

  @Test
  void damagedPositionsAreRefused() {
    try (DataLoader<Numbers> loader = builder(false, 40).build()) {
      SequencedMap<String, PlainValue> good = loader.position();
      assertEquals(loader.state(), LoaderState.of(good));
      for (String key : good.keySet()) {
        SequencedMap<String, PlainValue> missing = new LinkedHashMap<>(good);
        missing.remove(key);
        StateException e = assertThrows(StateException.class, () -> loader.resume(missing));
        assertTrue(String.valueOf(e.getMessage()).contains(key));
        SequencedMap<String, PlainValue> wrong = new LinkedHashMap<>(good);
        wrong.put(key, PlainValue.of(true));
        assertThrows(StateException.class, () -> loader.resume(wrong));
      }
      for (long impossible : new long[] {-4, 3}) {
        SequencedMap<String, PlainValue> wrong = new LinkedHashMap<>(good);
        wrong.put("nextGlobalSample", PlainValue.of(impossible));
        assertThrows(StateException.class, () -> loader.resume(wrong));
      }
      SequencedMap<String, PlainValue> later = new LinkedHashMap<>(good);
      later.put("version", PlainValue.of(2L));
      assertThrows(StateException.class, () -> loader.resume(later));
    }
  }
}
