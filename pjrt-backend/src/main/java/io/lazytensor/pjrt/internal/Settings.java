package io.lazytensor.pjrt.internal;

import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.runtime.DeviceException;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a client is set up.
 *
 * @param devices how many devices to ask a plug-in for that can have any number, 0 if not said
 * @param createOptions further options of the plug-in's client by name
 * @param overrides options of the compiler by name
 */
record Settings(int devices, Map<String, String> createOptions, Map<String, String> overrides) {
  private static final String OPTION = "option.";
  private static final String COMPILER = "xla.";

  Settings {
    createOptions = Map.copyOf(createOptions);
    overrides = Map.copyOf(overrides);
  }

  /** Reads {@code devices}, {@code option.NAME} and {@code xla.NAME}. */
  static Settings of(BackendOptions options) {
    int devices = 0;
    Map<String, String> create = new TreeMap<>();
    Map<String, String> overrides = new TreeMap<>(CompileOptionsProto.DEFAULTS);
    for (Map.Entry<String, String> setting : options.settings().entrySet()) {
      String name = setting.getKey();
      String value = setting.getValue();
      if (name.equals("devices")) {
        devices = count(value);
      } else if (name.startsWith(OPTION)) {
        create.put(name.substring(OPTION.length()), value);
      } else if (name.startsWith(COMPILER)) {
        overrides.put(name.substring(COMPILER.length()), value);
      } else {
        throw new DeviceException(
            "device pjrt has no setting \""
                + name
                + "\"; known: devices, option.NAME (an option of the plug-in's client) and xla.NAME"
                + " (an option of the compiler)");
      }
    }
    return new Settings(devices, create, overrides);
  }

  private static int count(String text) {
    if (text.matches("\\d{1,4}") && Integer.parseInt(text) >= 1) {
      return Integer.parseInt(text);
    }
    throw new DeviceException(
        "setting \"devices\" is a number from 1 to 9999, got \"" + text + "\"");
  }
}
