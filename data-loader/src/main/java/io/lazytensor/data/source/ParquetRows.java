package io.lazytensor.data.source;

import io.lazytensor.data.DataException;
import io.lazytensor.data.Dataset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Rows of a Parquet file in any order: whole row groups are read and the latest ones kept. */
final class ParquetRows implements Dataset<DataRow> {
  private static final int GROUPS_KEPT = 8;

  private final ParquetFile file;
  private final String fingerprint;
  private final Map<Integer, FutureTask<List<DataRow>>> groups =
      new LinkedHashMap<>(16, 0.75f, true);

  ParquetRows(ParquetFile file) {
    this.file = file;
    // Row groups are far apart, but the footer at the end has their statistics.
    this.fingerprint = StreamedTextFile.fingerprint(file.path(), "parquet " + file.columns());
  }

  @Override
  public long size() {
    return file.rows();
  }

  @Override
  public DataRow get(long index) {
    int group = file.groupOf(checked(index));
    return group(group).get(Math.toIntExact(index - file.starts()[group]));
  }

  private long checked(long index) {
    if (index < 0 || index >= size()) {
      throw new DataException(
          "record %d is out of range: %s has %d".formatted(index, file.path(), size()));
    }
    return index;
  }

  private List<DataRow> group(int group) {
    FutureTask<List<DataRow>> task;
    synchronized (groups) {
      task = groups.computeIfAbsent(group, _ -> new FutureTask<>(() -> read(group)));
      if (groups.size() > GROUPS_KEPT) {
        groups.remove(groups.keySet().iterator().next());
      }
    }
    task.run();
    try {
      return task.get();
    } catch (ExecutionException e) {
      synchronized (groups) {
        groups.remove(group, task);
      }
      throw ParquetFile.failed(file.path(), e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DataException(file.path() + ": interrupted while a row group is read", e);
    }
  }

  private List<DataRow> read(int group) {
    long from = file.starts()[group];
    long count = file.starts()[group + 1] - from;
    List<DataRow> out = new ArrayList<>(Math.toIntExact(count));
    try (ParquetFile.Rows rows = file.new Rows(from, count)) {
      for (DataRow row = rows.next(); row != null; row = rows.next()) {
        out.add(row);
      }
    }
    if (out.size() != count) {
      throw new DataException(
          "%s: row group %d declares %d rows and has %d"
              .formatted(file.path(), group, count, out.size()));
    }
    return out;
  }

  @Override
  public String describe(long index) {
    return file.where(index);
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }
}
