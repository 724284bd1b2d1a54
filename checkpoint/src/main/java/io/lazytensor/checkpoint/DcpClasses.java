package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Global;
import java.util.Set;

/**
 * The classes in the {@code .metadata} of {@code torch.distributed.checkpoint}.
 *
 * <p>Source: PyTorch 2.15 {@code torch/distributed/checkpoint/metadata.py}, {@code filesystem.py}.
 */
final class DcpClasses {
  private static final String MODULE = "torch.distributed.checkpoint.metadata";

  static final Global METADATA = new Global(MODULE, "Metadata");
  static final Global TENSOR = new Global(MODULE, "TensorStorageMetadata");
  static final Global BYTES = new Global(MODULE, "BytesStorageMetadata");
  static final Global CHUNK = new Global(MODULE, "ChunkStorageMetadata");
  static final Global PROPERTIES = new Global(MODULE, "TensorProperties");
  static final Global INDEX = new Global(MODULE, "MetadataIndex");
  static final Global MEMORY_FORMAT = new Global(MODULE, "_MEM_FORMAT_ENCODING");
  static final Global PLACE = new Global("torch.distributed.checkpoint.filesystem", "_StorageInfo");
  static final Global SIZE = new Global("torch", "Size");
  static final Global LAYOUT = new Global("torch.serialization", "_get_layout");

  private static final Global STORAGE_META = new Global(MODULE, "StorageMeta");

  private static final Set<Global> CLASSES =
      Set.of(METADATA, TENSOR, BYTES, CHUNK, PROPERTIES, INDEX, PLACE, STORAGE_META);
  // Python 3.13 says where its paths are; other versions' names are on every checkpoint's list.
  private static final Set<Global> FUNCTIONS =
      Set.of(
          MEMORY_FORMAT,
          new Global("pathlib._local", "PosixPath"),
          new Global("pathlib._local", "WindowsPath"));

  private DcpClasses() {}

  static PickleClasses names() {
    return new PickleClasses(CLASSES, FUNCTIONS);
  }
}
