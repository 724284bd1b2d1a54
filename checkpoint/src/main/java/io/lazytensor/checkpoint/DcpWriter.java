package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Tuple;
import io.lazytensor.checkpoint.DcpMetadata.BytesItem;
import io.lazytensor.checkpoint.DcpMetadata.Chunk;
import io.lazytensor.checkpoint.DcpMetadata.Item;
import io.lazytensor.checkpoint.DcpMetadata.Key;
import io.lazytensor.checkpoint.DcpMetadata.Place;
import io.lazytensor.checkpoint.DcpMetadata.TensorItem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Writes a folder that {@code torch.distributed.checkpoint} loads on any number of ranks, as one
 * rank would: {@code __0_0.distcp} and more of them if it gets too large, {@code .metadata} last.
 */
final class DcpWriter {
  private static final String ROOT = "archive";

  /** A value or chunk to write, and what it is called. */
  private record Part(Key key, CheckpointValue value, long bytes) {}

  private final long maxFileSize;
  private final SequencedMap<String, Item> items = new LinkedHashMap<>();
  private final Map<String, Tuple> paths = new LinkedHashMap<>();
  private final SequencedMap<Key, Place> places = new LinkedHashMap<>();
  private final List<Part> parts = new ArrayList<>();

  private DcpWriter(SaveOptions options) {
    this.maxFileSize = options.maxShardSize();
  }

  static void write(Path folder, CheckpointValue tree, SaveOptions options) {
    TreeLimits.check(tree);
    DcpWriter writer = new DcpWriter(options);
    NestedNames.flatten(tree.asDict()).forEach(writer::plan);
    writer.write(folder);
  }

  private void plan(String name, NestedNames.Leaf leaf) {
    paths.put(name, leaf.path());
    if (leaf.value() instanceof CheckpointTensor tensor) {
      if (tensor.quantizer().isPresent()) {
        throw new CheckpointException(
            "\"%s\" is quantized, which torch.distributed.checkpoint cannot load".formatted(name));
      }
      planTensor(name, tensor);
    } else {
      items.put(name, new BytesItem());
      parts.add(new Part(new Key(name, Optional.empty()), leaf.value(), 0));
    }
  }

  /** A tensor larger than a file is cut along its first dimension. */
  private void planTensor(String name, CheckpointTensor tensor) {
    long[] sizes = tensor.sizes();
    long rows = sizes.length == 0 ? 1 : sizes[0];
    long rowBytes = rows == 0 ? 0 : tensor.byteSize() / rows;
    long step =
        tensor.byteSize() <= maxFileSize ? Math.max(1, rows) : Math.max(1, maxFileSize / rowBytes);
    List<Chunk> chunks = new ArrayList<>();
    for (long row = 0; row < Math.max(1, rows); row += step) {
      CheckpointTensor chunk =
          step >= rows ? tensor : rows(tensor, row, Math.min(step, rows - row));
      List<Long> offsets = new ArrayList<>();
      for (int i = 0; i < sizes.length; i++) {
        offsets.add(i == 0 ? row : 0);
      }
      chunks.add(new Chunk(offsets, chunk.shape()));
      parts.add(new Part(new Key(name, Optional.of(offsets)), dense(chunk), chunk.byteSize()));
    }
    long[] whole = sizes.clone();
    items.put(name, new TensorItem(tensor.dtype(), whole, chunks));
  }

  private static CheckpointTensor rows(CheckpointTensor tensor, long first, long count) {
    long[] sizes = tensor.sizes().clone();
    sizes[0] = count;
    long offset = tensor.offset() + first * tensor.steps()[0];
    return new CheckpointTensor.Builder(
            tensor.storage(), tensor.dtype(), offset, sizes, tensor.steps())
        .sign(tensor.sign())
        .build();
  }

  /** Returns a tensor with a storage of just its elements. */
  private static CheckpointTensor dense(CheckpointTensor tensor) {
    CheckpointStorage storage =
        CheckpointStorage.of(tensor.dtype(), tensor.byteSize(), tensor::contiguous);
    return CheckpointTensor.of(tensor.dtype(), storage, tensor.sizes());
  }

  // ---- files ------------------------------------------------------------------------------------

  private void write(Path folder) {
    Set<String> written = new HashSet<>();
    try (StagedFolder staged = new StagedFolder(folder)) {
      int start = 0;
      for (int file = 0; start < parts.size(); file++) {
        String name = "__0_" + file + ".distcp";
        List<Part> inFile = parts.subList(start, end(start));
        staged.stage(name, channel -> write(channel, name, inFile));
        written.add(name);
        start += inFile.size();
      }
      byte[] metadata = DcpPickle.write(new DcpMetadata(items, paths, places));
      staged.stage(
          DcpReader.METADATA,
          channel -> new RecordSink(channel).write(MemorySegment.ofArray(metadata)));
      staged.publish(
          DcpReader.METADATA,
          name -> name.matches("__[0-9]+_[0-9]+[.]distcp") && !written.contains(name));
    }
  }

  private int end(int start) {
    int end = start;
    long bytes = 0;
    while (end < parts.size() && (end == start || bytes + parts.get(end).bytes() <= maxFileSize)) {
      bytes += parts.get(end).bytes();
      end++;
    }
    return end;
  }

  private void write(WritableByteChannel channel, String file, List<Part> inFile)
      throws IOException {
    RecordSink sink = new RecordSink(channel);
    for (Part part : inFile) {
      long start = sink.position();
      TorchWriter.archive(sink, ROOT, part.value());
      places.put(part.key(), new Place(file, start, sink.position() - start));
    }
  }
}
