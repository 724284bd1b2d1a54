package io.lazytensor.cli.run;

import io.lazytensor.xla.infer.HloVerifier;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnsupportedException;
import io.lazytensor.xla.pass.FlatSignature;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.HostBuffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Runs one case after the other on one device. The verifier comes before any backend. */
final class CaseRunner {
  private final Devices devices;

  CaseRunner(Devices devices) {
    this.devices = devices;
  }

  /** Reads and verifies the module of a case, and does nothing else. */
  static void verify(CaseFolder folder) throws IOException {
    HloVerifier.verify(read(folder, folder.settings()));
  }

  private static HloModule read(CaseFolder folder, CaseSettings settings) throws IOException {
    HloModule module = folder.module();
    return settings.replicas() > 1 ? module.withReplicas(settings.replicas()) : module;
  }

  /**
   * Runs a case and writes its results.
   *
   * @param wanted asked before results are written; a case given up on writes none
   */
  void run(CaseFolder folder, BooleanSupplier wanted) throws IOException {
    CaseSettings settings = folder.settings();
    if (settings.devices() > 1 && settings.replicas() != settings.devices()) {
      throw new UnsupportedException(
          "%d devices with %d replicas: modules cut into partitions are not run"
              .formatted(settings.devices(), settings.replicas()));
    }
    HloModule read = read(folder, settings);
    HloVerifier.verify(read);
    HloModule module = FlatSignature.of(read);
    checkFeedback(module, settings);
    List<List<Literal>> inputs = inputs(folder, module, settings);
    List<List<Literal>> results = loop(module, settings, inputs);
    if (wanted.getAsBoolean()) {
      for (int device = 0; device < settings.devices(); device++) {
        for (int i = 0; i < results.get(device).size(); i++) {
          folder.output(i, suffix(settings, device), results.get(device).get(i));
        }
      }
    }
  }

  private static String suffix(CaseSettings settings, int device) {
    return settings.devices() > 1 ? ".dev" + device : "";
  }

  private static void checkFeedback(HloModule module, CaseSettings settings) {
    List<Shape> parameters = module.parameterShapes();
    List<Shape> results = module.outputShapes();
    for (CaseSettings.Feedback pair : settings.feedback()) {
      if (pair.output() >= results.size() || pair.input() >= parameters.size()) {
        throw new CaseException(
            "case.json feeds output %d to input %d; the module has %d outputs and %d inputs"
                .formatted(pair.output(), pair.input(), results.size(), parameters.size()));
      }
      if (!results.get(pair.output()).equals(parameters.get(pair.input()))) {
        throw new CaseException(
            "case.json feeds output %d, which is %s, to input %d, which is %s"
                .formatted(
                    pair.output(),
                    results.get(pair.output()),
                    pair.input(),
                    parameters.get(pair.input())));
      }
    }
  }

  /** Reads the arguments of each replica. */
  private static List<List<Literal>> inputs(
      CaseFolder folder, HloModule module, CaseSettings settings) throws IOException {
    List<Shape> shapes = module.parameterShapes();
    List<List<Literal>> out = new ArrayList<>();
    for (int device = 0; device < settings.devices(); device++) {
      List<Literal> ofDevice = new ArrayList<>();
      for (int i = 0; i < shapes.size(); i++) {
        ofDevice.add(folder.input(i, suffix(settings, device), shapes.get(i).asArray()));
      }
      out.add(ofDevice);
    }
    // Replicas without files of their own get the same arguments.
    while (out.size() < settings.replicas()) {
      out.add(new ArrayList<>(out.getFirst()));
    }
    return out;
  }

  private List<List<Literal>> loop(
      HloModule module, CaseSettings settings, List<List<Literal>> inputs) {
    Devices.Place place = devices.place(settings.replicas());
    List<List<Literal>> results = List.of();
    try (Executable executable =
        place.backend().compile(module, new CompileOptions(place.device()))) {
      for (int step = 0; step < settings.steps(); step++) {
        results = execute(executable, place, module.outputShapes(), inputs);
        for (CaseSettings.Feedback pair : settings.feedback()) {
          for (int replica = 0; replica < inputs.size(); replica++) {
            inputs.get(replica).set(pair.input(), results.get(replica).get(pair.output()));
          }
        }
      }
    }
    return results;
  }

  private static List<List<Literal>> execute(
      Executable executable, Devices.Place place, List<Shape> shapes, List<List<Literal>> inputs) {
    List<DeviceBuffer> held = new ArrayList<>();
    try {
      DeviceBuffer[][] arguments = new DeviceBuffer[inputs.size()][];
      for (int replica = 0; replica < arguments.length; replica++) {
        arguments[replica] = new DeviceBuffer[inputs.get(replica).size()];
        for (int i = 0; i < arguments[replica].length; i++) {
          Literal value = inputs.get(replica).get(i);
          int device = arguments.length == 1 ? place.device() : replica;
          arguments[replica][i] =
              place.backend().upload(new HostBuffer(value.shape(), value.segment()), device);
          held.add(arguments[replica][i]);
        }
      }
      DeviceBuffer[][] results =
          arguments.length == 1
              ? new DeviceBuffer[][] {executable.execute(arguments[0])}
              : executable.executeReplicas(arguments);
      for (DeviceBuffer[] ofReplica : results) {
        held.addAll(List.of(ofReplica));
      }
      return download(results, shapes);
    } finally {
      held.forEach(DeviceBuffer::release);
    }
  }

  private static List<List<Literal>> download(DeviceBuffer[][] results, List<Shape> shapes) {
    List<List<Literal>> out = new ArrayList<>();
    for (DeviceBuffer[] ofReplica : results) {
      if (ofReplica.length != shapes.size()) {
        throw new CaseException(
            "the device returned %d results, the module has %d"
                .formatted(ofReplica.length, shapes.size()));
      }
      List<Literal> literals = new ArrayList<>();
      for (int i = 0; i < ofReplica.length; i++) {
        ArrayShape shape = shapes.get(i).asArray();
        if (!ofReplica[i].shape().equals(shape)) {
          throw new CaseException(
              "the device returned %s as result %d, the module says %s"
                  .formatted(ofReplica[i].shape(), i, shape));
        }
        HostBuffer host = HostBuffer.allocate(shape);
        ofReplica[i].download(host);
        literals.add(Literal.ofSegment(shape, host.data()));
      }
      out.add(literals);
    }
    return out;
  }
}
