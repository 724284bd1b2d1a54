package io.lazytensor.checkpoint;

import static io.lazytensor.checkpoint.LittleEndian.u32;

import io.lazytensor.nn.StateDict;
import io.lazytensor.optim.OptimizerState;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Reads and writes checkpoints that PyTorch reads and writes.
 *
 * <p>A checkpoint is a file, or a folder of files ({@link CheckpointFormat#isFolder}); what it is
 * is found from its content. Names in an index or in metadata lead to files of the same folder
 * only.
 *
 * <p>A file is mapped, not copied: opening it takes time for its index only, and tensors are read
 * when they are used. It must not be changed in place meanwhile; saving never does that.
 */
public final class Checkpoints {
  static final Map<String, String> PYTORCH_FORMAT = Map.of("format", "pt");
  private static final int LEAST_PROTOCOL = 2;
  private static final int MOST_PROTOCOL = 5;
  private static final int JSON_PROBE = Long.BYTES;

  private Checkpoints() {}

  // ---- reading ----------------------------------------------------------------------------------

  /**
   * Reads a checkpoint as a tree of values whose tensors are mapped. Nothing in it is ever run.
   *
   * <p>NumPy's numbers and arrays, {@code argparse.Namespace}, paths and other plain objects of
   * Python that {@code weights_only=True} refuses are read without asking: names in the file choose
   * which inert value is built, and are never imported or called. Of a TorchScript module the tree
   * is its state dict.
   *
   * @throws CheckpointException if it cannot be read, is damaged, or has something a checkpoint
   *     does not need
   */
  public static CheckpointValue load(Path path) {
    return open(path).tree();
  }

  /** Reads a checkpoint with what is known of its file; see {@link #load}. */
  public static Checkpoint open(Path path) {
    return Files.isDirectory(path)
        ? located(path, () -> CheckpointFolder.open(path))
        : read(path, file -> parse(file, tensors(path)));
  }

  private static XserTensors tensors(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    return parent == null
        ? XserTensors.NONE
        : XserTensors.of(FolderFiles.of(parent), String.valueOf(path.getFileName()));
  }

  /**
   * Reads a file that is one state dict, for {@link io.lazytensor.Device#load}.
   *
   * @throws CheckpointException as {@link #load} and {@link #stateDict}
   */
  public static StateDict loadStateDict(Path path) {
    Checkpoint checkpoint = open(path);
    return located(path, () -> stateDict(checkpoint.tree()));
  }

  /**
   * Checks all of a file or folder: its structure, and every record against its checksum.
   *
   * @return how many checksums were compared; only zip archives have some
   * @throws CheckpointException if it cannot be read or is damaged
   */
  public static int verify(Path path) {
    if (Files.isDirectory(path)) {
      return located(path, () -> CheckpointFolder.verify(path));
    }
    return read(path, file -> verify(file, tensors(path)));
  }

  /** Checks a file in memory against its checksums; returns how many were compared. */
  static int verify(MemorySegment file) {
    return verify(file, XserTensors.NONE);
  }

  /** Checks a file in memory, and the tensors outside of it, against their checksums. */
  static int verify(MemorySegment file, XserTensors tensors) {
    return switch (parse(file, tensors).format()) {
      case TORCH, TORCHSCRIPT -> TorchReader.verify(file);
      case XSER -> TorchReader.verify(file) + tensors.verify();
      case TORCH_LEGACY, TORCH_TAR, SAFETENSORS, HF_SAFETENSORS, HF_TORCH, DCP, NEURONX -> 0;
    };
  }

  private interface Parser<T> {
    T parse(MemorySegment file);
  }

  private static <T> T read(Path path, Parser<T> parser) {
    return located(
        path,
        () -> {
          try {
            return parser.parse(MappedFile.map(path));
          } catch (IOException e) {
            throw new CheckpointException("cannot be read: " + e, e);
          }
        });
  }

  /** Says of what is wrong in which checkpoint it is. */
  private static <T> T located(Path path, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (CheckpointException e) {
      throw new CheckpointException(path + ": " + e.getMessage(), e);
    } catch (InternalError e) {
      // The JDK's report of a page that is no longer behind the mapping.
      throw new CheckpointException(path + " was cut off while it was read", e);
    }
  }

  /** Reads a checkpoint from memory. */
  static Checkpoint parse(MemorySegment file) {
    return parse(file, XserTensors.NONE);
  }

  /** Reads a checkpoint from memory that may refer to tensors outside of it. */
  static Checkpoint parse(MemorySegment file, XserTensors tensors) {
    long size = file.byteSize();
    if (size >= 4 && u32(file, 0) == ZipDirectory.LOCAL_SIGNATURE) {
      return TorchReader.read(file, tensors);
    }
    boolean json = size > JSON_PROBE && isJsonStart(file);
    // The lowest bytes of a header's length may be any others' first; its highest are 0.
    if (json && u32(file, Integer.BYTES) == 0) {
      return SafetensorsReader.read(file);
    }
    if (startsWith(file, "PYTORCH1")) {
      throw new CheckpointException(
          "a preview format of 2018 is not read. In Python:"
              + " torch.save(torch.load(path, map_location=\"cpu\"), \"new.pt\")");
    }
    if (TarArchive.matches(file)) {
      return new Checkpoint(CheckpointFormat.TORCH_TAR, TarReader.read(file), Map.of());
    }
    if (isPickle(file)) {
      return new Checkpoint(CheckpointFormat.TORCH_LEGACY, LegacyReader.read(file), Map.of());
    }
    if (json) {
      return SafetensorsReader.read(file);
    }
    throw new CheckpointException(
        "this is neither a file of torch.save nor safetensors, or it is cut off");
  }

  private static boolean isPickle(MemorySegment file) {
    return file.byteSize() >= 2
        && Byte.toUnsignedInt(file.get(ValueLayout.JAVA_BYTE, 0)) == Opcode.PROTO
        && file.get(ValueLayout.JAVA_BYTE, 1) >= LEAST_PROTOCOL
        && file.get(ValueLayout.JAVA_BYTE, 1) <= MOST_PROTOCOL;
  }

  private static boolean isJsonStart(MemorySegment file) {
    byte first = file.get(ValueLayout.JAVA_BYTE, JSON_PROBE);
    return first == '{' || first == ' ' || first == '\n' || first == '\t' || first == '\r';
  }

  private static boolean startsWith(MemorySegment file, String text) {
    if (file.byteSize() < text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (file.get(ValueLayout.JAVA_BYTE, i) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  // ---- trees ------------------------------------------------------------------------------------

  /**
   * Visits everything in a tree that is no container, and empty containers, in the order of the
   * file, each with the keys and indices that lead to it.
   */
  public static void forEachLeaf(
      CheckpointValue tree, BiConsumer<List<String>, CheckpointValue> visitor) {
    new TreeLeaves(visitor).walk(tree);
  }

  /** Returns a value as Python shows it: strings without quotes, bytes as hexadecimal digits. */
  public static String repr(CheckpointValue value) {
    return TreeLeaves.repr(value);
  }

  // ---- state dicts ------------------------------------------------------------------------------

  /**
   * Returns a dict of tensors as a state dict. Names that share memory share it still.
   *
   * @throws CheckpointException if it holds anything but tensors by name, or a type this library
   *     cannot compute with
   */
  public static StateDict stateDict(CheckpointValue tree) {
    return StateDicts.stateDict(tree);
  }

  /**
   * Returns a state dict as the tree PyTorch's {@code state_dict()} would be, to put into a larger
   * one. Its data is read when the tree is saved.
   *
   * @throws CheckpointException if PyTorch has no such element type
   */
  public static CheckpointDict tree(StateDict values) {
    return StateDicts.tree(values);
  }

  // ---- optimizers -------------------------------------------------------------------------------

  /**
   * Returns PyTorch's state dict of an optimizer as a state, for {@link
   * io.lazytensor.optim.Optimizer#load}. Learning rates that follow a schedule start at the
   * parameters' count of steps; {@link OptimizerState#atStep} sets another.
   *
   * @throws CheckpointException if it is no state dict of an optimizer
   */
  public static OptimizerState optimizerState(CheckpointValue tree) {
    return OptimizerStates.state(tree, Optional.empty());
  }

  /**
   * Returns a state as the tree PyTorch's {@code optimizer.state_dict()} would be. Its data is read
   * when the tree is saved.
   */
  public static CheckpointDict tree(OptimizerState state) {
    return OptimizerStates.tree(state);
  }

  // ---- writing ----------------------------------------------------------------------------------

  /**
   * Saves a model's state dict so that {@code model.load_state_dict(torch.load(path))} reads it in
   * Python; a path ending in {@code .safetensors} gets that format.
   *
   * @throws CheckpointException as {@link #save(Path, CheckpointValue)}
   */
  public static void save(Path path, StateDict values) {
    save(path, tree(values));
  }

  /**
   * Saves a tree as {@code torch.save} does, or as safetensors if the path ends so. The file is
   * complete and on disk when this returns; until then the old one stays as it was.
   *
   * @throws CheckpointException if it cannot be written, or the format cannot hold the tree:
   *     safetensors holds tensors by name only, each with memory of its own
   */
  public static void save(Path path, CheckpointValue tree) {
    save(path, new Checkpoint(CheckpointFormat.ofPath(path), tree, Map.of()));
  }

  /**
   * Saves a tree as {@code torch.save} does, for one of PyTorch's readers.
   *
   * @throws CheckpointException as {@link #save(Path, CheckpointValue)}, and if that reader cannot
   *     read something in the tree: C++'s has no bytes, sets, 8-bit floats and other types newer
   *     than PyTorch's typed storages
   */
  public static void save(Path path, CheckpointValue tree, TorchFlavor flavor) {
    TorchWriter.write(path, tree, flavor);
  }

  /** Saves a model's state dict for one of PyTorch's readers. */
  public static void save(Path path, StateDict values, TorchFlavor flavor) {
    save(path, tree(values), flavor);
  }

  /**
   * Saves a tree in a given format, with the metadata of a safetensors header.
   *
   * @throws CheckpointException as {@link #save(Path, CheckpointValue)}, or if the format is only
   *     read
   */
  public static void save(Path path, Checkpoint checkpoint) {
    save(path, checkpoint, SaveOptions.defaults());
  }

  /**
   * Saves a tree in a given format, in files of at most a given size if it is a folder. A folder is
   * made if it is not there; the file that readers look for is written last, and files of an older
   * checkpoint of the format are removed after that.
   *
   * @throws CheckpointException as {@link #save(Path, Checkpoint)}
   */
  public static void save(Path path, Checkpoint checkpoint, SaveOptions options) {
    if (!checkpoint.format().isFolder() && Files.isDirectory(path)) {
      throw new CheckpointException(
          "%s is a folder and %s is a file. Name a file, or write hf-safetensors, hf-torch or dcp"
              .formatted(path, checkpoint.format()));
    }
    switch (checkpoint.format()) {
      case TORCH -> TorchWriter.write(path, checkpoint.tree(), TorchFlavor.PYTHON);
      case SAFETENSORS ->
          SafetensorsWriter.write(
              path,
              checkpoint.tree(),
              checkpoint.metadata().isEmpty() ? PYTORCH_FORMAT : checkpoint.metadata());
      case HF_SAFETENSORS, HF_TORCH, DCP -> CheckpointFolder.save(path, checkpoint, options);
      case TORCH_LEGACY, TORCH_TAR, TORCHSCRIPT, XSER, NEURONX ->
          throw new CheckpointException(
              "%s is read but not written; write torch, safetensors, hf-safetensors or dcp"
                  .formatted(checkpoint.format()));
    }
  }
}
