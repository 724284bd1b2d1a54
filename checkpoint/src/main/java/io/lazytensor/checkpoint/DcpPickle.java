package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Global;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes a {@code .metadata} as a pickle of protocol 2, with the objects PyTorch expects. */
final class DcpPickle {
  private static final String VERSION = "1.0.0";

  private final PickleOutput out = new PickleOutput(false);
  private final Map<Global, Integer> globals = new HashMap<>();

  private DcpPickle() {}

  /** Part of a pickle. */
  private interface Part {
    void write();
  }

  /** Returns the bytes of the file. */
  static byte[] write(DcpMetadata metadata) {
    DcpPickle pickle = new DcpPickle();
    pickle.out.op(Opcode.PROTO);
    pickle.out.op(2);
    pickle.object(
        DcpClasses.METADATA,
        () -> {
          pickle.entry("state_dict_metadata", () -> pickle.items(metadata));
          pickle.entry("planner_data", () -> pickle.paths(metadata.paths()));
          pickle.entry("storage_data", () -> pickle.places(metadata));
          pickle.entry("storage_meta", () -> pickle.out.op(Opcode.NONE));
          pickle.entry("version", () -> pickle.out.text(VERSION));
        });
    pickle.out.op(Opcode.STOP);
    return pickle.out.toByteArray();
  }

  // ---- parts ------------------------------------------------------------------------------------

  private void dict(Part entries) {
    out.op(Opcode.EMPTY_DICT);
    out.op(Opcode.MARK);
    entries.write();
    out.op(Opcode.SETITEMS);
  }

  private void entry(String key, Part value) {
    out.text(key);
    value.write();
  }

  private void object(Global type, Part attributes) {
    bare(type);
    dict(attributes);
    out.op(Opcode.BUILD);
  }

  private void bare(Global type) {
    global(type);
    out.op(Opcode.EMPTY_TUPLE);
    out.op(Opcode.NEWOBJ);
  }

  private void call(Global function, Part argument) {
    global(function);
    argument.write();
    out.op(Opcode.TUPLE1);
    out.op(Opcode.REDUCE);
  }

  private void global(Global global) {
    Integer known = globals.get(global);
    if (known != null) {
      out.indexed(Opcode.BINGET, Opcode.LONG_BINGET, known);
      return;
    }
    int index = globals.size();
    globals.put(global, index);
    out.global(global.module(), global.name());
    out.indexed(Opcode.BINPUT, Opcode.LONG_BINPUT, index);
  }

  private void integer(long value) {
    out.integer(BigInteger.valueOf(value));
  }

  private void size(List<Long> sizes) {
    call(
        DcpClasses.SIZE,
        () -> {
          out.op(Opcode.MARK);
          sizes.forEach(this::integer);
          out.op(Opcode.TUPLE);
        });
  }

  // ---- metadata ---------------------------------------------------------------------------------

  private void items(DcpMetadata metadata) {
    dict(() ->
        metadata
            .items()
            .forEach((name, item) ->
                entry(
                    name,
                    () -> {
                      switch (item) {
                        case DcpMetadata.BytesItem _ -> bare(DcpClasses.BYTES);
                        case DcpMetadata.TensorItem tensor -> tensor(tensor);
                      }
                    })));
  }

  private void tensor(DcpMetadata.TensorItem tensor) {
    object(
        DcpClasses.TENSOR,
        () -> {
          entry("properties", () -> properties(tensor.dtype()));
          entry("size", () -> size(Arrays.stream(tensor.size()).boxed().toList()));
          entry(
              "chunks",
              () -> {
                out.op(Opcode.EMPTY_LIST);
                out.op(Opcode.MARK);
                tensor.chunks().forEach(this::chunk);
                out.op(Opcode.APPENDS);
              });
        });
  }

  private void chunk(DcpMetadata.Chunk chunk) {
    object(
        DcpClasses.CHUNK,
        () -> {
          entry("offsets", () -> size(chunk.offsets()));
          entry("sizes", () -> size(chunk.sizes()));
        });
  }

  /** Element type, layout, gradient, memory format, pinned memory. */
  private void properties(TorchDType dtype) {
    bare(DcpClasses.PROPERTIES);
    out.op(Opcode.MARK);
    global(new Global("torch", dtype.torchName()));
    call(DcpClasses.LAYOUT, () -> out.text("torch.strided"));
    out.op(Opcode.NEWFALSE);
    call(DcpClasses.MEMORY_FORMAT, () -> integer(0));
    out.op(Opcode.NEWFALSE);
    out.op(Opcode.TUPLE);
    out.op(Opcode.BUILD);
  }

  private void paths(Map<String, CheckpointValue.Tuple> paths) {
    dict(() ->
        paths.forEach((name, path) ->
            entry(
                name,
                () -> {
                  out.op(Opcode.MARK);
                  path.items().forEach(this::step);
                  out.op(Opcode.TUPLE);
                })));
  }

  private void step(CheckpointValue step) {
    if (step instanceof CheckpointValue.Text(String key)) {
      out.text(key);
    } else {
      integer(step.asLong());
    }
  }

  private void places(DcpMetadata metadata) {
    dict(() ->
        metadata
            .places()
            .forEach((key, place) -> {
              object(DcpClasses.INDEX, () -> index(metadata, key));
              object(
                  DcpClasses.PLACE,
                  () -> {
                    entry("relative_path", () -> out.text(place.file()));
                    entry("offset", () -> integer(place.offset()));
                    entry("length", () -> integer(place.length()));
                  });
            }));
  }

  private void index(DcpMetadata metadata, DcpMetadata.Key key) {
    entry("fqn", () -> out.text(key.name()));
    if (key.offsets().isEmpty()) {
      entry("index", () -> out.op(Opcode.NONE));
      return;
    }
    entry("offset", () -> size(key.offsets().get()));
    entry("index", () -> integer(chunkNumber(metadata, key)));
  }

  private static long chunkNumber(DcpMetadata metadata, DcpMetadata.Key key) {
    if (metadata.items().get(key.name()) instanceof DcpMetadata.TensorItem tensor) {
      for (int i = 0; i < tensor.chunks().size(); i++) {
        if (key.offsets().equals(Optional.of(tensor.chunks().get(i).offsets()))) {
          return i;
        }
      }
    }
    return 0;
  }
}
