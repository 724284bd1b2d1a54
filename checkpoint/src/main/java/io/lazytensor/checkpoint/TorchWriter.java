package io.lazytensor.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Writes what {@code torch.save} of PyTorch 2.14 writes. The file equals PyTorch's for the same
 * objects, except for the 40 digits of {@code .data/serialization_id}.
 */
final class TorchWriter {
  private static final long RECORD_OVERHEAD = 256;

  private final byte[] pickle;
  private final List<CheckpointStorage> storages;

  /** Takes all of a tree but the content of its storages. */
  TorchWriter(CheckpointValue tree, TorchFlavor flavor) {
    Pickler pickler = new Pickler(flavor);
    this.pickle =
        pickler.write(
            switch (flavor) {
              case PYTHON -> tree;
              case CPP -> CppTree.of(tree);
            });
    this.storages = List.copyOf(pickler.storages());
  }

  static void write(Path path, CheckpointValue tree, TorchFlavor flavor) {
    TorchWriter writer = new TorchWriter(tree, flavor);
    DurableFile.replace(
        path,
        writer.expectedBytes(),
        channel -> writer.write(channel, root(path), CheckpointStorage::data));
  }

  /** Returns what a file of this name gets. */
  static DurableFile.Content content(Path path, CheckpointValue tree) {
    TorchWriter writer = new TorchWriter(tree, TorchFlavor.PYTHON);
    return channel -> writer.write(channel, root(path), CheckpointStorage::data);
  }

  /** Writes one archive behind what the sink has. */
  static void archive(RecordSink sink, String root, CheckpointValue tree) throws IOException {
    new TorchWriter(tree, TorchFlavor.PYTHON).write(sink, root, CheckpointStorage::data);
  }

  /** Returns the storages in the order in which their content is asked for. */
  List<CheckpointStorage> storages() {
    return storages;
  }

  /** Returns about how long the file will be. */
  long expectedBytes() {
    long content = storages.stream().mapToLong(CheckpointStorage::byteSize).sum();
    return content + pickle.length + RECORD_OVERHEAD * (storages.size() + 8);
  }

  /** Writes the file, and asks for the content of one storage after the other. */
  void write(
      WritableByteChannel channel, String root, Function<CheckpointStorage, MemorySegment> content)
      throws IOException {
    write(new RecordSink(channel), root, content);
  }

  private void write(
      RecordSink sink, String root, Function<CheckpointStorage, MemorySegment> content)
      throws IOException {
    TorchZipWriter zip = new TorchZipWriter(sink, root);
    zip.record("data.pkl", MemorySegment.ofArray(pickle));
    zip.text(".format_version", "1");
    zip.text(".storage_alignment", Integer.toString(TorchZipWriter.ALIGNMENT));
    zip.text("byteorder", "little");
    int key = 0;
    for (CheckpointStorage storage : storages) {
      zip.record("data/" + key++, content.apply(storage));
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
