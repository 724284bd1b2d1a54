package io.lazytensor.nn;

import io.lazytensor.Parameter;
import io.lazytensor.Stored;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Walks the tree of a layer's parts. */
final class Members {
  private static final Set<String> CONTRACT =
      Set.of(
          "members", "namedMembers", "uniqueMembers", "namedParameters", "parameters", "stateDict");

  private Members() {}

  // ---- from record components -------------------------------------------------------------------

  static SequencedMap<String, Object> ofRecord(Layer layer) {
    Class<?> type = layer.getClass();
    if (!type.isRecord()) {
      throw new LayerException(
          type.getName() + " is no record, so its parts are not known. Override members().");
    }
    SequencedMap<String, Object> out = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Name annotation = component.getAnnotation(Name.class);
      String name = annotation == null ? component.getName() : annotation.value();
      Object value = read(layer, component);
      String where = type.getSimpleName() + "." + component.getName();
      if (CONTRACT.contains(component.getName())) {
        throw new LayerException(
            where
                + " hides the method of Layer of that name. Rename the component and keep the"
                + " state dict's key with @Name(\""
                + component.getName()
                + "\").");
      }
      if (name.isEmpty() || name.contains(".")) {
        throw new LayerException(where + " is named \"" + name + "\"; a name has no dots.");
      }
      if (!isConfiguration(where, value)) {
        if (out.put(name, value) != null) {
          throw new LayerException(where + ": two components are named \"" + name + "\".");
        }
      }
    }
    return out;
  }

  /** Returns the value of a record's component, which {@link #ofRecord} found to be there. */
  static Object component(Object owner, RecordComponent component) {
    return present(component.getName(), read(owner, component));
  }

  private static @Nullable Object read(Object owner, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(owner);
    } catch (InvocationTargetException e) {
      throw new LayerException("reading " + component + " failed: " + e.getCause());
    } catch (IllegalAccessException | java.lang.reflect.InaccessibleObjectException e) {
      Class<?> type = owner.getClass();
      throw new LayerException(
          "%s cannot be read: add \"opens %s to io.lazytensor;\" to the module-info of %s."
              .formatted(type.getName(), type.getPackageName(), type.getModule().getName()));
    }
  }

  private static boolean isConfiguration(String where, @Nullable Object value) {
    return switch (value) {
      case null ->
          throw new LayerException(where + " is null. Use Optional for a part that may be absent.");
      case Stored _, Layer _, Optional<?> _ -> false;
      case List<?> list -> !list.isEmpty() && list.stream().allMatch(Members::isSetting);
      case SequencedMap<?, ?> _ -> false;
      case Map<?, ?> _ ->
          throw new LayerException(
              where
                  + " is a map without an order, in which processes would disagree. Use a"
                  + " LinkedHashMap or another SequencedMap.");
      default -> {
        if (isSetting(value)) {
          yield true;
        }
        throw new LayerException(
            "%s is a %s, which is no part a layer may hold: a Parameter, State, Layer, a List,"
                    .formatted(where, value.getClass().getTypeName())
                + " SequencedMap or Optional of them, or a number, boolean, string, enum or record"
                + " of these.");
      }
    };
  }

  private static boolean isSetting(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Number _, Boolean _, Character _, String _, Enum<?> _ -> true;
      case Stored _, Layer _ -> false;
      case Record record -> isTensorFree(record);
      case List<?> list -> list.stream().allMatch(Members::isSetting);
      case Optional<?> optional -> optional.map(Members::isSetting).orElse(true);
      default -> false;
    };
  }

  private static boolean isTensorFree(Record record) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      if (!isSetting(read(record, component))) {
        return false;
      }
    }
    return true;
  }

  // ---- the whole tree ---------------------------------------------------------------------------

  static SequencedMap<String, Stored> named(Layer layer) {
    SequencedMap<String, Stored> out = new LinkedHashMap<>();
    Set<Object> path = Collections.newSetFromMap(new IdentityHashMap<>());
    walk("", layer, out, path);
    return out;
  }

  private static void walk(String prefix, Object part, Map<String, Stored> out, Set<Object> path) {
    switch (part) {
      case Stored stored -> {
        if (out.put(prefix, stored) != null) {
          throw new LayerException("two parts are named \"" + prefix + "\".");
        }
      }
      case Layer layer -> {
        if (!path.add(layer)) {
          throw new LayerException(
              "\"" + prefix + "\" (" + layer.getClass().getName() + ") contains itself.");
        }
        layer.members().forEach((name, member) -> walk(join(prefix, name), member, out, path));
        path.remove(layer);
      }
      case Optional<?> optional -> optional.ifPresent(value -> walk(prefix, value, out, path));
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) {
          walk(join(prefix, Integer.toString(i)), present(prefix, list.get(i)), out, path);
        }
      }
      case SequencedMap<?, ?> map ->
          map.forEach((key, value) -> {
            if (!(key instanceof String name) || name.isEmpty()) {
              throw new LayerException(
                  "\"" + prefix + "\" has the key " + key + "; keys are non-empty strings.");
            }
            walk(join(prefix, name), present(prefix, value), out, path);
          });
      default ->
          throw new LayerException(
              "\"%s\" is a %s, which is no part a layer may hold."
                  .formatted(prefix, part.getClass().getTypeName()));
    }
  }

  private static Object present(String prefix, @Nullable Object value) {
    if (value == null) {
      throw new LayerException("\"" + prefix + "\" holds null.");
    }
    return value;
  }

  private static String join(String prefix, String name) {
    return prefix.isEmpty() ? name : prefix + "." + name;
  }

  static SequencedMap<String, Stored> unique(Layer layer) {
    SequencedMap<String, Stored> out = new LinkedHashMap<>();
    Set<Stored> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    named(layer)
        .forEach((name, member) -> {
          if (seen.add(member)) {
            out.put(name, member);
          }
        });
    return out;
  }

  static SequencedMap<String, Parameter> parameters(Layer layer) {
    SequencedMap<String, Parameter> out = new LinkedHashMap<>();
    unique(layer)
        .forEach((name, member) -> {
          if (member instanceof Parameter parameter) {
            out.put(name, parameter);
          }
        });
    return out;
  }
}
