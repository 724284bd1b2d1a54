package io.lazytensor.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.data.Batches.Numbers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Records that fail, loops that are left, threads that have to end. */
class LoaderFailureTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** The threads that read records of a data set. */
  private final Set<Thread> readers = ConcurrentHashMap.newKeySet();

  private Dataset<Integer> watched(int count) {
    return Batches.numbers(count)
        .map(i -> {
          readers.add(Thread.currentThread());
          return i;
        });
  }

  private static Dataset<Integer> failingAt(int count, int... bad) {
    Set<Integer> fails = ConcurrentHashMap.newKeySet();
    for (int i : bad) {
      fails.add(i);
    }
    return Batches.numbers(count)
        .map(i -> {
          if (fails.contains(i)) {
            throw new IllegalStateException("no picture in it");
          }
          return i;
        });
  }

  private static void await(BooleanSupplier condition) {
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          while (!condition.getAsBoolean()) {
            Thread.sleep(2);
          }
        });
  }

  private boolean readersEnded() {
    return readers.stream().noneMatch(Thread::isAlive);
  }

  // ---- errors -----------------------------------------------------------------------------------

  @Test
  void anErrorComesAtItsPlaceInTheOrderWithItsRecord() {
    for (int workers = 0; workers <= 4; workers += 2) {
      try (DataLoader<Numbers> loader =
          Batches.loader(failingAt(40, 21)).batchSize(4).workers(workers).build()) {
        List<Integer> seen = new ArrayList<>();
        Iterator<Numbers> batches = loader.iterator();
        DataException e =
            assertThrows(
                DataException.class,
                () -> {
                  while (batches.hasNext()) {
                    seen.addAll(batches.next().values());
                  }
                });
        assertEquals(
            "record 21: java.lang.IllegalStateException: no picture in it", e.getMessage());
        assertEquals(20, seen.size());
        assertSame(e, assertThrows(DataException.class, batches::hasNext));
        assertEquals(20, loader.state().nextGlobalSample());
      }
    }
  }

  @Test
  void errorsOfTheJvmAreToldToo() {
    Dataset<Integer> deep =
        Batches.numbers(8)
            .map(i -> {
              throw new StackOverflowError("nested too deeply");
            });
    try (DataLoader<Numbers> loader = Batches.loader(deep).batchSize(4).build()) {
      DataException e = assertThrows(DataException.class, () -> loader.iterator().next());
      assertEquals("record 0: java.lang.StackOverflowError: nested too deeply", e.getMessage());
    }
  }

  @Test
  void recordsThatFailAreLeftOutUpToALimit() {
    for (int workers = 0; workers <= 2; workers += 2) {
      try (DataLoader<Numbers> loader =
          Batches.loader(failingAt(12, 1, 2, 9))
              .batchSize(4)
              .workers(workers)
              .skipErrors(3)
              .build()) {
        List<Numbers> batches = new ArrayList<>();
        loader.forEach(batches::add);
        assertEquals(List.of(0, 3), batches.get(0).values());
        assertEquals(List.of(0, 3, 0, 0), Batches.ints(batches.get(0).value()));
        assertEquals(List.of(1f, 1f, 0f, 0f), Batches.floats(batches.get(0).weight()));
        assertEquals(List.of(8, 10, 11), batches.get(2).values());
        assertEquals(3, loader.statistics().skipped());
        assertEquals(9, loader.statistics().rows());
      }
    }
  }

  @Test
  void oneMoreThanTheLimitIsAnError() {
    try (DataLoader<Numbers> loader =
        Batches.loader(failingAt(12, 1, 2, 9)).batchSize(4).skipErrors(2).build()) {
      List<Integer> seen = new ArrayList<>();
      DataException e =
          assertThrows(
              DataException.class, () -> loader.forEach(batch -> seen.addAll(batch.values())));
      assertTrue(String.valueOf(e.getMessage()).contains("record 9"), e.getMessage());
      assertTrue(String.valueOf(e.getMessage()).contains("skipErrors allows 2"), e.getMessage());
      assertEquals(List.of(0, 3, 4, 5, 6, 7), seen);
    }
  }

  @Test
  void aStreamThatBreaksTellsItAfterWhatItGave() {
    try (DataLoader<Numbers> loader =
        DataLoader.builder(Batches.stream(100, 10), Batches.COLUMNS, Numbers.class)
            .batchSize(4)
            .workers(2)
            .skipErrors(50)
            .build()) {
      List<Integer> seen = new ArrayList<>();
      DataException e =
          assertThrows(
              DataException.class, () -> loader.forEach(batch -> seen.addAll(batch.values())));
      assertEquals("the disk is gone at record 10", e.getMessage());
      assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7), seen);
    }
  }

  // ---- ends -------------------------------------------------------------------------------------

  @Test
  void threadsEndWithTheEpoch() {
    try (DataLoader<Numbers> loader =
        Batches.loader(watched(100)).batchSize(4).workers(3).build()) {
      assertEquals(25, Batches.epoch(loader).size());
      assertFalse(readers.isEmpty());
      assertTrue(readersEnded());
    }
  }

  @Test
  void leavingALoopEarlyAndBeginningAnotherEndsTheThreadsOfTheFirst() {
    try (DataLoader<Numbers> loader =
        Batches.loader(watched(1_000)).batchSize(2).workers(3).build()) {
      for (int i = 0; i < 20; i++) {
        for (Numbers batch : loader.epoch(i)) {
          if (batch.values().contains(6)) {
            break;
          }
        }
      }
      loader.close();
      assertTrue(readersEnded());
      assertThrows(DataException.class, loader::iterator);
    }
  }

  @Test
  void closingDoesNotHangWhileThreadsWorkOrWait() {
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          for (int i = 0; i < 30; i++) {
            try (DataLoader<Numbers> loader =
                Batches.loader(watched(10_000)).batchSize(8).workers(4).prefetch(2).build()) {
              Iterator<Numbers> batches = loader.iterator();
              for (int b = 0; b < i % 5; b++) {
                batches.next();
              }
            }
            assertTrue(readersEnded());
          }
        });
  }

  @Test
  void aBlockedReaderIsInterrupted() {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger interrupted = new AtomicInteger();
    Dataset<Integer> blocked =
        watched(8)
            .map(i -> {
              try {
                never.await();
              } catch (InterruptedException e) {
                interrupted.incrementAndGet();
                Thread.currentThread().interrupt();
              }
              return i;
            });
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          DataLoader<Numbers> loader = Batches.loader(blocked).batchSize(4).workers(1).build();
          Epoch<Numbers> epoch = loader.remaining();
          await(() -> !readers.isEmpty());
          epoch.close();
        });
    await(this::readersEnded);
    assertEquals(1, interrupted.get());
  }

  @Test
  void closingFromAnotherThreadWakesTheProgram() throws InterruptedException {
    CountDownLatch gate = new CountDownLatch(1);
    Dataset<Integer> slow =
        watched(8)
            .map(i -> {
              try {
                gate.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return i;
            });
    DataLoader<Numbers> loader = Batches.loader(slow).batchSize(4).workers(1).build();
    Thread other =
        Thread.ofPlatform()
            .start(() -> {
              await(() -> !readers.isEmpty());
              loader.close();
            });
    DataException e =
        assertTimeoutPreemptively(
            LIMIT, () -> assertThrows(DataException.class, () -> loader.iterator().next()));
    gate.countDown();
    other.join();
    assertTrue(String.valueOf(e.getMessage()).contains("closed"), e.getMessage());
  }

  @Test
  void anInterruptedProgramIsTold() {
    Thread.currentThread().interrupt();
    try (DataLoader<Numbers> loader =
        Batches.loader(
                watched(8)
                    .map(i -> {
                      java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
                      return i;
                    }))
            .batchSize(4)
            .build()) {
      DataException e = assertThrows(DataException.class, () -> loader.iterator().next());
      assertEquals("interrupted while waiting for a batch", e.getMessage());
    }
    assertTrue(Thread.interrupted());
  }

  @Test
  void aLoaderNobodyReachesLetsItsThreadsGo() {
    leaveOne();
    await(() -> {
      System.gc();
      return readersEnded();
    });
  }

  private void leaveOne() {
    DataLoader<Numbers> loader = Batches.loader(watched(100)).batchSize(2).workers(2).build();
    assertEquals(List.of(0, 1), loader.iterator().next().values());
    await(() -> !readers.isEmpty());
  }

  // ---- bounds -----------------------------------------------------------------------------------

  @Test
  void threadsDoNotRunFurtherAheadThanTheBound() {
    // A batch is 4 rows of an int and a float: 32 bytes.
    for (int[] bound : new int[][] {{3, 1 << 20, 4}, {100, 70, 2}, {100, 1, 1}}) {
      AtomicInteger read = new AtomicInteger();
      Dataset<Integer> counted =
          Batches.numbers(400)
              .map(i -> {
                read.incrementAndGet();
                return i;
              });
      try (DataLoader<Numbers> loader =
          Batches.loader(counted)
              .batchSize(4)
              .workers(4)
              .prefetch(bound[0])
              .devicePrefetch(1)
              .prefetchBytes(bound[1])
              .build()) {
        int taken = 0;
        for (Numbers batch : loader) {
          assertEquals(taken * 4, batch.values().getFirst());
          taken++;
          assertTrue(read.get() <= (taken + bound[2]) * 4, read + " records, " + taken + " taken");
        }
        assertEquals(100, taken);
      }
    }
  }
}
