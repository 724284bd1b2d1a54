package io.lazytensor.data;

import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A batch type on the host, and what tests read from it. */
final class Batches {
  /** Numbers, which of them count, and what a transform drew. */
  record Numbers(HostBuffer value, HostBuffer weight, int rows) {
    List<Integer> values() {
      return ints(value).subList(0, rows);
    }
  }

  static final Columns<Integer> COLUMNS =
      Columns.<Integer>builder().ints("value", Integer::intValue).weights("weight").build();

  private Batches() {}

  static Dataset<Integer> numbers(int count) {
    return Dataset.of(IntStream.range(0, count).boxed().toList());
  }

  static DataLoaderBuilder<Integer, Numbers> loader(Dataset<Integer> dataset) {
    return DataLoader.builder(dataset, COLUMNS, Numbers.class).prefetch(3);
  }

  static List<Integer> ints(HostBuffer buffer) {
    List<Integer> out = new ArrayList<>();
    for (int value : buffer.data().toArray(ValueLayout.JAVA_INT)) {
      out.add(value);
    }
    return out;
  }

  static List<Float> floats(HostBuffer buffer) {
    List<Float> out = new ArrayList<>();
    for (float value : buffer.data().toArray(ValueLayout.JAVA_FLOAT)) {
      out.add(value);
    }
    return out;
  }

  /** Runs an epoch and returns the values of its rows that count, batch by batch. */
  static List<List<Integer>> epoch(DataLoader<Numbers> loader) {
    List<List<Integer>> out = new ArrayList<>();
    for (Numbers batch : loader) {
      out.add(batch.values());
    }
    return out;
  }

  static List<Integer> flat(List<List<Integer>> batches) {
    return batches.stream().flatMap(List::stream).toList();
  }

  /** Numbers read in order, of which reading record {@code failsAt} ends everything. */
  static StreamDataset<Integer> stream(int count, int failsAt) {
    return new StreamDataset<>() {
      @Override
      public RecordStream<Integer> open(long fromRecord) {
        return new RecordStream<>() {
          private int at = (int) fromRecord - 1;

          @Override
          public boolean advance() {
            if (++at == failsAt) {
              throw new DataException("the disk is gone at record " + at);
            }
            return at < count;
          }

          @Override
          public Entry<Integer> entry() {
            int value = at;
            return _ -> value;
          }

          @Override
          public String describe() {
            return "number " + at;
          }

          @Override
          public void close() {}
        };
      }

      @Override
      public String fingerprint() {
        return "numbers:" + count;
      }
    };
  }
}
