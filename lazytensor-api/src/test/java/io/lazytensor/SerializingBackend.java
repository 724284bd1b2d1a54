package io.lazytensor;

import io.lazytensor.xla.eval.EvaluatorBackend;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.proto.HloProtoReader;
import io.lazytensor.xla.proto.HloProtoWriter;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.CompileOptions;
import io.lazytensor.xla.runtime.DeviceBuffer;
import io.lazytensor.xla.runtime.DeviceException;
import io.lazytensor.xla.runtime.DeviceInfo;
import io.lazytensor.xla.runtime.Executable;
import io.lazytensor.xla.runtime.HostBuffer;
import io.lazytensor.xla.runtime.MemoryPlan;
import io.lazytensor.xla.runtime.MemoryUsage;
import java.util.List;
import java.util.Optional;

/** The evaluator, whose executables survive a process as the programs they are. */
final class SerializingBackend implements Backend {
  private final EvaluatorBackend real = new EvaluatorBackend();
  private final String version;
  int compiles;
  int loads;
  boolean refuseToLoad;
  boolean failToSerialize;

  SerializingBackend(String version) {
    this.version = version;
  }

  @Override
  public String name() {
    return "serializing";
  }

  @Override
  public String engine() {
    return real.engine();
  }

  @Override
  public List<DeviceInfo> devices() {
    return real.devices();
  }

  @Override
  public Optional<String> fingerprint() {
    return Optional.of(version);
  }

  private Executable executable(HloModule module) {
    Executable inner = real.compile(module, CompileOptions.DEFAULT);
    return new Executable() {
      @Override
      public DeviceBuffer[] execute(DeviceBuffer[] arguments) {
        return inner.execute(arguments);
      }

      @Override
      public MemoryPlan memory() {
        return inner.memory();
      }

      @Override
      public byte[] serialize() {
        if (failToSerialize) {
          throw new DeviceException("the compiler's disk is full");
        }
        return HloProtoWriter.write(module);
      }

      @Override
      public void close() {
        inner.close();
      }
    };
  }

  @Override
  public Executable compile(HloModule module, CompileOptions options) {
    compiles++;
    return executable(module);
  }

  @Override
  public Executable deserialize(byte[] serialized, HloModule module, CompileOptions options) {
    if (refuseToLoad) {
      throw new DeviceException("made by another compiler");
    }
    loads++;
    return executable(HloProtoReader.read(serialized));
  }

  @Override
  public DeviceBuffer upload(HostBuffer source, int device) {
    return real.upload(source, device);
  }

  @Override
  public MemoryUsage memoryUsage(int device) {
    return real.memoryUsage(device);
  }

  @Override
  public void close() {
    real.close();
  }
}
