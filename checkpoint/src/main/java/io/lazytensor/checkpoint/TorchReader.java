package io.lazytensor.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;

/**
 * Reads what {@code torch.save} writes since PyTorch 1.6: a zip archive of a pickle and one record
 * a storage; and of what {@code torch.jit.save} writes, the tensors.
 *
 * <p>Source: PyTorch 2.14 {@code torch/serialization.py} ({@code _load}) and {@code
 * caffe2/serialize/inline_container.cc}.
 */
final class TorchReader {
  private static final int LEAST_VERSION = 1;
  private static final int MOST_VERSION = 10;

  private TorchReader() {}

  /**
   * Reads an archive.
   *
   * @param tensors where the archive's references to tensors outside of it lead
   */
  static Checkpoint read(MemorySegment file, XserTensors tensors) {
    ZipDirectory zip = ZipDirectory.read(file);
    requireVersion(zip);
    boolean bigEndian = isBigEndian(zip);
    ZipRecord pickle =
        zip.find("data.pkl")
            .orElseThrow(() ->
                new CheckpointException(
                    "the archive has no data.pkl: torch.save did not write it"));
    if (pickle.size() > Unpickler.MAX_BYTES) {
      throw new CheckpointException(
          "data.pkl has %d bytes; at most %d are read"
              .formatted(pickle.size(), Unpickler.MAX_BYTES));
    }
    PickleInput input = new PickleInput(zip.checked(pickle).toArray(ValueLayout.JAVA_BYTE));
    PickleClasses references = XserTensors.names();
    PickleNames names = zip.isScript() ? new TorchScript() : references;
    CheckpointValue tree =
        new Unpickler(input, names, new TorchStorages(zip, bigEndian)::of).read();
    TreeLimits.check(tree);
    if (zip.isScript()) {
      return new Checkpoint(CheckpointFormat.TORCHSCRIPT, tensors(zip, tree), Map.of());
    }
    return references.objectCount() == 0
        ? new Checkpoint(CheckpointFormat.TORCH, tree, Map.of())
        : new Checkpoint(CheckpointFormat.XSER, tensors.resolve(tree), Map.of());
  }

  private static CheckpointDict tensors(ZipDirectory zip, CheckpointValue module) {
    CheckpointDict tensors = TorchScript.stateDict(module);
    if (tensors.entries().isEmpty() && zip.find("constants/0").isPresent()) {
      throw new CheckpointException(
          "this TorchScript module is frozen: its weights are constants of its code. In the"
              + " program that made it: torch.save(model.state_dict(), \"model.pt\") before"
              + " torch.jit.freeze");
    }
    return tensors;
  }

  /** Compares every stored record with the archive's checksums; returns how many have one. */
  static int verify(MemorySegment file) {
    ZipDirectory zip = ZipDirectory.read(file);
    int count = 0;
    for (ZipRecord record : zip.records()) {
      zip.checked(record);
      count += record.stored() && (record.crc() != 0 || record.size() == 0) ? 1 : 0;
    }
    return count;
  }

  private static void requireVersion(ZipDirectory zip) {
    String text =
        zip.text(".data/version")
            .or(() -> zip.text("version"))
            .orElseThrow(() -> new CheckpointException("the archive has no version record"))
            .strip();
    int version = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : -1;
    if (version < LEAST_VERSION || version > MOST_VERSION) {
      throw new CheckpointException(
          "the archive has version \"%s\"; %d to %d are read"
              .formatted(text, LEAST_VERSION, MOST_VERSION));
    }
  }

  private static boolean isBigEndian(ZipDirectory zip) {
    String order = zip.text("byteorder").orElse("little");
    return switch (order) {
      case "little" -> false;
      case "big" -> true;
      default ->
          throw new CheckpointException(
              "the archive's byte order is \"" + order + "\"; little and big are known");
    };
  }
}
