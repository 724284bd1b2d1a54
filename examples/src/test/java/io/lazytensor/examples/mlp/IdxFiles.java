package io.lazytensor.examples.mlp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Small IDX files for tests. */
final class IdxFiles {
  private IdxFiles() {}

  static byte[] bytes(byte[] data, int... dims) {
    ByteBuffer out = ByteBuffer.allocate(4 + 4 * dims.length + data.length);
    out.putInt(0x0800 | dims.length);
    for (int dim : dims) {
      out.putInt(dim);
    }
    return out.put(data).array();
  }

  static byte[] gzipped(byte[] data) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(data);
    }
    return out.toByteArray();
  }

  /** Writes a whole data set; image {@code i} is all {@code i} and has the label {@code i % 10}. */
  static void write(Path folder, int training, int test) throws IOException {
    writeImages(folder, "train", training);
    writeLabels(folder, "train", training);
    writeImages(folder, "t10k", test);
    writeLabels(folder, "t10k", test);
  }

  static void writeImages(Path folder, String prefix, int count) throws IOException {
    byte[] pixels = new byte[count * FashionMnist.PIXELS];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i / FashionMnist.PIXELS);
    }
    Files.write(
        folder.resolve(prefix + "-images-idx3-ubyte.gz"), gzipped(bytes(pixels, count, 28, 28)));
  }

  static void writeLabels(Path folder, String prefix, int count) throws IOException {
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) (i % FashionMnist.CLASSES);
    }
    Files.write(folder.resolve(prefix + "-labels-idx1-ubyte"), bytes(labels, count));
  }
}
