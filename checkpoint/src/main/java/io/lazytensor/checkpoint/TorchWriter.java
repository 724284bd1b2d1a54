package io.lazytensor.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Writes what {@code torch.save} of PyTorch 2.14 writes. The file equals PyTorch's for the same
 * objects, except for the 40 digits of {@code .data/serialization_id}.
 */
final class TorchWriter {
  private TorchWriter() {}

  static void write(Path path, CheckpointValue tree, TorchFlavor flavor) {
    Pickler pickler = new Pickler(flavor);
    byte[] pickle =
        pickler.write(
            switch (flavor) {
              case PYTHON -> tree;
              case CPP -> CppTree.of(tree);
            });
    DurableFile.replace(path, channel -> write(channel, root(path), pickle, pickler));
  }

  private static void write(FileChannel channel, String root, byte[] pickle, Pickler pickler)
      throws IOException {
    TorchZipWriter zip = new TorchZipWriter(channel, root);
    zip.record("data.pkl", MemorySegment.ofArray(pickle));
    zip.text(".format_version", "1");
    zip.text(".storage_alignment", Integer.toString(TorchZipWriter.ALIGNMENT));
    zip.text("byteorder", "little");
    int key = 0;
    for (CheckpointStorage storage : pickler.storages()) {
      zip.record("data/" + key++, storage.data());
    }
    zip.text("version", "3\n");
    zip.text(".data/serialization_id", zip.serializationId());
    zip.finish();
  }

  /** Returns the root folder PyTorch names after the file: without its last suffix. */
  private static String root(Path path) {
    String name = String.valueOf(path.getFileName());
    int dot = name.lastIndexOf('.');
    String stem = dot < 0 ? name : name.substring(0, dot);
    boolean plain =
        StandardCharsets.US_ASCII.newEncoder().canEncode(stem)
            && stem.chars().allMatch(c -> c >= ' ' && c != '\\');
    boolean usable = plain && !stem.isEmpty() && !stem.equals(".") && !stem.equals("..");
    return usable ? stem : "archive";
  }
}
