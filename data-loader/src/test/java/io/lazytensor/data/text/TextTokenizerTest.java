package io.lazytensor.data.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.data.DataException;
import io.lazytensor.data.TokenIds;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTokenizerTest {
  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init") // set before each test
  private TextTokenizer tokenizer;

  @BeforeEach
  void open() throws IOException {
    try (InputStream in =
        TextTokenizerTest.class.getResourceAsStream("/io/lazytensor/data/tokenizer.json")) {
      Files.write(folder.resolve("tokenizer.json"), Objects.requireNonNull(in).readAllBytes());
    }
    tokenizer = TextTokenizer.open(folder, 6);
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  private static String message(org.junit.jupiter.api.function.Executable body) {
    return String.valueOf(assertThrows(DataException.class, body).getMessage());
  }

  @Test
  void textsBecomeTokensAndBack() {
    TokenIds ids = tokenizer.encode("Red shoes xyz");
    assertArrayEquals(new int[] {2, 5, 7, 8, 1, 3}, ids.ids());
    assertFalse(ids.truncated());
    assertEquals("red shoes", tokenizer.decode(2, 5, 7, 8, 3));
    assertArrayEquals(new int[] {2, 5, 3, 7, 3}, tokenizer.encodePair("red", "shoe").ids());
  }

  @Test
  void longTextsAreCutBeforeTheLastSpecialTokenAndCounted() {
    List<TokenIds> ids = tokenizer.encode(List.of("a red hat with blue lace", "hat", ""));
    assertArrayEquals(new int[] {2, 4, 5, 9, 10, 3}, ids.get(0).ids());
    assertTrue(ids.get(0).truncated());
    assertArrayEquals(new int[] {2, 9, 3}, ids.get(1).ids());
    assertFalse(ids.get(1).truncated());
    assertArrayEquals(new int[] {2, 3}, ids.get(2).ids());
    assertEquals(1, tokenizer.truncated());
  }

  @Test
  void theVocabularyIsThatOfTheFile() {
    assertEquals(12, tokenizer.vocabularySize());
    assertEquals(0, tokenizer.padId());
    tokenizer.requireVocabulary(12);
    String told = message(() -> tokenizer.requireVocabulary(11));
    assertTrue(told.contains("has 12 tokens, the model 11 embeddings"), told);
  }

  @Test
  void virtualThreadsGetTheSameTokens() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<TokenIds>> found = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        found.add(threads.submit(() -> tokenizer.encode("blue hat")));
      }
      for (Future<TokenIds> one : found) {
        assertArrayEquals(new int[] {2, 6, 9, 3}, one.get().ids());
      }
    }
  }

  @Test
  void whatIsNoTokenizerIsRefused() throws IOException {
    Path none = Files.createDirectory(folder.resolve("none"));
    assertTrue(message(() -> TextTokenizer.open(none, 8)).contains("there is no tokenizer.json"));
    for (String wrong :
        List.of("", "[]", "{}", "{\"model\": {\"vocab\": {\"a\": ", "{\"model\": 3}")) {
      Path json = Files.writeString(folder.resolve("wrong.json"), wrong);
      assertTrue(message(() -> TextTokenizer.open(json, 8)).contains("is no tokenizer"), wrong);
    }
    Path incomplete =
        Files.writeString(folder.resolve("odd.json"), "{\"model\": {\"vocab\": {\"a\": 0}}}");
    assertTrue(message(() -> TextTokenizer.open(incomplete, 8)).contains("cannot be read"));
    assertThrows(DataException.class, () -> TextTokenizer.open(folder, 0));
    tokenizer.close();
    assertThrows(DataException.class, () -> tokenizer.encode("hat"));
  }
}
