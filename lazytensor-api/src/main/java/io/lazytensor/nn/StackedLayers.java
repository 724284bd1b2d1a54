package io.lazytensor.nn;

import io.lazytensor.Stored;
import io.lazytensor.Tensor;
import io.lazytensor.internal.record.Handle;
import io.lazytensor.internal.record.OpenRegions;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Layers of equal structure whose parameters are stacked, so that the first can stand for each.
 *
 * @param layers the layers
 * @param members those of the first that differ between layers
 * @param columns each member in all layers
 */
record StackedLayers<L extends Layer>(
    List<L> layers, List<Stored> members, List<List<Stored>> columns) {
  static <L extends Layer> StackedLayers<L> of(List<L> layers) {
    if (layers.isEmpty()) {
      throw new LayerException("scan takes at least one layer, got none");
    }
    L first = layers.getFirst();
    SequencedMap<String, Stored> names = first.namedMembers();
    List<SequencedMap<String, Stored>> all = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      requireSame(first, layers.get(i), i);
      all.add(requireSame(names, layers.get(i).namedMembers(), i));
    }
    List<Stored> members = new ArrayList<>();
    List<List<Stored>> columns = new ArrayList<>();
    for (String name : names.sequencedKeySet()) {
      List<Stored> column = all.stream().map(m -> Objects.requireNonNull(m.get(name))).toList();
      // A member all layers share is the same in each iteration as it is.
      boolean shared = column.stream().allMatch(m -> m == column.getFirst());
      boolean known = members.stream().anyMatch(m -> m == column.getFirst());
      if (!shared && !known) {
        members.add(column.getFirst());
        columns.add(column);
      }
    }
    return new StackedLayers<>(List.copyOf(layers), members, columns);
  }

  boolean isEmpty() {
    return members.isEmpty();
  }

  /** Returns the members' values, stacked along a first dimension. */
  List<Tensor> stacks() {
    List<Tensor> out = new ArrayList<>();
    for (List<Stored> column : columns) {
      out.add(F.stack(column, 0));
    }
    return out;
  }

  /** Runs with the first layer standing for the one whose members these are. */
  <T> T as(OpenRegions regions, List<Tensor> slices, Function<L, T> body) {
    List<Handle> before = new ArrayList<>();
    try {
      for (int i = 0; i < members.size(); i++) {
        before.add(regions.substitute(members.get(i), slices.get(i)));
      }
      return body.apply(layers.getFirst());
    } finally {
      for (int i = 0; i < before.size(); i++) {
        regions.restore(members.get(i), before.get(i));
      }
    }
  }

  private static SequencedMap<String, Stored> requireSame(
      SequencedMap<String, Stored> first, SequencedMap<String, Stored> other, int layer) {
    if (!List.copyOf(first.sequencedKeySet()).equals(List.copyOf(other.sequencedKeySet()))) {
      throw new LayerException(
          "scan: layer 0 has the members %s, layer %d %s. Layers in a scan must be alike."
              .formatted(first.keySet(), layer, other.keySet()));
    }
    first.forEach((name, member) -> {
      Stored theirs = Objects.requireNonNull(other.get(name));
      if (!member.shape().equals(theirs.shape())) {
        throw new LayerException(
            "scan: %s is %s in layer 0 and %s in layer %d. Layers in a scan must be alike."
                .formatted(name, member.shape(), theirs.shape(), layer));
      }
    });
    return other;
  }

  // ---- configuration ----------------------------------------------------------------------------

  private static void requireSame(Layer first, Layer other, int layer) {
    String difference = difference(first.getClass().getSimpleName(), first, other);
    if (difference != null) {
      throw new LayerException(
          "scan: layers 0 and %d differ in %s. Layers in a scan must be alike."
              .formatted(layer, difference));
    }
  }

  private static @Nullable String difference(String path, Object mine, Object theirs) {
    if (mine instanceof Stored && theirs instanceof Stored) {
      return null;
    }
    if (mine.getClass() != theirs.getClass() && !(mine instanceof List<?>)) {
      return path;
    }
    return switch (mine) {
      case List<?> list when theirs instanceof List<?> others -> {
        if (list.size() != others.size()) {
          yield path;
        }
        String found = null;
        for (int i = 0; found == null && i < list.size(); i++) {
          found = difference(path + "." + i, list.get(i), others.get(i));
        }
        yield found;
      }
      case Optional<?> optional when theirs instanceof Optional<?> others ->
          optional.isPresent() != others.isPresent()
              ? path
              : optional.isEmpty() ? null : difference(path, optional.get(), others.orElseThrow());
      case Layer layer when layer.getClass().isRecord() ->
          Arrays.stream(layer.getClass().getRecordComponents())
              .map(c -> componentDifference(path, c, layer, theirs))
              .filter(Objects::nonNull)
              .findFirst()
              .orElse(null);
      // Another class than a record says by its members alone what it is.
      case Layer _ -> null;
      default -> mine.equals(theirs) || mine instanceof java.util.Map ? null : path;
    };
  }

  private static @Nullable String componentDifference(
      String path, RecordComponent component, Object mine, Object theirs) {
    return difference(
        path + "." + component.getName(),
        Members.component(mine, component),
        Members.component(theirs, component));
  }
}
