package io.lazytensor.checkpoint;

import io.lazytensor.Device;
import io.lazytensor.nn.LayerException;
import io.lazytensor.nn.LoadOptions;
import io.lazytensor.nn.StateDict;
import io.lazytensor.nn.transformer.BertConfig;
import io.lazytensor.nn.transformer.BertModel;
import io.lazytensor.nn.transformer.Pooling;
import io.lazytensor.nn.transformer.SentenceEncoder;
import io.lazytensor.xla.ir.ShapeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Text encoders in Hugging Face folders: {@code config.json} with {@code model.safetensors} or
 * {@code pytorch_model.bin}, whole or in shards, and what Sentence Transformers adds to them. The
 * families are BERT (MiniLM and many more), RoBERTa, XLM-RoBERTa and DistilBERT.
 */
public final class HuggingFaceEncoders {
  private static final String CONFIG = "config.json";
  private static final String MODULES = "modules.json";
  private static final String POOLING = "1_Pooling";
  private static final String TYPE = "sentence_transformers.models.";

  private HuggingFaceEncoders() {}

  /** How hidden states become vectors. */
  private record Head(Pooling pooling, boolean normalized) {}

  /**
   * Loads the encoder of a folder onto a device. Its pooling and normalization are those of the
   * folder's {@code modules.json}; a folder without one gets the mean, as Sentence Transformers
   * does.
   *
   * @throws CheckpointException if a file is missing or damaged, or the configuration has settings
   *     this library does not support; all of them are named
   * @throws LayerException if the weights do not have the names the configuration asks for
   * @throws ShapeException if a weight has another shape, or another type than {@code f32}
   */
  public static SentenceEncoder load(Device device, Path folder) {
    return load(device, folder, LoadOptions.STRICT);
  }

  /** Loads the encoder of a folder, with weights converted to {@code f32} if the options say so. */
  public static SentenceEncoder load(Device device, Path folder, LoadOptions options) {
    HuggingFaceConfig.Parsed parsed = parse(folder);
    SentenceEncoder encoder = encoder(folder, parsed.config());
    StateDict weights = HuggingFaceNames.toBert(Checkpoints.loadStateDict(folder), parsed.family());
    device.load(encoder.bert(), weights, options);
    return encoder;
  }

  /**
   * Reads the sizes and constants of a folder's encoder.
   *
   * @throws CheckpointException as {@link #load}
   */
  public static BertConfig config(Path folder) {
    return parse(folder).config();
  }

  private static HuggingFaceConfig.Parsed parse(Path folder) {
    Path file = folder.resolve(CONFIG);
    try {
      return HuggingFaceConfig.parse(read(file));
    } catch (LayerException e) {
      throw new CheckpointException(file + ": " + e.getMessage(), e);
    } catch (CheckpointException e) {
      throw new CheckpointException(folder + ": " + e.getMessage(), e);
    }
  }

  private static String read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(
          "there is no " + file + ". An encoder's folder has it beside the weights");
    }
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new CheckpointException("cannot read %s: %s".formatted(file, e), e);
    }
  }

  // ---- Sentence Transformers --------------------------------------------------------------------

  private static SentenceEncoder encoder(Path folder, BertConfig config) {
    Head head =
        Files.exists(folder.resolve(MODULES)) ? head(folder) : new Head(Pooling.MEAN, false);
    return new SentenceEncoder(BertModel.of(config), head.pooling, head.normalized);
  }

  private static Head head(Path folder) {
    Pooling pooling = Pooling.MEAN;
    boolean normalized = false;
    List<String> unknown = new ArrayList<>();
    if (!(Json.readAnything(read(folder.resolve(MODULES))) instanceof List<?> modules)) {
      throw new CheckpointException(folder.resolve(MODULES) + " is no list of modules");
    }
    for (Object module : modules) {
      String type = String.valueOf(module instanceof Map<?, ?> map ? map.get("type") : module);
      switch (type.startsWith(TYPE) ? type.substring(TYPE.length()) : type) {
        case "Transformer" -> {}
        case "Pooling" -> pooling = pooling(folder.resolve(POOLING).resolve(CONFIG));
        case "Normalize" -> normalized = true;
        default -> unknown.add(type);
      }
    }
    if (!unknown.isEmpty()) {
      throw new CheckpointException(
          "%s has the modules %s; supported are Transformer, Pooling and Normalize"
              .formatted(folder.resolve(MODULES), unknown));
    }
    return new Head(pooling, normalized);
  }

  private static Pooling pooling(Path file) {
    List<String> chosen = new ArrayList<>();
    if (Json.readAnything(read(file)) instanceof Map<?, ?> settings) {
      settings.forEach((name, value) -> {
        if (String.valueOf(name).startsWith("pooling_mode_")
            && value instanceof Json.Literal(String text)
            && text.equals("true")) {
          chosen.add(String.valueOf(name));
        }
      });
    }
    return switch (chosen.size() == 1 ? chosen.getFirst() : "") {
      case "pooling_mode_cls_token" -> Pooling.CLS;
      case "pooling_mode_mean_tokens" -> Pooling.MEAN;
      case "pooling_mode_max_tokens" -> Pooling.MAX;
      default ->
          throw new CheckpointException(
              "%s chooses %s; supported is one of cls_token, mean_tokens and max_tokens"
                  .formatted(file, chosen));
    };
  }

  // ---- writing ----------------------------------------------------------------------------------

  /**
   * Saves an encoder so that {@code AutoModel.from_pretrained(folder)} and {@code
   * SentenceTransformer(folder)} open it. A tokenizer's files are the caller's to put beside it.
   *
   * @throws CheckpointException if it cannot be written
   */
  public static void save(Path folder, SentenceEncoder encoder) {
    BertConfig config = encoder.bert().config();
    StateDict weights =
        HuggingFaceNames.fromBert(encoder.bert().stateDict(), HuggingFaceConfig.Family.of(config));
    try {
      Files.createDirectories(folder.resolve(POOLING));
    } catch (IOException e) {
      throw new CheckpointException("cannot make the folder %s: %s".formatted(folder, e), e);
    }
    Checkpoints.save(folder.resolve("model.safetensors"), weights);
    write(folder.resolve(POOLING).resolve(CONFIG), poolingText(encoder));
    write(folder.resolve(MODULES), modulesText(encoder.normalized()));
    write(folder.resolve(CONFIG), HuggingFaceConfig.text(config));
  }

  private static void write(Path file, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    DurableFile.replace(
        file, bytes.length, channel -> new RecordSink(channel).write(ByteBuffer.wrap(bytes)));
  }

  private static String poolingText(SentenceEncoder encoder) {
    return """
    {
      "word_embedding_dimension": %d,
      "pooling_mode_cls_token": %b,
      "pooling_mode_mean_tokens": %b,
      "pooling_mode_max_tokens": %b,
      "pooling_mode_mean_sqrt_len_tokens": false
    }
    """
        .formatted(
            encoder.bert().config().hiddenSize(),
            encoder.pooling() == Pooling.CLS,
            encoder.pooling() == Pooling.MEAN,
            encoder.pooling() == Pooling.MAX);
  }

  private static String modulesText(boolean normalized) {
    String first =
        """
        [
          {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
          {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}\
        """;
    String last =
        ",\n  {\"idx\": 2, \"name\": \"2\", \"path\": \"2_Normalize\", \"type\":"
            + " \"sentence_transformers.models.Normalize\"}";
    return first + (normalized ? last : "") + "\n]\n";
  }
}
