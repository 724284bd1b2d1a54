package io.lazytensor.data;

import io.lazytensor.data.StreamDataset.RecordStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batches of a data set that is read in order, shuffled within windows. A window is read when the
 * first of its positions is asked for.
 */
final class StreamPlans<T> implements Plans<T> {
  private final Course course;
  private final int window;
  private final long seed;
  private final RecordStream<T> stream;
  private final List<BatchPlan.Planned<T>> held = new ArrayList<>();
  private Permutation order = new Permutation(1, 0);
  private long heldNumber;
  private long next;
  private boolean ended;

  /**
   * Opens the stream.
   *
   * @param window records shuffled together, 1 to keep their order
   */
  StreamPlans(StreamDataset<T> dataset, int window, long seed, Course course) {
    this.course = course;
    this.window = window;
    this.seed = seed;
    this.next = course.firstBatch();
    long first = next * course.globalBatch() / window;
    this.heldNumber = first - 1;
    this.stream = dataset.open(first * window);
  }

  @Override
  public @Nullable BatchPlan<T> next() {
    if (ended) {
      return null;
    }
    long batch = next++;
    long from = batch * course.globalBatch();
    List<BatchPlan.Planned<T>> records = new ArrayList<>(course.rows());
    long mine = course.from(batch);
    int i = 0;
    for (; i < course.globalBatch(); i++) {
      BatchPlan.Planned<T> record = at(from + i);
      if (record == null) {
        ended = true;
        break;
      }
      if (from + i >= mine && from + i < mine + course.rows()) {
        records.add(record);
      }
    }
    boolean whole = i == course.globalBatch();
    return whole || (i > 0 && course.tail() == Tail.PAD)
        ? new BatchPlan<>(batch, records, 0)
        : null;
  }

  private BatchPlan.@Nullable Planned<T> at(long position) {
    while (position / window > heldNumber) {
      read();
    }
    int within = (int) (position % window);
    return within < held.size() ? held.get((int) order.at(within)) : null;
  }

  private void read() {
    heldNumber++;
    held.clear();
    while (held.size() < window && stream.advance()) {
      String where = stream.describe();
      long number = heldNumber * window + held.size();
      held.add(new BatchPlan.Planned<>(stream.entry(), number, () -> where));
    }
    order = new Permutation(held.size(), Mix.hash(seed, course.epoch(), heldNumber));
  }

  @Override
  public void close() {
    stream.close();
  }
}
