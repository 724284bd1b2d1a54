package io.lazytensor.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.Function;

/** Pickles, numbers and raw data one behind the other, as PyTorch wrote before it used zip. */
final class PickleStream {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment source;
  private final String name;
  private long at;

  /**
   * Creates a stream.
   *
   * @param name what the messages call it
   */
  PickleStream(MemorySegment source, String name) {
    this.source = source;
    this.name = name;
  }

  /** Reads a pickle without persistent ids. */
  CheckpointValue next() {
    return next(id -> {
      throw new CheckpointException("a pickle without tensors has a persistent id");
    });
  }

  /** Reads a pickle. */
  CheckpointValue next(Function<CheckpointValue, ? extends CheckpointValue> references) {
    PickleInput input = new PickleInput(source.asSlice(at));
    CheckpointValue value = new Unpickler(input, Constructors.LIST, references).readFirst();
    at += input.position();
    return value;
  }

  int int32() {
    require(Integer.BYTES);
    at += Integer.BYTES;
    return source.get(INT, at - Integer.BYTES);
  }

  long int64() {
    require(Long.BYTES);
    at += Long.BYTES;
    return source.get(LONG, at - Long.BYTES);
  }

  /** Returns the next bytes, where they lie. */
  MemorySegment take(long count) {
    require(count);
    at += count;
    return source.asSlice(at - count, count);
  }

  private void require(long count) {
    if (count > source.byteSize() - at) {
      throw new CheckpointException(
          "%s ends at byte %d, where %d more are wanted: it is cut off"
              .formatted(name, source.byteSize(), count));
    }
  }

  /** Refuses bytes that nothing has read. */
  void requireEnd() {
    if (at != source.byteSize()) {
      throw new CheckpointException(
          "%d bytes follow the last data of %s".formatted(source.byteSize() - at, name));
    }
  }
}
