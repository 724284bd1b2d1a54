package io.lazytensor.pjrt.internal;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * {@code CompileOptionsProto} as bytes.
 *
 * <p>Options of the compiler go by name into {@code env_option_overrides}: a {@code debug_options}
 * message would replace every default, whether it is set or not.
 *
 * <p>Source: XLA {@code xla/pjrt/proto/compile_options.proto}, {@code xla/xla_data.proto}.
 */
final class CompileOptionsProto {
  /** What differs from XLA's own defaults: NaN is not dropped by maximum and minimum. */
  static final Map<String, String> DEFAULTS = Map.of("xla_cpu_enable_fast_min_max", "false");

  private static final Pattern INTEGER = Pattern.compile("-?\\d{1,18}");
  private static final Pattern REAL = Pattern.compile("-?\\d+\\.\\d*(?:[eE][-+]?\\d+)?");

  private CompileOptionsProto() {}

  /**
   * Returns the message.
   *
   * @param devices the global id of each replica's devices, partitions innermost
   * @param overrides options of the compiler by name
   */
  static byte[] bytes(int replicas, int partitions, int[] devices, Map<String, String> overrides) {
    ProtoBytes assignment = new ProtoBytes().number(1, replicas).number(2, partitions);
    for (int p = 0; p < partitions; p++) {
      ProtoBytes computation = new ProtoBytes();
      for (int r = 0; r < replicas; r++) {
        computation.number(1, devices[r * partitions + p]);
      }
      assignment.message(3, computation);
    }
    ProtoBytes build =
        new ProtoBytes()
            .number(1, -1)
            .number(4, replicas)
            .number(5, partitions)
            .message(9, assignment);
    ProtoBytes out = new ProtoBytes().message(3, build);
    // In order of names: equal options are equal bytes, which are part of the cache's key.
    new TreeMap<>(overrides)
        .forEach((name, value) ->
            out.message(7, new ProtoBytes().text(1, name).message(2, option(value))));
    return out.toByteArray();
  }

  private static ProtoBytes option(String value) {
    if (value.equals("true") || value.equals("false")) {
      return new ProtoBytes().number(2, value.equals("true") ? 1 : 0);
    }
    if (INTEGER.matcher(value).matches()) {
      return new ProtoBytes().number(3, Long.parseLong(value));
    }
    if (REAL.matcher(value).matches()) {
      return new ProtoBytes().real(4, Double.parseDouble(value));
    }
    return new ProtoBytes().text(1, value);
  }
}
