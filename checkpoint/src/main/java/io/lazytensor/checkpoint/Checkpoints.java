package io.lazytensor.checkpoint;

import static io.lazytensor.checkpoint.LittleEndian.u32;

import io.lazytensor.nn.StateDict;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Reads and writes checkpoints that PyTorch reads and writes.
 *
 * <p>A file is mapped, not copied: opening it takes time for its index only, and tensors are read
 * when they are used. It must not be changed in place meanwhile; saving never does that.
 */
public final class Checkpoints {
  private static final Map<String, String> PYTORCH_FORMAT = Map.of("format", "pt");
  private static final int LEAST_PROTOCOL = 2;
  private static final int MOST_PROTOCOL = 5;
  private static final int JSON_PROBE = Long.BYTES;

  private Checkpoints() {}

  // ---- reading ----------------------------------------------------------------------------------

  /**
   * Reads a checkpoint as a tree of values whose tensors are mapped. Nothing in it is ever run.
   *
   * @throws CheckpointException if it cannot be read, is damaged, or has something a checkpoint
   *     does not need
   */
  public static CheckpointValue load(Path path) {
    return open(path).tree();
  }

  /** Reads a checkpoint with what is known of its file; see {@link #load}. */
  public static Checkpoint open(Path path) {
    return read(path, Checkpoints::parse);
  }

  /**
   * Reads a file that is one state dict, for {@link io.lazytensor.Device#load}.
   *
   * @throws CheckpointException as {@link #load} and {@link #stateDict}
   */
  public static StateDict loadStateDict(Path path) {
    return read(path, file -> stateDict(parse(file).tree()));
  }

  /**
   * Checks all of a file: its structure, and every record against its checksum.
   *
   * @return how many checksums were compared; only zip archives have some
   * @throws CheckpointException if it cannot be read or is damaged
   */
  public static int verify(Path path) {
    return read(
        path,
        file ->
            switch (parse(file).format()) {
              case TORCH, TORCHSCRIPT -> TorchReader.verify(file);
              case TORCH_LEGACY, TORCH_TAR, SAFETENSORS -> 0;
            });
  }

  private interface Parser<T> {
    T parse(MemorySegment file);
  }

  private static <T> T read(Path path, Parser<T> parser) {
    if (Files.isDirectory(path)) {
      throw new CheckpointException(path + " is a folder; a checkpoint is a file here");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      MemorySegment file =
          size == 0
              ? MemorySegment.ofArray(new byte[0])
              : channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto());
      return parser.parse(file);
    } catch (IOException e) {
      throw new CheckpointException("cannot read %s: %s".formatted(path, e), e);
    } catch (CheckpointException e) {
      throw new CheckpointException(path + ": " + e.getMessage(), e);
    } catch (InternalError e) {
      // The JDK's report of a page that is no longer behind the mapping.
      throw new CheckpointException(path + " was cut off while it was read", e);
    }
  }

  /** Reads a checkpoint from memory. */
  static Checkpoint parse(MemorySegment file) {
    long size = file.byteSize();
    if (size >= 4 && u32(file, 0) == ZipDirectory.LOCAL_SIGNATURE) {
      return TorchReader.read(file);
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

  /** Saves a tree in a given format, with the metadata of a safetensors header. */
  public static void save(Path path, Checkpoint checkpoint) {
    switch (checkpoint.format()) {
      case TORCH -> TorchWriter.write(path, checkpoint.tree(), TorchFlavor.PYTHON);
      case TORCH_LEGACY, TORCH_TAR, TORCHSCRIPT ->
          throw new CheckpointException(
              "%s is read but not written; write torch or safetensors"
                  .formatted(checkpoint.format()));
      case SAFETENSORS ->
          SafetensorsWriter.write(
              path,
              checkpoint.tree(),
              checkpoint.metadata().isEmpty() ? PYTORCH_FORMAT : checkpoint.metadata());
    }
  }
}
