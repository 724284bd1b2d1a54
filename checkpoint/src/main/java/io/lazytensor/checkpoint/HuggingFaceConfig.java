package io.lazytensor.checkpoint;

import io.lazytensor.nn.transformer.BertConfig;
import io.lazytensor.nn.transformer.BertConfig.Positions;
import io.lazytensor.nn.transformer.HiddenActivation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The {@code config.json} of a text encoder. Source: Hugging Face's configuration classes. */
final class HuggingFaceConfig {
  /** Families of encoders, by {@code model_type}. */
  enum Family {
    BERT("bert"),
    ROBERTA("roberta"),
    XLM_ROBERTA("xlm-roberta"),
    DISTILBERT("distilbert");

    final String modelType;

    Family(String modelType) {
      this.modelType = modelType;
    }

    static Optional<Family> of(String modelType) {
      for (Family family : values()) {
        if (family.modelType.equals(modelType)) {
          return Optional.of(family);
        }
      }
      return Optional.empty();
    }

    /** Returns the family whose names and settings an encoder's own settings are. */
    static Family of(BertConfig config) {
      return switch (config.positions()) {
        case Positions.AfterPadding _ -> ROBERTA;
        case Positions.FromZero _ -> config.tokenTypes() == 0 ? DISTILBERT : BERT;
      };
    }
  }

  private final Map<String, Object> json;
  private final List<String> wrong = new ArrayList<>();

  private HuggingFaceConfig(Map<String, Object> json) {
    this.json = json;
  }

  /** What a file says. */
  record Parsed(Family family, BertConfig config) {}

  /**
   * Reads the text of a file.
   *
   * @throws CheckpointException naming every setting that is missing or not supported
   */
  static Parsed parse(String text) {
    Object value = Json.readAnything(text);
    if (!(value instanceof Map<?, ?> map)) {
      throw new CheckpointException("config.json is no object");
    }
    Map<String, Object> settings = new LinkedHashMap<>();
    map.forEach((key, item) -> settings.put((String) key, item));
    return new HuggingFaceConfig(settings).parse();
  }

  private Parsed parse() {
    Object type = json.get("model_type");
    Family family =
        Family.of(String.valueOf(type))
            .orElseThrow(() ->
                new CheckpointException(
                    "config.json has the model_type %s; supported are bert, roberta, xlm-roberta"
                            .formatted(type == null ? "missing" : "\"" + type + "\"")
                        + " and distilbert"));
    refuse("is_decoder", "true");
    refuse("add_cross_attention", "true");
    Object kind = json.get("position_embedding_type");
    if (kind != null && !kind.equals("absolute")) {
      wrong.add("position_embedding_type " + kind + ", supported is absolute");
    }
    BertConfig config = family == Family.DISTILBERT ? distilBert() : bert(family);
    return new Parsed(family, config);
  }

  private BertConfig bert(Family family) {
    int pad = (int) number("pad_token_id", 0L);
    Positions positions =
        family == Family.BERT ? new Positions.FromZero() : new Positions.AfterPadding(pad);
    HiddenActivation activation = activation("hidden_act");
    return checked(
        size("vocab_size"),
        size("hidden_size"),
        size("num_hidden_layers"),
        size("num_attention_heads"),
        size("intermediate_size"),
        size("max_position_embeddings"),
        (int) number("type_vocab_size", 2L),
        activation,
        real("hidden_dropout_prob", 0.1),
        real("attention_probs_dropout_prob", 0.1),
        real("layer_norm_eps", 1e-12),
        positions);
  }

  private BertConfig distilBert() {
    refuse("sinusoidal_pos_embds", "true");
    HiddenActivation activation = activation("activation");
    return checked(
        size("vocab_size"),
        size("dim"),
        size("n_layers"),
        size("n_heads"),
        size("hidden_dim"),
        size("max_position_embeddings"),
        0,
        activation,
        real("dropout", 0.1),
        real("attention_dropout", 0.1),
        1e-12,
        new Positions.FromZero());
  }

  private BertConfig checked(
      int vocabulary,
      int hidden,
      int layers,
      int heads,
      int intermediate,
      int positions,
      int types,
      HiddenActivation activation,
      double hiddenDropout,
      double attentionDropout,
      double eps,
      Positions numbering) {
    if (!wrong.isEmpty()) {
      throw new CheckpointException("config.json: " + String.join("; ", wrong));
    }
    return new BertConfig(
        vocabulary,
        hidden,
        layers,
        heads,
        intermediate,
        positions,
        types,
        activation,
        hiddenDropout,
        attentionDropout,
        eps,
        real("initializer_range", 0.02),
        numbering);
  }

  private void refuse(String name, String value) {
    if (json.get(name) instanceof Json.Literal(String text) && text.equals(value)) {
      wrong.add(name + " " + value + " is not supported");
    }
  }

  private HiddenActivation activation(String name) {
    Object label = json.getOrDefault(name, "gelu");
    return HiddenActivation.of(String.valueOf(label))
        .orElseGet(() -> {
          wrong.add(name + " \"" + label + "\" is not supported");
          return HiddenActivation.GELU;
        });
  }

  private int size(String name) {
    long value = number(name, null);
    if (value < 1 || value > Integer.MAX_VALUE) {
      if (json.get(name) instanceof Long) {
        wrong.add(name + " is " + value + ", expected at least 1");
      }
      return 1;
    }
    return (int) value;
  }

  private long number(String name, @Nullable Long otherwise) {
    Object value = json.get(name);
    if (value instanceof Long number && (number <= Integer.MAX_VALUE)) {
      return number;
    }
    if (value == null && otherwise != null) {
      return otherwise;
    }
    wrong.add(
        value == null ? name + " is missing" : name + " is " + value + ", expected a whole number");
    return 1;
  }

  private double real(String name, double otherwise) {
    Object value = json.get(name);
    return switch (value) {
      case null -> otherwise;
      case Long number -> number;
      case Json.Literal(String text) -> {
        try {
          yield text.equals("null") ? otherwise : Double.parseDouble(text);
        } catch (NumberFormatException e) {
          wrong.add(name + " is " + text + ", expected a number");
          yield otherwise;
        }
      }
      default -> {
        wrong.add(name + " is " + value + ", expected a number");
        yield otherwise;
      }
    };
  }

  // ---- writing ----------------------------------------------------------------------------------

  /** Returns the text of a file, as {@code save_pretrained} writes it: sorted, two spaces. */
  static String text(BertConfig config) {
    Family family = Family.of(config);
    Map<String, Object> out = new TreeMap<>();
    switch (family) {
      case BERT -> bertFields(out, config, "BertModel");
      case ROBERTA, XLM_ROBERTA -> {
        bertFields(out, config, "RobertaModel");
        if (config.positions() instanceof Positions.AfterPadding(int padId)) {
          out.put("pad_token_id", padId);
        }
      }
      case DISTILBERT -> distilFields(out, config);
    }
    out.put("initializer_range", config.initializerRange());
    out.put("max_position_embeddings", config.maxPositions());
    out.put("model_type", family.modelType);
    out.put("vocab_size", config.vocabularySize());
    StringBuilder text = new StringBuilder("{");
    out.forEach((name, value) ->
        text.append(text.length() == 1 ? "\n" : ",\n")
            .append("  ")
            .append(Json.quote(name))
            .append(": ")
            .append(json(value)));
    return text.append("\n}\n").toString();
  }

  private static String json(Object value) {
    return switch (value) {
      case String string -> Json.quote(string);
      case List<?> list ->
          "[" + list.stream().map(item -> json(item)).collect(Collectors.joining(", ")) + "]";
      default -> value.toString();
    };
  }

  private static void bertFields(Map<String, Object> out, BertConfig config, String architecture) {
    out.put("architectures", List.of(architecture));
    out.put("hidden_size", config.hiddenSize());
    out.put("num_hidden_layers", config.layers());
    out.put("num_attention_heads", config.heads());
    out.put("intermediate_size", config.intermediateSize());
    out.put("type_vocab_size", config.tokenTypes());
    out.put("hidden_act", config.activation().label());
    out.put("hidden_dropout_prob", config.hiddenDropout());
    out.put("attention_probs_dropout_prob", config.attentionDropout());
    out.put("layer_norm_eps", config.layerNormEps());
    out.put("position_embedding_type", "absolute");
  }

  private static void distilFields(Map<String, Object> out, BertConfig config) {
    out.put("architectures", List.of("DistilBertModel"));
    out.put("dim", config.hiddenSize());
    out.put("n_layers", config.layers());
    out.put("n_heads", config.heads());
    out.put("hidden_dim", config.intermediateSize());
    out.put("activation", config.activation().label());
    out.put("dropout", config.hiddenDropout());
    out.put("attention_dropout", config.attentionDropout());
  }
}
