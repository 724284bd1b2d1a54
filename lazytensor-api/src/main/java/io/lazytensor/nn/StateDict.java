package io.lazytensor.nn;

import io.lazytensor.Stored;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Tensors by name, in order. Shapes are known at once; data is read one tensor at a time, when it
 * is asked for. Names that share storage share their {@link Entry}.
 */
public final class StateDict {
  /**
   * One tensor.
   *
   * @param shape element type and dimension sizes
   * @param data reads it
   */
  public record Entry(ArrayShape shape, Supplier<HostBuffer> data) {}

  private final SequencedMap<String, Entry> entries;

  /** Creates a state dict of entries, in their order. */
  public StateDict(SequencedMap<String, Entry> entries) {
    this.entries = new LinkedHashMap<>(entries);
  }

  static StateDict of(Layer layer) {
    Map<Stored, Entry> shared = new IdentityHashMap<>();
    SequencedMap<String, Entry> entries = new LinkedHashMap<>();
    layer
        .namedMembers()
        .forEach((name, member) ->
            entries.put(
                name, shared.computeIfAbsent(member, key -> new Entry(key.shape(), key::toHost))));
    return new StateDict(entries);
  }

  /** Returns a state dict of data on the host. */
  public static StateDict ofHost(SequencedMap<String, HostBuffer> values) {
    SequencedMap<String, Entry> entries = new LinkedHashMap<>();
    values.forEach((name, value) -> entries.put(name, new Entry(value.shape(), () -> value)));
    return new StateDict(entries);
  }

  /** Returns all tensors by name. */
  public SequencedMap<String, Entry> entries() {
    return java.util.Collections.unmodifiableSequencedMap(entries);
  }

  /** Returns a copy whose data is on the host, independent of the model. */
  public StateDict toHost() {
    Map<Entry, Entry> shared = new IdentityHashMap<>();
    SequencedMap<String, Entry> copy = new LinkedHashMap<>();
    entries.forEach((name, entry) ->
        copy.put(
            name,
            shared.computeIfAbsent(
                entry,
                key -> {
                  HostBuffer data = key.data().get();
                  return new Entry(key.shape(), () -> data);
                })));
    return new StateDict(copy);
  }

  /**
   * Returns one tensor's data.
   *
   * @throws LayerException if there is none of this name
   */
  public HostBuffer toHost(String name) {
    return entry(name).data().get();
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new LayerException(
          "the state dict has no \"" + name + "\"; it has " + abridged(entries.keySet()));
    }
    return entry;
  }

  /**
   * Checks that the names are those of a model.
   *
   * @throws LayerException naming what is missing and what is left over
   */
  public void requireSameNames(Map<String, Stored> model) {
    Set<String> missing = new LinkedHashSet<>(model.keySet());
    missing.removeAll(entries.keySet());
    Set<String> extra = new LinkedHashSet<>(entries.keySet());
    extra.removeAll(model.keySet());
    if (!missing.isEmpty() || !extra.isEmpty()) {
      throw new LayerException(
          "the state dict does not fit the model: missing %s, unexpected %s. Nothing was loaded."
              .formatted(abridged(missing), abridged(extra)));
    }
  }

  /**
   * Checks one tensor's shape.
   *
   * @throws ShapeException if it differs
   */
  public void requireShape(String name, ArrayShape shape) {
    ArrayShape found = entry(name).shape();
    if (!found.equals(shape)) {
      throw new ShapeException(
          "the model's %s is %s, the state dict has %s. Nothing was loaded."
              .formatted(name, shape, found));
    }
  }

  private static String abridged(Set<String> names) {
    if (names.size() <= 8) {
      return names.toString();
    }
    return names.stream().limit(8).toList() + " and " + (names.size() - 8) + " more";
  }
}
