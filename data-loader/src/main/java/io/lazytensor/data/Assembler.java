package io.lazytensor.data;

import io.lazytensor.Device;
import io.lazytensor.Input;
import io.lazytensor.xla.runtime.HostBuffer;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the user's batch record of a batch's tensors. */
final class Assembler<B> {
  /** What a component of the record is given. */
  private sealed interface Part {
    record OnDevice(int buffer) implements Part {}

    record OnHost(int buffer) implements Part {}

    record Rows() implements Part {}

    record Records() implements Part {}
  }

  private static final String ROWS = "rows";
  private static final String RECORDS = "records";

  private final Class<B> type;
  private final Constructor<B> constructor;
  private final List<Part> parts;
  private final @Nullable Device device;

  private Assembler(
      Class<B> type, Constructor<B> constructor, List<Part> parts, @Nullable Device device) {
    this.type = type;
    this.constructor = constructor;
    this.parts = parts;
    this.device = device;
  }

  /**
   * Matches columns and components by name.
   *
   * @throws DataException listing everything that does not fit
   */
  static <B> Assembler<B> of(Columns<?> columns, Class<B> type, @Nullable Device device) {
    List<String> names = columns.names();
    List<String> left = new ArrayList<>(names);
    List<String> wrong = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    if (!type.isRecord()) {
      throw new DataException(
          type.getName()
              + " is no record. A batch is one, with a component for each of the columns "
              + names);
    }
    for (RecordComponent component : type.getRecordComponents()) {
      String name = component.getName();
      Class<?> wanted = component.getType();
      int buffer = names.indexOf(name);
      left.remove(name);
      if (buffer >= 0 && wanted == Input.class) {
        parts.add(new Part.OnDevice(buffer));
      } else if (buffer >= 0 && wanted == HostBuffer.class) {
        parts.add(new Part.OnHost(buffer));
      } else if (buffer >= 0) {
        wrong.add(
            "component %s is a %s; a column is an Input, or a HostBuffer to stay on the host"
                .formatted(name, wanted.getSimpleName()));
      } else if (name.equals(ROWS) && wanted == int.class) {
        parts.add(new Part.Rows());
      } else if (name.equals(RECORDS) && wanted == List.class) {
        parts.add(new Part.Records());
      } else {
        wrong.add("component %s is no column".formatted(name));
      }
    }
    left.forEach(name -> wrong.add("column %s has no component".formatted(name)));
    if (!wrong.isEmpty()) {
      throw new DataException(
          "%s does not fit the columns %s: %s. Beside columns a batch may have \"int rows\" and"
                  .formatted(type.getSimpleName(), names, String.join("; ", wrong))
              + " \"List<…> records\", of the rows that count.");
    }
    if (device == null && parts.stream().anyMatch(part -> part instanceof Part.OnDevice)) {
      throw new DataException(
          "%s has Inputs, so the loader needs device(…)".formatted(type.getSimpleName()));
    }
    return new Assembler<>(type, constructor(type), parts, device);
  }

  private static <B> Constructor<B> constructor(Class<B> type) {
    Class<?>[] types = new Class<?>[type.getRecordComponents().length];
    for (int i = 0; i < types.length; i++) {
      types[i] = type.getRecordComponents()[i].getType();
    }
    try {
      Constructor<B> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor;
    } catch (NoSuchMethodException | InaccessibleObjectException e) {
      throw new DataException(
          "%s cannot be made: add \"opens %s to io.lazytensor.data;\" to the module-info of %s."
              .formatted(type.getName(), type.getPackageName(), type.getModule().getName()),
          e);
    }
  }

  /** Returns whether batches have tensors for a device. */
  boolean usesDevice() {
    return parts.stream().anyMatch(part -> part instanceof Part.OnDevice);
  }

  /** Returns whether a program can tell which rows count. */
  boolean showsRows() {
    return parts.stream()
        .anyMatch(part -> part instanceof Part.Rows || part instanceof Part.Records);
  }

  /** Returns whether batches show their records. */
  boolean showsRecords() {
    return parts.stream().anyMatch(part -> part instanceof Part.Records);
  }

  /** Makes the record; nothing is uploaded yet. */
  Prepared<B> assemble(HostBatch<?> batch) {
    List<Input> inputs = new ArrayList<>();
    Object[] arguments = new Object[parts.size()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] =
          switch (parts.get(i)) {
            case Part.OnDevice(int buffer) -> {
              Input input = tensor(batch.buffers().get(buffer));
              inputs.add(input);
              yield input;
            }
            case Part.OnHost(int buffer) -> batch.buffers().get(buffer);
            case Part.Rows() -> batch.rows();
            case Part.Records() -> List.copyOf(batch.records());
          };
    }
    return new Prepared<>(batch.number(), make(arguments), inputs, batch);
  }

  private Input tensor(HostBuffer buffer) {
    if (device == null) {
      throw new DataException("the loader has no device");
    }
    return device.tensor(buffer);
  }

  private B make(Object[] arguments) {
    try {
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw new DataException(
          "making a %s failed: %s".formatted(type.getSimpleName(), e.getCause()), e.getCause());
    } catch (InstantiationException | IllegalAccessException e) {
      throw new DataException("making a %s failed".formatted(type.getSimpleName()), e);
    }
  }
}
