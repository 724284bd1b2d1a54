package io.lazytensor.data.source;

import io.lazytensor.data.StreamDataset;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rows of a Parquet file in their order. */
record ParquetStream(ParquetFile file, String fingerprint) implements StreamDataset<DataRow> {
  ParquetStream(ParquetFile file) {
    this(file, StreamedTextFile.fingerprint(file.path(), "parquet " + file.columns()));
  }

  @Override
  public RecordStream<DataRow> open(long fromRecord) {
    ParquetFile.Rows rows = file.new Rows(Math.min(fromRecord, file.rows()), -1);
    return new RecordStream<>() {
      private @Nullable DataRow row;

      @Override
      public boolean advance() {
        row = rows.next();
        return row != null;
      }

      @Override
      public Entry<DataRow> entry() {
        DataRow current = current();
        return _ -> current;
      }

      @Override
      public String describe() {
        return current().where();
      }

      private DataRow current() {
        return Objects.requireNonNull(row, "advance() comes first");
      }

      @Override
      public void close() {
        rows.close();
      }
    };
  }
}
