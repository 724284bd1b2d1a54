package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloFormatException;
import java.util.HashMap;
import java.util.Map;

/**
 * A message of integers only, such as {@code DotDimensionNumbers}: each field holds any number of
 * them, and the last is the value of one that is not repeated.
 */
final class NumberMessage {
  private final String name;
  private final Map<Integer, Numbers64> fields = new HashMap<>();

  private NumberMessage(String name) {
    this.name = name;
  }

  /**
   * Reads the given fields and skips the others.
   *
   * @param name for error texts
   */
  static NumberMessage read(WireReader in, String name, int... known) {
    NumberMessage out = new NumberMessage(name);
    while (in.next()) {
      int field = in.field();
      boolean wanted = false;
      for (int k : known) {
        wanted |= k == field;
      }
      if (wanted) {
        Numbers64 values = out.fields.get(field);
        if (values == null) {
          values = new Numbers64();
          out.fields.put(field, values);
        }
        in.varints(values);
      } else {
        in.skip();
      }
    }
    return out;
  }

  long int64(int field) {
    Numbers64 values = fields.getOrDefault(field, Numbers64.EMPTY);
    return values.size() == 0 ? 0 : values.get(values.size() - 1);
  }

  int number(int field) {
    return toInt(int64(field), name, field);
  }

  boolean bool(int field) {
    return int64(field) != 0;
  }

  Dims list(int field) {
    return toDims(fields.getOrDefault(field, Numbers64.EMPTY), name, field);
  }

  static Dims toDims(Numbers64 values, String name, int field) {
    int[] out = new int[values.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = toInt(values.get(i), name, field);
    }
    return Dims.of(out);
  }

  static int toInt(long value, String name, int field) {
    if (value != (int) value) {
      throw new HloFormatException(
          "%s, field %d: %d is out of range; 32 bits are expected".formatted(name, field, value));
    }
    return (int) value;
  }
}
