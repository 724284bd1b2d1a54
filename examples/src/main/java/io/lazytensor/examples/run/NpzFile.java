package io.lazytensor.examples.run;

import io.lazytensor.nn.StateDict;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.LazyTensorException;
import io.lazytensor.xla.runtime.HostBuffer;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** State dicts as NumPy's {@code .npz}: {@code numpy.load("model.npz")["fc1.weight"]}. */
public final class NpzFile {
  private static final int HEADER_UNIT = 64;

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

  /** NPY format 1.0: magic, version, header length, a Python dict padded to 64 bytes. */
  private static byte[] header(ArrayShape shape) {
    StringBuilder dims = new StringBuilder();
    shape.dims().stream().forEach(d -> dims.append(d).append(','));
    String dict =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(descriptor(shape.dtype()), dims);
    int length = 10 + dict.length() + 1;
    int padded = (length + HEADER_UNIT - 1) / HEADER_UNIT * HEADER_UNIT;
    String text = dict + " ".repeat(padded - length) + "\n";
    byte[] out = new byte[padded];
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    System.arraycopy(magic, 0, out, 0, magic.length);
    out[8] = (byte) text.length();
    out[9] = (byte) (text.length() >>> 8);
    System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, out, 10, text.length());
    return out;
  }

  private static String descriptor(DType type) {
    return switch (type) {
      case PRED -> "|b1";
      case S8 -> "|i1";
      case U8 -> "|u1";
      case S16, S32, S64 -> "<i" + type.byteSize();
      case U16, U32, U64 -> "<u" + type.byteSize();
      case F16, F32, F64 -> "<f" + type.byteSize();
      case C64, C128 -> "<c" + type.byteSize();
      default ->
          throw new UnsupportedTypeException(
              "NumPy has no " + type + "; convert the tensor to f32 first");
    };
  }
}
