package io.lazytensor.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.Device;
import io.lazytensor.Fetch;
import io.lazytensor.Input;
import io.lazytensor.Step;
import io.lazytensor.Tensor;
import io.lazytensor.nn.LayerException;
import io.lazytensor.nn.transformer.Pooling;
import io.lazytensor.nn.transformer.SentenceEncoder;
import io.lazytensor.xla.ir.LazyTensorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Encoders that transformers saved, by {@code make_encoder_goldens.py}, and their hidden states.
 */
class HuggingFaceEncodersTest {
  @TempDir Path folder;

  private record Golden(int[] dims, float[] values) {
    int[] integers() {
      int[] out = new int[values.length];
      for (int i = 0; i < out.length; i++) {
        out[i] = (int) values[i];
      }
      return out;
    }
  }

  private static Path resource(String family) {
    return Path.of("src/test/resources/encoders").resolve(family);
  }

  private static Map<String, Golden> golden(String family) throws IOException {
    Map<String, Golden> out = new HashMap<>();
    for (String line : Files.readAllLines(resource(family).resolve("golden.txt"))) {
      List<String> words = List.of(line.split(" "));
      String dims = words.get(1).substring(1, words.get(1).length() - 1);
      float[] values = new float[words.size() - 2];
      for (int i = 0; i < values.length; i++) {
        values[i] = Float.parseFloat(words.get(i + 2));
      }
      out.put(
          words.get(0),
          new Golden(Arrays.stream(dims.split(",")).mapToInt(Integer::parseInt).toArray(), values));
    }
    return out;
  }

  private static Golden named(Map<String, Golden> all, String name) {
    Golden found = all.get(name);
    if (found == null) {
      throw new AssertionError("golden.txt has no " + name);
    }
    return found;
  }

  private record Results(float[] hidden, float[] pooled) {}

  private static Results run(Device device, SentenceEncoder encoder, Map<String, Golden> golden) {
    Input ids = device.tensor(named(golden, "ids").integers(), named(golden, "ids").dims());
    Input mask = device.tensor(named(golden, "mask").integers(), named(golden, "mask").dims());
    try (Step step = device.evaluationStep("embed")) {
      Tensor hidden = encoder.bert().forward(ids, mask);
      Tensor shown = hidden.mul(mask.to(hidden.dtype()).unsqueeze(2));
      Fetch<float[]> states = step.fetchFloats(shown);
      Fetch<float[]> pooled = step.fetchFloats(encoder.forward(ids, mask));
      step.markStep();
      return new Results(states.get(), pooled.get());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta", "distilbert"})
  void hiddenStatesAreTransformers(String family) throws IOException {
    Map<String, Golden> golden = golden(family);
    try (Device device = Device.open("evaluator")) {
      SentenceEncoder encoder = HuggingFaceEncoders.load(device, resource(family));
      assertEquals(Pooling.MEAN, encoder.pooling());
      assertFalse(encoder.normalized());
      Results results = run(device, encoder, golden);
      assertArrayEquals(named(golden, "hidden").values(), results.hidden(), 2e-5f);
      assertArrayEquals(named(golden, "mean").values(), results.pooled(), 2e-5f);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta", "distilbert"})
  void whatIsSavedGivesTheSameVectors(String family) throws IOException {
    Map<String, Golden> golden = golden(family);
    try (Device device = Device.open("evaluator")) {
      SentenceEncoder loaded = HuggingFaceEncoders.load(device, resource(family));
      SentenceEncoder encoder = new SentenceEncoder(loaded.bert(), Pooling.MAX, true);
      Results before = run(device, encoder, golden);
      HuggingFaceEncoders.save(folder, encoder);
      SentenceEncoder again = HuggingFaceEncoders.load(device, folder);
      assertEquals(encoder.bert().config(), again.bert().config());
      assertEquals(Pooling.MAX, again.pooling());
      assertTrue(again.normalized());
      assertArrayEquals(before.pooled(), run(device, again, golden).pooled());
    }
  }

  @Test
  void settingsThatAreNotSupportedAreNamedTogether() throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type":"bert","vocab_size":10,"hidden_size":4,"num_hidden_layers":1,
         "num_attention_heads":2,"max_position_embeddings":8,"hidden_act":"swoosh",
         "is_decoder":true,"position_embedding_type":"relative_key"}
        """);
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> HuggingFaceEncoders.config(folder));
    for (String part :
        List.of("intermediate_size is missing", "\"swoosh\"", "is_decoder", "relative_key")) {
      assertTrue(String.valueOf(refused.getMessage()).contains(part), refused.getMessage());
    }
  }

  @Test
  void otherModelsAndEmptyFoldersAreRefused() throws IOException {
    assertTrue(
        String.valueOf(
                assertThrows(CheckpointException.class, () -> HuggingFaceEncoders.config(folder))
                    .getMessage())
            .contains("config.json"));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"llama\"}");
    assertTrue(
        String.valueOf(
                assertThrows(CheckpointException.class, () -> HuggingFaceEncoders.config(folder))
                    .getMessage())
            .contains("\"llama\""));
  }

  @Test
  void weightsOfAnotherSizeLoadNothing() throws IOException {
    Path bert = resource("bert");
    Files.copy(bert.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    String config = Files.readString(bert.resolve("config.json"));
    Files.writeString(
        folder.resolve("config.json"),
        config.replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3"));
    try (Device device = Device.open("evaluator")) {
      assertThrows(LayerException.class, () -> HuggingFaceEncoders.load(device, folder));
      Files.writeString(
          folder.resolve("config.json"),
          config.replace("\"vocab_size\": 40", "\"vocab_size\": 41"));
      LazyTensorException refused =
          assertThrows(LazyTensorException.class, () -> HuggingFaceEncoders.load(device, folder));
      assertTrue(
          String.valueOf(refused.getMessage()).contains("word_embeddings"), refused.getMessage());
    }
  }
}
