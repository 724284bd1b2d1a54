package io.lazytensor.cli.run;

import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.Backends;
import io.lazytensor.xla.runtime.DeviceException;
import java.util.HashMap;
import java.util.Map;

/** The backends behind one device name: one for single runs, one more for each replica count. */
final class Devices implements AutoCloseable {
  private final String name;
  private final Backends.Opened single;
  private final Map<Integer, Backend> many = new HashMap<>();

  private Devices(String name, Backends.Opened single) {
    this.name = name;
    this.single = single;
  }

  /**
   * Where to run.
   *
   * @param backend the backend
   * @param device its first device to use
   */
  record Place(Backend backend, int device) {}

  /** Opens a device by name. */
  static Devices open(String name) {
    return new Devices(name, Backends.open(name));
  }

  /** Returns where a number of replicas runs. */
  synchronized Place place(int replicas) {
    if (replicas == 1) {
      return new Place(single.backend(), single.device());
    }
    if (single.backend().devices().size() >= replicas) {
      return new Place(single.backend(), 0);
    }
    Backend known = many.get(replicas);
    if (known == null) {
      known = open(replicas);
      many.put(replicas, known);
    }
    return new Place(known, 0);
  }

  private Backend open(int replicas) {
    Backend backend;
    try {
      backend = Backends.open(name, Map.of("devices", Integer.toString(replicas))).backend();
    } catch (DeviceException e) {
      throw new UnsupportedException(
          "device %s cannot run %d replicas: %s".formatted(name, replicas, e.getMessage()));
    }
    if (backend.devices().size() < replicas) {
      int there = backend.devices().size();
      backend.close();
      throw new UnsupportedException(
          "device %s cannot run %d replicas: it has %d devices".formatted(name, replicas, there));
    }
    return backend;
  }

  /** Returns what runs the modules. */
  String engine() {
    return single.backend().engine();
  }

  @Override
  public synchronized void close() {
    many.values().forEach(Backend::close);
    single.backend().close();
  }
}
