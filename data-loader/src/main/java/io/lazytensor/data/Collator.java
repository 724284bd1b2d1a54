package io.lazytensor.data;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Reads the records of a batch and puts them into arrays. Used by several threads. */
final class Collator<T> {
  private final Columns<T> columns;
  private final @Nullable Buckets buckets;
  private final int rows;
  private final boolean skip;
  private final boolean keepRecords;
  private final long seed;
  private final long epoch;
  private final BooleanSupplier cancelled;

  /**
   * Creates a collator for one epoch.
   *
   * @param rows rows of each batch
   * @param skip whether records that fail are left out
   * @param keepRecords whether a batch shows its records
   * @param cancelled whether nobody waits for batches any more
   */
  Collator(
      Columns<T> columns,
      @Nullable Buckets buckets,
      int rows,
      boolean skip,
      boolean keepRecords,
      long seed,
      long epoch,
      BooleanSupplier cancelled) {
    this.columns = columns;
    this.buckets = buckets;
    this.rows = rows;
    this.skip = skip;
    this.keepRecords = keepRecords;
    this.seed = seed;
    this.epoch = epoch;
    this.cancelled = cancelled;
  }

  /** Returns the bytes of the largest batch. */
  static <T> long largest(Columns<T> columns, @Nullable Buckets buckets, int rows) {
    long bytes = 0;
    for (Columns.Column<T> column : columns.list()) {
      bytes +=
          switch (column) {
            case Columns.Fixed<T> fixed -> fixed.row().byteSize();
            case Columns.Weights<T> _ -> Float.BYTES;
            case Columns.Tokens<T> tokens -> {
              long length = tokens.length();
              if (length == 0 && buckets != null) {
                length = buckets.longest();
              }
              yield length * (Integer.BYTES + (tokens.mask() == null ? 0 : 1));
            }
          };
    }
    return bytes * rows;
  }

  /**
   * Makes a batch.
   *
   * @throws DataException if a record fails and none may be skipped
   * @throws CancellationException if nobody waits any more
   */
  HostBatch<T> collate(BatchPlan<T> plan) {
    Rows filled = new Rows(plan);
    for (BatchPlan.Planned<T> planned : plan.records()) {
      if (cancelled.getAsBoolean()) {
        throw new CancellationException();
      }
      filled.add(planned);
    }
    return filled.batch();
  }

  private static DataException failure(BatchPlan.Planned<?> planned, Throwable cause) {
    String where = planned.where().get();
    String message = String.valueOf(cause.getMessage());
    if (cause instanceof DataException && message.contains(where)) {
      return (DataException) cause;
    }
    return new DataException(
        where + ": " + (cause instanceof DataException ? message : cause.toString()), cause);
  }

  /** The rows of one batch as they fill. */
  private final class Rows {
    private final BatchPlan<T> plan;
    private final List<Object> fixed = new ArrayList<>();
    private final List<List<TokenIds>> tokens = new ArrayList<>();
    private final List<T> records = new ArrayList<>();
    private final List<DataException> failures = new ArrayList<>();

    Rows(BatchPlan<T> plan) {
      this.plan = plan;
      for (Columns.Column<T> column : columns.list()) {
        switch (column) {
          case Columns.Fixed<T>(_, ArrayShape row, _) -> {
            int count = Math.toIntExact(row.elementCount() * rows);
            fixed.add(row.dtype() == DType.F32 ? new float[count] : new int[count]);
          }
          case Columns.Tokens<T> _ -> tokens.add(new ArrayList<>());
          case Columns.Weights<T> _ -> {}
        }
      }
    }

    void add(BatchPlan.Planned<T> planned) {
      try {
        T record = planned.entry().read(new SplittableRandom(Mix.hash(seed, epoch, planned.key())));
        List<TokenIds> ids = write(record);
        for (int i = 0; i < ids.size(); i++) {
          tokens.get(i).add(ids.get(i));
        }
        records.add(record);
      } catch (Throwable e) { // nothing a data set throws may be lost
        DataException failure = failure(planned, e);
        if (!skip) {
          throw failure;
        }
        failures.add(failure);
      }
    }

    /** Writes the next row's fixed values and returns its tokens. */
    private List<TokenIds> write(T record) {
      List<TokenIds> ids = new ArrayList<>();
      int at = 0;
      for (Columns.Column<T> column : columns.list()) {
        switch (column) {
          case Columns.Fixed<T>(String name, ArrayShape row, Columns.RowWriter<T> writer) -> {
            int size = (int) row.elementCount();
            int got = writer.write(record, fixed.get(at++), records.size() * size);
            if (got != size) {
              throw new DataException(
                  "column %s takes %d values a record, got %d".formatted(name, size, got));
            }
          }
          case Columns.Tokens<T> known -> ids.add(checked(known, record));
          case Columns.Weights<T> _ -> {}
        }
      }
      return ids;
    }

    private TokenIds checked(Columns.Tokens<T> column, T record) {
      TokenIds ids = column.ids().apply(record);
      if (ids.length() == 0) {
        throw new DataException("column " + column.name() + " has no tokens");
      }
      if (column.length() == 0 && buckets != null) {
        if (ids.length() > buckets.longest() && buckets.refusesLonger()) {
          throw new DataException(
              "column %s has %d tokens, the last bucket holds %d"
                  .formatted(column.name(), ids.length(), buckets.longest()));
        }
        if (plan.length() != 0 && Math.min(ids.length(), buckets.longest()) > plan.length()) {
          throw new DataException(
              "column %s has %d tokens, more than lengths(…) said: the bucket holds %d"
                  .formatted(column.name(), ids.length(), plan.length()));
        }
      }
      return ids;
    }

    HostBatch<T> batch() {
      int bucket = bucket();
      boolean[] cut = new boolean[rows];
      List<HostBuffer> buffers = new ArrayList<>();
      int fixedAt = 0;
      int tokensAt = 0;
      for (Columns.Column<T> column : columns.list()) {
        switch (column) {
          case Columns.Fixed<T> known -> buffers.add(fixed(known.row(), fixed.get(fixedAt++)));
          case Columns.Weights<T> _ -> buffers.add(weights());
          case Columns.Tokens<T> known -> {
            int length = known.length() == 0 ? bucket : known.length();
            List<TokenIds> ids = tokens.get(tokensAt++);
            buffers.add(ids(ids, length, known.pad(), cut));
            if (known.mask() != null) {
              buffers.add(mask(ids, length));
            }
          }
        }
      }
      int truncated = 0;
      for (boolean one : cut) {
        truncated += one ? 1 : 0;
      }
      return new HostBatch<>(
          plan.number(),
          buffers,
          records.size(),
          keepRecords ? records : List.of(),
          failures,
          truncated);
    }

    private int bucket() {
      if (buckets == null || plan.length() != 0) {
        return plan.length();
      }
      int longest = 0;
      int at = 0;
      for (Columns.Column<T> column : columns.list()) {
        if (column instanceof Columns.Tokens<T> known) {
          List<TokenIds> ids = tokens.get(at++);
          for (int i = 0; known.length() == 0 && i < ids.size(); i++) {
            longest = Math.max(longest, ids.get(i).length());
          }
        }
      }
      return buckets.lengthFor(longest);
    }

    private HostBuffer fixed(ArrayShape row, Object values) {
      int[] dims = new int[row.rank() + 1];
      dims[0] = rows;
      for (int i = 0; i < row.rank(); i++) {
        dims[i + 1] = row.dim(i);
      }
      int used = Math.toIntExact(row.elementCount() * records.size());
      ArrayShape shape = ArrayShape.of(row.dtype(), dims);
      // A record that failed half-way may have left something behind the last row.
      if (values instanceof float[] floats) {
        Arrays.fill(floats, used, floats.length, 0);
        return new HostBuffer(shape, MemorySegment.ofArray(floats));
      }
      int[] ints = (int[]) values;
      Arrays.fill(ints, used, ints.length, 0);
      return new HostBuffer(shape, MemorySegment.ofArray(ints));
    }

    private HostBuffer weights() {
      float[] weights = new float[rows];
      Arrays.fill(weights, 0, records.size(), 1);
      return new HostBuffer(ArrayShape.of(DType.F32, rows), MemorySegment.ofArray(weights));
    }

    private HostBuffer ids(List<TokenIds> ids, int length, int pad, boolean[] cut) {
      int[] out = new int[Math.multiplyExact(rows, length)];
      for (int row = 0; row < rows; row++) {
        int used = 0;
        if (row < ids.size()) {
          TokenIds tokens = ids.get(row);
          used = Math.min(length, tokens.length());
          System.arraycopy(tokens.ids(), 0, out, row * length, used);
          cut[row] |= tokens.truncated() || tokens.length() > length;
        }
        Arrays.fill(out, row * length + used, (row + 1) * length, pad);
      }
      return new HostBuffer(ArrayShape.of(DType.S32, rows, length), MemorySegment.ofArray(out));
    }

    private HostBuffer mask(List<TokenIds> ids, int length) {
      byte[] out = new byte[Math.multiplyExact(rows, length)];
      for (int row = 0; row < rows; row++) {
        int used = row < ids.size() ? Math.min(length, ids.get(row).length()) : 1;
        Arrays.fill(out, row * length, row * length + used, (byte) 1);
      }
      return new HostBuffer(ArrayShape.of(DType.PRED, rows, length), MemorySegment.ofArray(out));
    }
  }
}
