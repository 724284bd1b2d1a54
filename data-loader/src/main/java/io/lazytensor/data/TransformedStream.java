package io.lazytensor.data;

/** What a transform makes of each record of a stream. */
record TransformedStream<T, R>(
    StreamDataset.RecordStream<T> source, Transform<? super T, ? extends R> transform)
    implements StreamDataset.RecordStream<R> {
  @Override
  public boolean advance() {
    return source.advance();
  }

  @Override
  public Entry<R> entry() {
    Entry<T> entry = source.entry();
    return random -> transform.apply(entry.read(random), random);
  }

  @Override
  public String describe() {
    return source.describe();
  }

  @Override
  public void close() {
    source.close();
  }
}
