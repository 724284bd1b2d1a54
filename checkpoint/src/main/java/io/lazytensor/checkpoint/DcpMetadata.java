package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Call;
import io.lazytensor.checkpoint.CheckpointValue.Global;
import io.lazytensor.checkpoint.CheckpointValue.None;
import io.lazytensor.checkpoint.CheckpointValue.Text;
import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What the {@code .metadata} of a {@code torch.distributed.checkpoint} folder says. It is a pickle,
 * and read as inert values like any other.
 *
 * @param items tensors and other values by name
 * @param paths where a name goes in the tree; names without one stay flat
 * @param places where the data of an item or piece lies
 */
record DcpMetadata(
    SequencedMap<String, Item> items, Map<String, Tuple> paths, Map<Key, Place> places) {

  /** A value of the state dict. */
  sealed interface Item {}

  /** A tensor in chunks. */
  record TensorItem(TorchDType dtype, long[] size, List<Chunk> chunks) implements Item {}

  /** Anything else. */
  record BytesItem() implements Item {}

  /** A box of a tensor. */
  record Chunk(List<Long> offsets, List<Long> sizes) {}

  /** What has data of its own: a value, or a chunk of a tensor by its offsets. */
  record Key(String name, Optional<List<Long>> offsets) {}

  /** A range of a file. */
  record Place(String file, long offset, long length) {}

  /** Reads the file's bytes. */
  static DcpMetadata read(MemorySegment file) {
    if (file.byteSize() > Unpickler.MAX_BYTES) {
      throw new CheckpointException(
          "the metadata has %d bytes; at most %d are read"
              .formatted(file.byteSize(), Unpickler.MAX_BYTES));
    }
    Unpickler unpickler =
        new Unpickler(
            new PickleInput(file.toArray(ValueLayout.JAVA_BYTE)),
            DcpClasses.names(),
            id -> {
              throw new CheckpointException("the metadata refers to a storage");
            });
    CheckpointValue root = unpickler.read();
    TreeLimits.check(root);
    CheckpointDict metadata = attributes(root, DcpClasses.METADATA);
    return new DcpMetadata(
        items(metadata.get("state_dict_metadata").asDict()),
        paths(metadata.find("planner_data")),
        places(metadata.get("storage_data").asDict()));
  }

  private static CheckpointDict attributes(CheckpointValue value, Global type) {
    return value instanceof CheckpointDict object && object.type().equals(type)
        ? object
        : Wrong.kind(type.name(), value);
  }

  // ---- items ------------------------------------------------------------------------------------

  private static SequencedMap<String, Item> items(CheckpointDict dict) {
    SequencedMap<String, Item> items = new LinkedHashMap<>();
    dict.entries()
        .forEach((key, value) -> {
          String name = key.asText();
          boolean bytes =
              value instanceof CheckpointDict object && object.type().equals(DcpClasses.BYTES);
          items.put(name, bytes ? new BytesItem() : tensor(name, value));
        });
    return items;
  }

  private static TensorItem tensor(String name, CheckpointValue value) {
    CheckpointDict attributes = attributes(value, DcpClasses.TENSOR);
    List<Chunk> chunks = new ArrayList<>();
    for (CheckpointValue chunk : attributes.get("chunks").asList().items()) {
      CheckpointDict box = attributes(chunk, DcpClasses.CHUNK);
      chunks.add(new Chunk(size(box.get("offsets")), size(box.get("sizes"))));
    }
    long[] size = size(attributes.get("size")).stream().mapToLong(Long::longValue).toArray();
    return new TensorItem(dtype(name, attributes.get("properties")), size, chunks);
  }

  /** The state of a tensor's properties is a tuple that starts with element type and layout. */
  private static TorchDType dtype(String name, CheckpointValue properties) {
    CheckpointValue state = attributes(properties, DcpClasses.PROPERTIES).get(PickleClasses.STATE);
    if (!(state instanceof Tuple(List<CheckpointValue> parts))
        || parts.size() < 5
        || !(parts.getFirst() instanceof Global type)
        || !(parts.get(1) instanceof Call layout)) {
      throw new CheckpointException("the properties of \"" + name + "\" are malformed");
    }
    if (!layout.function().equals(DcpClasses.LAYOUT)
        || !layout.arguments().items().equals(List.of(CheckpointValue.of("torch.strided")))) {
      throw new CheckpointException("\"" + name + "\" has a layout other than torch.strided");
    }
    return (type.module().equals("torch")
            ? TorchDType.ofTorchName(type.name())
            : Optional.<TorchDType>empty())
        .orElseThrow(() -> new CheckpointException("\"%s\" has the type %s".formatted(name, type)));
  }

  private static List<Long> size(CheckpointValue value) {
    if (!(value instanceof Call call)
        || !call.function().equals(DcpClasses.SIZE)
        || !(call.arguments().items().getFirst() instanceof Tuple numbers)
        || numbers.items().size() > CheckpointTensor.MAX_RANK) {
      return Wrong.kind("torch.Size", value);
    }
    List<Long> sizes = numbers.items().stream().map(CheckpointValue::asLong).toList();
    if (sizes.stream().anyMatch(size -> size < 0)) {
      throw new CheckpointException("the metadata has a size of " + sizes);
    }
    return sizes;
  }

  // ---- paths and places -------------------------------------------------------------------------

  private static Map<String, Tuple> paths(Optional<CheckpointValue> planner) {
    if (planner.isEmpty() || planner.get() instanceof None) {
      return Map.of();
    }
    Map<String, Tuple> paths = new HashMap<>();
    planner
        .get()
        .asDict()
        .entries()
        .forEach((name, path) -> {
          if (!(path instanceof Tuple steps)) {
            throw new CheckpointException(
                "the path of \"%s\" is a %s".formatted(Keys.show(name), path.kind()));
          }
          paths.put(name.asText(), steps);
        });
    return paths;
  }

  private static Map<Key, Place> places(CheckpointDict dict) {
    Map<Key, Place> places = new HashMap<>();
    dict.entries()
        .forEach((key, value) -> {
          CheckpointDict index = attributes(key, DcpClasses.INDEX);
          Optional<CheckpointValue> offset =
              index.find("offset").filter(found -> !(found instanceof None));
          Key place = new Key(index.get("fqn").asText(), offset.map(DcpMetadata::size));
          if (places.put(place, place(attributes(value, DcpClasses.PLACE))) != null) {
            throw new CheckpointException(
                "the metadata says twice where \"" + place.name() + "\" lies");
          }
        });
    return places;
  }

  private static Place place(CheckpointDict info) {
    boolean transformed =
        info.find("transform_descriptors")
            .filter(found ->
                !(found instanceof None)
                    && !(found instanceof Tuple tuple && tuple.items().isEmpty())
                    && !(found instanceof CheckpointList list && list.items().isEmpty()))
            .isPresent();
    if (transformed) {
      throw new CheckpointException(
          "the data is compressed or otherwise transformed by an extension, which is not read");
    }
    Text file = new Text(info.get("relative_path").asText());
    FolderFiles.requirePlain(file.value());
    return new Place(file.value(), info.get("offset").asLong(), info.get("length").asLong());
  }
}
