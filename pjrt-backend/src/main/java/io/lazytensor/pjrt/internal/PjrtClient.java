package io.lazytensor.pjrt.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.lazytensor.pjrt.PjrtException;
import io.lazytensor.pjrt.PjrtException.Code;
import io.lazytensor.xla.runtime.DeviceException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plug-in's client: its devices, threads and memory. Backends of the same plug-in and options
 * share one, since each client takes threads for every core, and often most of a device's memory.
 */
final class PjrtClient {
  private static final Logger LOG = LoggerFactory.getLogger(PjrtClient.class);
  private static final String DEVICE_COUNT = "cpu_device_count";

  private record Key(PjrtPlugin plugin, int devices, Map<String, String> options) {}

  private static final Map<Key, PjrtClient> OPEN = new HashMap<>();

  private final Key key;
  private final long address;
  private final List<PjrtDevice> devices;
  private final String platform;
  private final String platformVersion;
  private int leases;

  private PjrtClient(Key key) {
    this.key = key;
    this.address = create(key);
    try {
      this.devices = readDevices(api(), address);
      this.platform =
          text(
              PjrtFunction.CLIENT_PLATFORM_NAME,
              Struct.CLIENT_PLATFORM_NAME,
              PjrtAbi.ClientPlatformName.CLIENT,
              PjrtAbi.ClientPlatformName.PLATFORM_NAME);
      this.platformVersion =
          text(
              PjrtFunction.CLIENT_PLATFORM_VERSION,
              Struct.CLIENT_PLATFORM_VERSION,
              PjrtAbi.ClientPlatformVersion.CLIENT,
              PjrtAbi.ClientPlatformVersion.PLATFORM_VERSION);
      requireDevices();
    } catch (RuntimeException | Error e) {
      destroy();
      throw e;
    }
  }

  private void requireDevices() {
    if (devices.isEmpty() || devices.size() < key.devices) {
      throw new DeviceException(
          "%s has %d devices here, asked for %d"
              .formatted(key.plugin.name(), devices.size(), Math.max(1, key.devices)));
    }
  }

  /** Opens a session on the client of a plug-in and these settings. */
  static Session open(PjrtPlugin plugin, Settings settings) {
    Key key = new Key(plugin, settings.devices(), settings.createOptions());
    synchronized (OPEN) {
      PjrtClient client = OPEN.get(key);
      if (client == null) {
        client = new PjrtClient(key);
        OPEN.put(key, client);
      }
      client.leases++;
      return new Session(client);
    }
  }

  /** Gives a session's share back; the last one's destroys the client. */
  void release() {
    synchronized (OPEN) {
      leases--;
      if (leases == 0) {
        OPEN.remove(key);
        destroy();
      }
    }
  }

  private void destroy() {
    api()
        .destroy(
            PjrtFunction.CLIENT_DESTROY,
            Struct.CLIENT_DESTROY,
            PjrtAbi.ClientDestroy.CLIENT,
            address);
  }

  private static long create(Key key) {
    Map<String, String> options = new TreeMap<>(key.options);
    boolean ours = !options.containsKey(DEVICE_COUNT);
    // XLA's CPU plug-in would come with four devices; others refuse the option by its name.
    options.putIfAbsent(DEVICE_COUNT, String.valueOf(Math.max(1, key.devices)));
    try {
      return create(key.plugin.api(), options);
    } catch (PjrtException e) {
      if (e.code() != Code.INVALID_ARGUMENT || !ours) {
        throw e;
      }
      LOG.debug("{} takes no {}: {}", key.plugin.name(), DEVICE_COUNT, e.pluginMessage());
      return create(key.plugin.api(), key.options);
    }
  }

  private static long create(PjrtApi api, Map<String, String> options) {
    try (Scratch scratch = Scratch.open()) {
      long stride = Struct.NAMED_VALUE.sizeAt(PjrtAbi.NEWEST_MINOR);
      MemorySegment list = scratch.allocate(stride * options.size());
      long i = 0;
      for (Map.Entry<String, String> option : options.entrySet()) {
        MemorySegment value = list.asSlice(stride * i++, stride);
        value.set(JAVA_LONG, PjrtAbi.STRUCT_SIZE, stride);
        setOption(scratch, value, option.getKey(), option.getValue());
      }
      MemorySegment arguments = api.struct(scratch, Struct.CLIENT_CREATE);
      arguments.set(ADDRESS, PjrtAbi.ClientCreate.CREATE_OPTIONS, list);
      arguments.set(JAVA_LONG, PjrtAbi.ClientCreate.NUM_OPTIONS, options.size());
      api.call(PjrtFunction.CLIENT_CREATE, Struct.CLIENT_CREATE, arguments);
      return arguments.get(JAVA_LONG, PjrtAbi.ClientCreate.CLIENT);
    }
  }

  /** The type of an option follows from what its text looks like. */
  private static void setOption(Scratch scratch, MemorySegment value, String name, String text) {
    MemorySegment nameText = scratch.text(name);
    value.set(ADDRESS, PjrtAbi.NamedValue.NAME, nameText);
    value.set(JAVA_LONG, PjrtAbi.NamedValue.NAME_SIZE, utf8Length(name));
    value.set(JAVA_LONG, PjrtAbi.NamedValue.VALUE_SIZE, 1);
    if (text.matches("-?\\d{1,18}")) {
      value.set(JAVA_INT, PjrtAbi.NamedValue.TYPE, 1);
      value.set(JAVA_LONG, PjrtAbi.NamedValue.INT64_VALUE, Long.parseLong(text));
    } else if (text.matches("-?\\d+\\.\\d*")) {
      value.set(JAVA_INT, PjrtAbi.NamedValue.TYPE, 3);
      value.set(
          JAVA_INT,
          PjrtAbi.NamedValue.FLOAT_VALUE,
          Float.floatToRawIntBits(Float.parseFloat(text)));
    } else if (text.equals("true") || text.equals("false")) {
      value.set(JAVA_INT, PjrtAbi.NamedValue.TYPE, 4);
      value.set(JAVA_BYTE, PjrtAbi.NamedValue.BOOL_VALUE, (byte) (text.equals("true") ? 1 : 0));
    } else {
      value.set(JAVA_INT, PjrtAbi.NamedValue.TYPE, 0);
      value.set(ADDRESS, PjrtAbi.NamedValue.STRING_VALUE, scratch.text(text));
      value.set(JAVA_LONG, PjrtAbi.NamedValue.VALUE_SIZE, utf8Length(text));
    }
  }

  private static long utf8Length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static List<PjrtDevice> readDevices(PjrtApi api, long client) {
    List<PjrtDevice> out = new ArrayList<>();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment arguments = api.struct(scratch, Struct.CLIENT_ADDRESSABLE_DEVICES);
      arguments.set(JAVA_LONG, PjrtAbi.ClientAddressableDevices.CLIENT, client);
      api.call(
          PjrtFunction.CLIENT_ADDRESSABLE_DEVICES, Struct.CLIENT_ADDRESSABLE_DEVICES, arguments);
      long[] addresses =
          Native.longs(
              arguments.get(ADDRESS, PjrtAbi.ClientAddressableDevices.ADDRESSABLE_DEVICES),
              arguments.get(JAVA_LONG, PjrtAbi.ClientAddressableDevices.NUM_ADDRESSABLE_DEVICES));
      for (long device : addresses) {
        out.add(PjrtDevice.read(api, out.size(), device));
      }
    }
    return List.copyOf(out);
  }

  private String text(PjrtFunction function, Struct struct, long input, long output) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment arguments = api().struct(scratch, struct);
      arguments.set(JAVA_LONG, input, address);
      return api().callOptional(function, struct, arguments)
          ? Native.text(arguments.get(ADDRESS, output), arguments.get(JAVA_LONG, output + 8))
          : "unknown";
    }
  }

  PjrtPlugin plugin() {
    return key.plugin;
  }

  PjrtApi api() {
    return key.plugin.api();
  }

  long address() {
    return address;
  }

  List<PjrtDevice> devices() {
    return devices;
  }

  /** Returns the device of a handle of the plug-in's. */
  PjrtDevice device(long handle) {
    for (PjrtDevice device : devices) {
      if (device.address() == handle) {
        return device;
      }
    }
    throw new DeviceException(key.plugin.name() + " named a device that it did not list");
  }

  /** Returns the kind of devices in lower case: {@code cpu}, {@code cuda}, {@code neuron}. */
  String platform() {
    return platform.toLowerCase(Locale.ROOT);
  }

  String platformVersion() {
    return platformVersion;
  }
}
