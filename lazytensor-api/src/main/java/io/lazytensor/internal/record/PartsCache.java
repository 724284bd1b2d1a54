package io.lazytensor.internal.record;

import java.lang.ref.WeakReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Remembers what was computed from the few objects used last, without keeping them alive. */
final class PartsCache {
  private static final int SIZE = 4;

  private record Entry(WeakReference<Object> owner, Object parts) {}

  private final @Nullable Entry[] entries = new @Nullable Entry[SIZE];
  private int next;

  @SuppressWarnings("unchecked") // one owner is always asked for parts of one kind
  <O, P> P get(O owner, Function<? super O, P> compute) {
    for (Entry entry : entries) {
      if (entry != null && entry.owner.refersTo(owner)) {
        return (P) entry.parts;
      }
    }
    P parts = compute.apply(owner);
    entries[next] = new Entry(new WeakReference<>(owner), parts);
    next = (next + 1) % SIZE;
    return parts;
  }
}
