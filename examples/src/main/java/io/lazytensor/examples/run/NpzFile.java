package io.lazytensor.examples.run;

import io.lazytensor.nn.StateDict;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.npy.NpyFile;
import io.lazytensor.xla.runtime.HostBuffer;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** State dicts as NumPy's {@code .npz}: {@code numpy.load("model.npz")["fc1.weight"]}. */
public final class NpzFile {
  private NpzFile() {}

  /** A type NumPy has no name for. */
  private static final class UnsupportedTypeException extends LazyTensorException {
    private static final long serialVersionUID = 1L;

    UnsupportedTypeException(String message) {
      super(message);
    }
  }

  /** Writes all tensors; an existing file is replaced once the new one is complete. */
  public static void write(Path path, StateDict values) throws IOException {
    Path part = path.resolveSibling(path.getFileName() + ".part");
    try (OutputStream out = Files.newOutputStream(part);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setLevel(0);
      for (Map.Entry<String, StateDict.Entry> entry : values.entries().entrySet()) {
        HostBuffer data = entry.getValue().data().get();
        ZipEntry file = new ZipEntry(entry.getKey() + ".npy");
        // Equal weights give equal files, whenever they are written.
        file.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
        zip.putNextEntry(file);
        zip.write(header(data.shape()));
        zip.write(data.data().asSlice(0, data.shape().byteSize()).toArray(ValueLayout.JAVA_BYTE));
        zip.closeEntry();
      }
    }
    Files.move(part, path, StandardCopyOption.REPLACE_EXISTING);
  }

  private static byte[] header(ArrayShape shape) {
    if (!NpyFile.isNative(shape.dtype())) {
      throw new UnsupportedTypeException(
          "NumPy has no " + shape.dtype() + "; convert the tensor to f32 first");
    }
    return NpyFile.header(shape);
  }
}
