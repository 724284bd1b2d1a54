package io.lazytensor.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/**
 * Reads a folder of NeuronX Distributed: a tag with one file a rank, or a folder of tags, of which
 * the newest complete one counts.
 *
 * <p>Source: neuronx-distributed {@code trainer/checkpoint.py}, {@code
 * trainer/checkpoint_storage.py}.
 */
final class NeuronxReader {
  static final String MARK = "checkpoint";
  static final String DONE = "done";
  private static final String MODEL = "model";
  private static final String OPTIMIZER = "optim";
  private static final String SUFFIX = ".pt";
  private static final Pattern RANK_FILE =
      Pattern.compile(
          "dp_rank_[0-9]{2,6}(_ep_rank_[0-9]{2,6})?_tp_rank_[0-9]{2,6}_pp_rank_[0-9]{2,6}[.]pt");

  private record Opened(FolderFiles folder, String name, XserTensors tensors) {}

  private final FolderFiles tag;
  private final List<Opened> opened = new ArrayList<>();

  private NeuronxReader(FolderFiles tag) {
    this.tag = tag;
  }

  static boolean isTag(FolderFiles files) {
    return files.has(MARK) && Files.isDirectory(files.path().resolve(MODEL));
  }

  /** Returns whether a folder has tags, complete or not. */
  static boolean hasTags(FolderFiles files) {
    return files.names().stream().anyMatch(name -> isTagName(files, name));
  }

  private static boolean isTagName(FolderFiles files, String name) {
    Path tag = files.path().resolve(name);
    return Files.isRegularFile(tag.resolve(MARK)) && Files.isDirectory(tag.resolve(MODEL));
  }

  /** Returns the newest tag of a folder that was saved completely. */
  static FolderFiles newest(FolderFiles parent) {
    List<String> tags = parent.names().stream().filter(name -> isTagName(parent, name)).toList();
    return tags.stream()
        .filter(name -> Files.exists(parent.path().resolve(name).resolve(DONE)))
        .max(
            Comparator.<String, FileTime>comparing(name -> doneAt(parent, name))
                .thenComparing(Comparator.naturalOrder()))
        .map(parent::folder)
        .orElseThrow(() ->
            new CheckpointException(
                "none of the tags %s has the file \"%s\": their saving did not end"
                    .formatted(FolderFiles.listed(tags), DONE)));
  }

  private static FileTime doneAt(FolderFiles parent, String tag) {
    try {
      return Files.getLastModifiedTime(parent.path().resolve(tag).resolve(DONE));
    } catch (IOException e) {
      throw new CheckpointException("cannot read the age of tag \"%s\": %s".formatted(tag, e), e);
    }
  }

  static Checkpoint read(FolderFiles tag) {
    return new NeuronxReader(tag).read();
  }

  /** Checks every file against its checksums; returns how many were compared. */
  static int verify(FolderFiles tag) {
    NeuronxReader reader = new NeuronxReader(tag);
    reader.read();
    int compared = reader.hasDistributedOptimizer() ? DcpReader.verify(tag.folder(OPTIMIZER)) : 0;
    for (Opened file : reader.opened) {
      compared +=
          file.folder().read(file.name(), bytes -> Checkpoints.verify(bytes, file.tensors()));
    }
    return compared;
  }

  private Checkpoint read() {
    if (!tag.has(DONE)) {
      throw new CheckpointException(
          "the folder has no file \"%s\", which is written last: its saving did not end"
              .formatted(DONE));
    }
    CheckpointDict tree = new CheckpointDict(false);
    tree.put(CheckpointValue.of(MODEL), ranks(MODEL));
    if (hasDistributedOptimizer()) {
      tree.put(CheckpointValue.of(OPTIMIZER), DcpReader.read(tag.folder(OPTIMIZER)).tree());
    } else if (tag.has(OPTIMIZER)) {
      tree.put(CheckpointValue.of(OPTIMIZER), ranks(OPTIMIZER));
    }
    for (String name : List.of("scheduler", "user_content")) {
      if (tag.has(name + SUFFIX)) {
        tree.put(CheckpointValue.of(name), open(tag, name + SUFFIX));
      }
    }
    String name = String.valueOf(tag.path().toAbsolutePath().normalize().getFileName());
    return new Checkpoint(CheckpointFormat.NEURONX, tree, Map.of("tag", name));
  }

  private boolean hasDistributedOptimizer() {
    return Files.exists(tag.path().resolve(OPTIMIZER).resolve(DcpReader.METADATA));
  }

  /** Returns the files of a folder by their names without suffix. */
  private CheckpointDict ranks(String name) {
    FolderFiles folder = tag.folder(name);
    SequencedMap<String, CheckpointValue> ranks = new LinkedHashMap<>();
    for (String file : folder.names()) {
      if (RANK_FILE.matcher(file).matches()) {
        ranks.put(file.substring(0, file.length() - SUFFIX.length()), open(folder, file));
      }
    }
    if (ranks.isEmpty()) {
      throw new CheckpointException(
          "the folder \"%s\" has no file such as dp_rank_00_tp_rank_00_pp_rank_00.pt"
              .formatted(name));
    }
    CheckpointDict tree = new CheckpointDict(false);
    ranks.forEach((rank, value) -> tree.put(CheckpointValue.of(rank), value));
    return tree;
  }

  private CheckpointValue open(FolderFiles folder, String file) {
    XserTensors tensors = XserTensors.of(folder, file);
    opened.add(new Opened(folder, file, tensors));
    return folder.read(file, bytes -> Checkpoints.parse(bytes, tensors).tree());
  }
}
