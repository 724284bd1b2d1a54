package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Int;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;

/**
 * Reads what {@code torch.save} wrote before PyTorch 1.6, and still does with {@code
 * _use_new_zipfile_serialization=False}: five pickles and the data of the storages. Tensors are
 * views of the file.
 *
 * <p>Source: PyTorch 2.14 {@code torch/serialization.py} ({@code _legacy_save}, {@code
 * _legacy_load}); PyTorch 2.6 {@code torch/csrc/serialization.cpp}: data is little-endian whatever
 * the file says of the machine that wrote it.
 */
final class LegacyReader {
  private static final Int MAGIC = new Int(new BigInteger("1950a86a20f9469cfc6c", 16));
  private static final CheckpointValue VERSION = CheckpointValue.of(1001);

  private LegacyReader() {}

  static CheckpointValue read(MemorySegment file) {
    PickleStream stream = new PickleStream(file, "the file");
    if (!stream.next().equals(MAGIC)) {
      throw new CheckpointException(
          "the file is a pickle, but not of torch.save: it does not start with its magic number");
    }
    CheckpointValue version = stream.next();
    if (!version.equals(VERSION)) {
      throw new CheckpointException(
          "the file has protocol version %s; %s is read"
              .formatted(TreeLeaves.repr(version), TreeLeaves.repr(VERSION)));
    }
    // What it says of the machine that wrote it has no bearing on the data.
    stream.next().asDict();
    LegacyStorages storages = new LegacyStorages();
    CheckpointValue tree = stream.next(storages::of);
    for (CheckpointValue key : stream.next().asList().items()) {
      storages.locate(key.asText(), stream);
    }
    storages.requireAllLocated();
    stream.requireEnd();
    TreeLimits.check(tree);
    return tree;
  }
}
