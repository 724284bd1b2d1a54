package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.CheckpointValue.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts the tensors of tensor-parallel ranks together. The files do not say how a tensor was cut;
 * the model knows.
 *
 * <p>Source: neuronx-distributed {@code parallel_layers/layers.py} ({@code
 * create_local_weight_cpu}).
 */
public final class TensorParallel {
  private static final Pattern RANKS =
      Pattern.compile("dp_rank_[0-9]+_tp_rank_([0-9]{1,6})_pp_rank_([0-9]{1,6})");

  private TensorParallel() {}

  /**
   * Merges the state dicts of all ranks of a NeuronX Distributed checkpoint: {@code
   * merge(Checkpoints.load(folder).asDict().get("model"), partitions)}. Data is read and copied
   * when it is used.
   *
   * @param model state dicts by rank, as in {@code dp_rank_00_tp_rank_00_pp_rank_00}
   * @param partitions how the tensor of a name is cut; empty if every rank has all of it
   * @return the tensors by name, those of the first pipeline rank first
   * @throws CheckpointException if a rank is missing, ranks disagree, or a tensor cannot be cut so
   */
  public static CheckpointDict merge(
      CheckpointValue model, Function<String, Optional<TensorPartition>> partitions) {
    Map<Integer, TreeMap<Integer, CheckpointDict>> stages = new TreeMap<>();
    model
        .asDict()
        .entries()
        .forEach((key, ranks) -> {
          Matcher name = RANKS.matcher(Keys.show(key));
          if (!name.matches()) {
            throw new CheckpointException(
                "\"%s\" is no tensor-parallel rank that can be merged".formatted(Keys.show(key)));
          }
          stages
              .computeIfAbsent(Integer.valueOf(name.group(2)), stage -> new TreeMap<>())
              .put(Integer.valueOf(name.group(1)), ranks.asDict());
        });
    requireAll("pp", stages.keySet().stream().toList());
    SequencedMap<String, CheckpointTensor> merged = new LinkedHashMap<>();
    for (TreeMap<Integer, CheckpointDict> ranks : stages.values()) {
      requireAll("tp", ranks.keySet().stream().toList());
      stage(List.copyOf(ranks.values()), partitions)
          .forEach((name, tensor) -> add(merged, name, tensor));
    }
    CheckpointDict tree = new CheckpointDict(true);
    merged.forEach((name, tensor) -> tree.put(CheckpointValue.of(name), tensor));
    return tree;
  }

  private static void requireAll(String kind, List<Integer> ranks) {
    if (ranks.isEmpty() || ranks.getLast() != ranks.size() - 1) {
      throw new CheckpointException(
          "of the %s ranks only %s are there; all are needed from 0 on".formatted(kind, ranks));
    }
  }

  /** Pipeline stages may each have a tied tensor, of one shape then. */
  private static void add(
      SequencedMap<String, CheckpointTensor> merged, String name, CheckpointTensor tensor) {
    CheckpointTensor before = merged.putIfAbsent(name, tensor);
    if (before != null) {
      requireSame(name, before, tensor);
    }
  }

  private static void requireSame(String name, CheckpointTensor a, CheckpointTensor b) {
    if (a.dtype() != b.dtype() || !a.shape().equals(b.shape())) {
      throw new CheckpointException(
          "\"%s\" is %s on one rank and %s on another".formatted(name, a, b));
    }
  }

  private static SequencedMap<String, CheckpointTensor> stage(
      List<CheckpointDict> ranks, Function<String, Optional<TensorPartition>> partitions) {
    SequencedMap<String, CheckpointTensor> out = new LinkedHashMap<>();
    for (CheckpointValue key : ranks.getFirst().entries().keySet()) {
      if (!(key instanceof Text(String name))) {
        throw new CheckpointException("a state dict has the key " + Keys.show(key));
      }
      List<CheckpointTensor> slices = new ArrayList<>();
      for (CheckpointDict rank : ranks) {
        slices.add(rank.get(name).asTensor());
        requireSame(name, slices.getFirst(), slices.getLast());
      }
      out.put(
          name,
          partitions
              .apply(name)
              .map(partition -> joined(name, slices, partition))
              .orElse(slices.getFirst()));
    }
    for (CheckpointDict rank : ranks) {
      if (rank.entries().size() != out.size()) {
        throw new CheckpointException("the state dicts of the tp ranks have different names");
      }
    }
    return out;
  }

  /** Piece {@code k} of the whole is on rank {@code k % ranks}. */
  private static CheckpointTensor joined(
      String name, List<CheckpointTensor> slices, TensorPartition partition) {
    CheckpointTensor first = slices.getFirst();
    int dimension = partition.dimension();
    int stride = partition.stride();
    if (dimension >= first.sizes().length || first.sizes()[dimension] % stride != 0) {
      throw new CheckpointException(
          "\"%s\", %s on each rank, cannot have been cut by %s".formatted(name, first, partition));
    }
    long length = first.sizes()[dimension] / stride;
    long[] sizes = first.sizes().clone();
    sizes[dimension] = length;
    List<TensorPieces.Piece> pieces = new ArrayList<>();
    for (int round = 0; round < stride; round++) {
      for (int rank = 0; rank < slices.size(); rank++) {
        long[] offsets = new long[sizes.length];
        offsets[dimension] = ((long) round * slices.size() + rank) * length;
        CheckpointTensor piece = part(slices.get(rank), dimension, round * length, sizes);
        pieces.add(new TensorPieces.Piece(offsets, sizes, piece::contiguous));
      }
    }
    long[] whole = sizes.clone();
    whole[dimension] = length * stride * slices.size();
    return TensorPieces.tensor(name, first.dtype(), whole, pieces);
  }

  private static CheckpointTensor part(
      CheckpointTensor tensor, int dimension, long start, long[] sizes) {
    long offset = tensor.offset() + start * tensor.steps()[dimension];
    return new CheckpointTensor.Builder(
            tensor.storage(), tensor.dtype(), offset, sizes, tensor.steps())
        .sign(tensor.sign())
        .build();
  }
}
