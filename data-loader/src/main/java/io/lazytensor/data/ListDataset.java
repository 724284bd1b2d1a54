package io.lazytensor.data;

import java.lang.reflect.RecordComponent;
import java.util.List;

/** The records of a list. */
final class ListDataset<T> implements Dataset<T> {
  private final List<T> records;
  private final String fingerprint;

  ListDataset(List<T> records) {
    this.records = records;
    this.fingerprint = fingerprint(records);
  }

  private static String fingerprint(List<?> records) {
    Fingerprint out = Fingerprint.of("list").add(records.size());
    for (Object record : records) {
      if (hasContent(record)) {
        out.add(record.toString());
      }
    }
    return out.toString();
  }

  /** The text of other objects may hold an address, which differs between processes. */
  private static boolean hasContent(Object record) {
    if (record instanceof Record) {
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        Class<?> type = component.getType();
        if (!type.isPrimitive() && type != String.class && !Number.class.isAssignableFrom(type)) {
          return false;
        }
      }
      return true;
    }
    return record instanceof String || record instanceof Number;
  }

  @Override
  public long size() {
    return records.size();
  }

  @Override
  public T get(long index) {
    return records.get(Math.toIntExact(index));
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }
}
