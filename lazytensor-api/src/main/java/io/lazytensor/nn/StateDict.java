package io.lazytensor.nn;

import io.lazytensor.Stored;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.runtime.HostBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

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

  // ---- renaming ---------------------------------------------------------------------------------

  /**
   * Returns the same tensors under other names.
   *
   * @throws LayerException if two get the same name
   */
  public StateDict renamed(UnaryOperator<String> newName) {
    SequencedMap<String, Entry> out = new LinkedHashMap<>();
    entries.forEach((name, entry) -> {
      String other = newName.apply(name);
      if (out.put(other, entry) != null) {
        throw new LayerException("two tensors would be named \"" + other + "\"");
      }
    });
    return new StateDict(out);
  }

  /**
   * Returns the same tensors without a prefix of their names, where they have it: {@code module.}
   * of a model that was trained in parallel, {@code _orig_mod.} of a compiled one.
   *
   * @throws LayerException if two get the same name
   */
  public StateDict withoutPrefix(String prefix) {
    return renamed(name -> name.startsWith(prefix) ? name.substring(prefix.length()) : name);
  }

  /** Returns the same tensors with a prefix before their names. */
  public StateDict withPrefix(String prefix) {
    return renamed(prefix::concat);
  }

  // ---- fitting a model --------------------------------------------------------------------------

  /**
   * Checks that this fits a model, and reports everything that does not at once.
   *
   * @throws LayerException naming what is missing, what is left over, and what has another shape
   * @throws ShapeException if names fit and only shapes or types do not
   */
  public void requireFits(Map<String, Stored> model, LoadOptions options) {
    Set<String> missing = new LinkedHashSet<>(model.keySet());
    missing.removeAll(entries.keySet());
    Set<String> extra = new LinkedHashSet<>(entries.keySet());
    extra.removeAll(model.keySet());
    List<String> mismatched = mismatched(model, options);
    if (options.strict() && !(missing.isEmpty() && extra.isEmpty())) {
      String shapes = mismatched.isEmpty() ? "" : ". Besides, " + String.join("; ", mismatched);
      throw new LayerException(
          "the state dict does not fit the model: missing %s, unexpected %s%s. Nothing was loaded."
              .formatted(abridged(missing), abridged(extra), shapes));
    }
    if (!mismatched.isEmpty()) {
      throw new ShapeException(String.join("; ", mismatched) + ". Nothing was loaded.");
    }
  }

  private List<String> mismatched(Map<String, Stored> model, LoadOptions options) {
    List<String> out = new ArrayList<>();
    model.forEach((name, member) -> {
      Entry entry = entries.get(name);
      if (entry == null) {
        return;
      }
      ArrayShape wanted = member.shape();
      ArrayShape found = entry.shape();
      boolean fits = options.convert() ? found.dims().equals(wanted.dims()) : found.equals(wanted);
      if (!fits) {
        String hint =
            found.dims().equals(wanted.dims())
                ? " (LoadOptions.STRICT.convert(true) converts)"
                : "";
        out.add(
            "the model's %s is %s, the state dict has %s%s".formatted(name, wanted, found, hint));
      }
    });
    return out;
  }

  /**
   * Returns one tensor's data as an element type, rounded as HLO's {@code convert} does.
   *
   * @throws LayerException if there is none of this name
   */
  public HostBuffer toHost(String name, DType dtype) {
    HostBuffer data = toHost(name);
    return data.shape().dtype() == dtype ? data : Conversion.convert(data, dtype);
  }

  private static String abridged(Set<String> names) {
    if (names.size() <= 8) {
      return names.toString();
    }
    return names.stream().limit(8).toList() + " and " + (names.size() - 8) + " more";
  }
}
