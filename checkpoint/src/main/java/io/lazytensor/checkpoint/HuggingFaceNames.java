package io.lazytensor.checkpoint;

import io.lazytensor.checkpoint.HuggingFaceConfig.Family;
import io.lazytensor.nn.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of the families' tensors, as {@link io.lazytensor.nn.transformer.BertModel} has them. */
final class HuggingFaceNames {
  private static final Pattern LAYER =
      Pattern.compile("(?:transformer|encoder)\\.layer\\.(\\d+)\\.(.*)");

  /** A part of DistilBERT's layer and BERT's name of it. */
  private record Part(String distilBert, String bert) {}

  private static final List<Part> PARTS =
      List.of(
          new Part("attention.q_lin.", "attention.self.query."),
          new Part("attention.k_lin.", "attention.self.key."),
          new Part("attention.v_lin.", "attention.self.value."),
          new Part("attention.out_lin.", "attention.output.dense."),
          new Part("sa_layer_norm.", "attention.output.LayerNorm."),
          new Part("ffn.lin1.", "intermediate.dense."),
          new Part("ffn.lin2.", "output.dense."),
          new Part("output_layer_norm.", "output.LayerNorm."));

  /** What is not part of an encoder's hidden states: heads, and tables of numbers. */
  private static final List<String> LEFT_OUT =
      List.of(
          "pooler.",
          "cls.",
          "classifier.",
          "lm_head.",
          "qa_outputs.",
          "pre_classifier.",
          "vocab_transform.",
          "vocab_layer_norm.",
          "vocab_projector.",
          "embeddings.position_ids",
          "embeddings.token_type_ids");

  private HuggingFaceNames() {}

  /** Returns the encoder's tensors under BERT's names, heads left out. */
  static StateDict toBert(StateDict values, Family family) {
    String prefix = family == Family.XLM_ROBERTA ? "roberta." : family.modelType + ".";
    SequencedMap<String, StateDict.Entry> out = new LinkedHashMap<>();
    values
        .withoutPrefix(prefix)
        .entries()
        .forEach((name, entry) -> {
          if (LEFT_OUT.stream().noneMatch(name::startsWith)) {
            out.put(toBert(name, family), entry);
          }
        });
    return new StateDict(out);
  }

  private static String toBert(String name, Family family) {
    // TensorFlow's names, which early conversions kept.
    String modern =
        name.replaceFirst("\\.LayerNorm\\.gamma$", ".LayerNorm.weight")
            .replaceFirst("\\.LayerNorm\\.beta$", ".LayerNorm.bias");
    if (family != Family.DISTILBERT) {
      return modern;
    }
    Matcher layer = LAYER.matcher(modern);
    return layer.matches()
        ? "encoder.layer." + layer.group(1) + "." + replaced(layer.group(2), true)
        : modern;
  }

  /** Returns the encoder's tensors under its family's names. */
  static StateDict fromBert(StateDict values, Family family) {
    if (family != Family.DISTILBERT) {
      return values;
    }
    return values.renamed(name -> {
      Matcher layer = LAYER.matcher(name);
      return layer.matches()
          ? "transformer.layer." + layer.group(1) + "." + replaced(layer.group(2), false)
          : name;
    });
  }

  private static String replaced(String rest, boolean toBert) {
    for (Part part : PARTS) {
      String from = toBert ? part.distilBert : part.bert;
      if (rest.startsWith(from)) {
        return (toBert ? part.bert : part.distilBert) + rest.substring(from.length());
      }
    }
    return rest;
  }
}
