package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import io.lazytensor.checkpoint.DcpMetadata.BytesItem;
import io.lazytensor.checkpoint.DcpMetadata.Chunk;
import io.lazytensor.checkpoint.DcpMetadata.Key;
import io.lazytensor.checkpoint.DcpMetadata.Place;
import io.lazytensor.checkpoint.DcpMetadata.TensorItem;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Reads a folder of {@code torch.distributed.checkpoint}, written by any number of ranks: {@code
 * .metadata}, and files of complete {@code torch.save} archives, one a chunk or value.
 *
 * <p>Ranges and boxes are checked when the folder is opened; the archive of a chunk is opened when
 * its tensor's data is asked for.
 *
 * <p>Source: PyTorch 2.15 {@code torch/distributed/checkpoint/filesystem.py}.
 */
final class DcpReader {
  static final String METADATA = ".metadata";

  private final FolderFiles files;
  private final DcpMetadata metadata;

  private DcpReader(FolderFiles files) {
    this.files = files;
    this.metadata = files.read(METADATA, DcpMetadata::read);
  }

  static Checkpoint read(FolderFiles files) {
    return new Checkpoint(CheckpointFormat.DCP, new DcpReader(files).tree(), Map.of());
  }

  /** Checks every archive against its checksums; returns how many were compared. */
  static int verify(FolderFiles files) {
    DcpReader reader = new DcpReader(files);
    CheckpointDict tree = reader.tree();
    int compared = 0;
    for (Place place : reader.metadata.places().values()) {
      compared += files.read(place.file(), file -> Checkpoints.verify(slice(file, place)));
    }
    Checkpoints.forEachLeaf(
        tree,
        (path, value) -> {
          if (value instanceof CheckpointTensor tensor) {
            tensor.contiguous();
          }
        });
    return compared;
  }

  private CheckpointDict tree() {
    requireFiles();
    requireDisjoint();
    SequencedMap<Tuple, CheckpointValue> values = new LinkedHashMap<>();
    metadata
        .items()
        .forEach((name, item) -> {
          Tuple path = metadata.paths().getOrDefault(name, Tuple.of(CheckpointValue.of(name)));
          CheckpointValue value =
              switch (item) {
                case BytesItem _ -> bytes(name);
                case TensorItem tensor -> tensor(name, tensor);
              };
          if (values.put(path, value) != null) {
            throw new CheckpointException("two values have the path of \"" + name + "\"");
          }
        });
    CheckpointDict tree = NestedNames.nest(values);
    TreeLimits.check(tree);
    return tree;
  }

  private void requireFiles() {
    TreeSet<String> missing = new TreeSet<>();
    metadata
        .places()
        .values()
        .forEach(place -> {
          if (!files.has(place.file())) {
            missing.add(place.file());
          }
        });
    if (!missing.isEmpty()) {
      throw new CheckpointException(
          "%d of the files of %s are missing: %s"
              .formatted(missing.size(), METADATA, FolderFiles.listed(List.copyOf(missing))));
    }
  }

  /** Archives that overlap would make a small folder as large as its metadata likes. */
  private void requireDisjoint() {
    List<Place> places = new ArrayList<>(metadata.places().values());
    places.sort(Comparator.comparing(Place::file).thenComparingLong(Place::offset));
    String file = "";
    long end = 0;
    for (Place place : places) {
      long size = files.map(place.file()).byteSize();
      boolean inside =
          place.offset() >= 0
              && place.length() >= 0
              && place.offset() <= size
              && place.length() <= size - place.offset();
      if (!inside) {
        throw new CheckpointException(
            "%d bytes at %d are not in %s, which has %d"
                .formatted(place.length(), place.offset(), place.file(), size));
      }
      if (place.file().equals(file) && place.offset() < end) {
        throw new CheckpointException(
            "two values share bytes of %s at %d".formatted(file, place.offset()));
      }
      file = place.file();
      end = place.offset() + place.length();
    }
  }

  private Place place(String name, Optional<List<Long>> offsets) {
    Place place = metadata.places().get(new Key(name, offsets));
    if (place == null) {
      throw new CheckpointException(
          offsets
              .map(at ->
                  "the metadata does not say where the chunk of \"%s\" at %s lies"
                      .formatted(name, at))
              .orElse("the metadata does not say where \"" + name + "\" lies"));
    }
    return place;
  }

  private static MemorySegment slice(MemorySegment file, Place place) {
    return file.asSlice(place.offset(), place.length());
  }

  private CheckpointValue archive(String name, Place place) {
    return files.read(
        place.file(),
        file -> {
          try {
            return Checkpoints.parse(slice(file, place)).tree();
          } catch (CheckpointException e) {
            throw new CheckpointException(
                "\"%s\", at %d: %s".formatted(name, place.offset(), e.getMessage()), e);
          }
        });
  }

  private CheckpointValue bytes(String name) {
    return archive(name, place(name, Optional.empty()));
  }

  private CheckpointTensor tensor(String name, TensorItem item) {
    List<TensorPieces.Piece> pieces = new ArrayList<>();
    for (Chunk chunk : item.chunks()) {
      boolean empty = chunk.sizes().contains(0L);
      Key key = new Key(name, Optional.of(chunk.offsets()));
      // A rank without a part of a tensor may leave its empty chunk unwritten.
      if (!empty || metadata.places().containsKey(key)) {
        pieces.add(piece(name, item.dtype(), chunk));
      }
    }
    return TensorPieces.tensor(name, item.dtype(), item.size(), pieces);
  }

  private TensorPieces.Piece piece(String name, TorchDType dtype, Chunk chunk) {
    Place place = place(name, Optional.of(chunk.offsets()));
    long[] sizes = chunk.sizes().stream().mapToLong(Long::longValue).toArray();
    requireRoom(name, dtype, sizes, place);
    return new TensorPieces.Piece(
        chunk.offsets().stream().mapToLong(Long::longValue).toArray(),
        sizes,
        () -> located(() -> data(name, dtype, chunk, place)));
  }

  /** Says in which folder it is, for by then nobody else can. */
  private MemorySegment located(Supplier<MemorySegment> reading) {
    try {
      return reading.get();
    } catch (CheckpointException e) {
      throw new CheckpointException(files.path() + ": " + e.getMessage(), e);
    }
  }

  private static void requireRoom(String name, TorchDType dtype, long[] sizes, Place place) {
    long left = place.length() / dtype.byteSize();
    for (long size : sizes) {
      if (size == 0) {
        return;
      }
      left /= size;
    }
    if (left == 0) {
      throw new CheckpointException(
          "a chunk of \"%s\" has more elements than the %d bytes it has in %s"
              .formatted(name, place.length(), place.file()));
    }
  }

  private MemorySegment data(String name, TorchDType dtype, Chunk chunk, Place place) {
    CheckpointTensor tensor = archive(name, place).asTensor();
    if (tensor.dtype() != dtype || !tensor.shape().equals(chunk.sizes())) {
      throw new CheckpointException(
          "the chunk of \"%s\" at %s is %s, and the metadata says %s%s"
              .formatted(name, chunk.offsets(), tensor, dtype, chunk.sizes()));
    }
    return tensor.contiguous();
  }
}
