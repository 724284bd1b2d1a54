package io.lazytensor.data.text;

import io.lazytensor.data.DataException;
import io.lazytensor.data.TokenIds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A tokenizer of Hugging Face, read from its {@code tokenizer.json}. It works offline; the native
 * library comes with the optional dependency {@code ai.djl.huggingface:tokenizers}.
 *
 * <p>Used by any number of threads. Calls from virtual threads run on a few platform threads, since
 * native code would hold their carriers.
 */
public final class TextTokenizer implements AutoCloseable {
  private static final String FILE = "tokenizer.json";
  private static final String IMPLEMENTATION = "ai.djl.huggingface.tokenizers.HuggingFaceTokenizer";

  private final NativeTokenizer tokenizer;
  private final TokenizerFile file;
  private final int maxLength;
  private final AtomicLong truncated = new AtomicLong();

  private TextTokenizer(NativeTokenizer tokenizer, TokenizerFile file, int maxLength) {
    this.tokenizer = tokenizer;
    this.file = file;
    this.maxLength = maxLength;
  }

  /**
   * Opens a tokenizer.
   *
   * @param path a {@code tokenizer.json}, or a folder that has one
   * @param maxLength the most tokens of a text, special tokens such as {@code [CLS]} included;
   *     longer texts are cut, and counted
   * @throws DataException if the file is missing or damaged, or the dependency is
   */
  public static TextTokenizer open(Path path, int maxLength) {
    Path json = Files.isDirectory(path) ? path.resolve(FILE) : path;
    if (!Files.isRegularFile(json)) {
      throw new DataException(
          "%s: there is no %s; a folder of Hugging Face's transformers has one"
              .formatted(path, FILE));
    }
    if (maxLength < 1) {
      throw new DataException("a text has at least 1 token, got the maximum length " + maxLength);
    }
    TokenizerFile file = TokenizerFile.read(json);
    requireDependency();
    return new TextTokenizer(NativeTokenizer.open(json, maxLength), file, maxLength);
  }

  private static void requireDependency() {
    try {
      Class.forName(IMPLEMENTATION, false, TextTokenizer.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      throw missing(e);
    }
  }

  static DataException missing(Throwable cause) {
    return new DataException(
        "tokenizers need ai.djl.huggingface:tokenizers:0.38.0 (18 MB, with native libraries), which"
            + " is optional: add it to the program's dependencies; on the module path also"
            + " --add-modules ai.djl.tokenizers",
        cause);
  }

  /**
   * Returns the tokens of a text, without padding.
   *
   * @throws DataException if the native library fails
   */
  public TokenIds encode(String text) {
    return encode(List.of(text)).getFirst();
  }

  /** Returns the tokens of several texts; faster than one by one. */
  public List<TokenIds> encode(List<String> texts) {
    List<TokenIds> out = tokenizer.encode(texts);
    count(out);
    return out;
  }

  /** Returns the tokens of two texts in one sequence, the longer of which is cut first. */
  public TokenIds encodePair(String first, String second) {
    TokenIds out = tokenizer.encodePair(first, second);
    count(List.of(out));
    return out;
  }

  private void count(List<TokenIds> encoded) {
    for (TokenIds ids : encoded) {
      if (ids.truncated()) {
        truncated.incrementAndGet();
      }
    }
  }

  /** Returns the text of tokens, without special ones. */
  public String decode(int... ids) {
    return tokenizer.decode(ids);
  }

  /** Returns the most tokens of a text. */
  public int maxLength() {
    return maxLength;
  }

  /** Returns how many texts were cut so far. */
  public long truncated() {
    return truncated.get();
  }

  /** Returns how many different tokens there are: the largest number and 1. */
  public int vocabularySize() {
    return file.vocabularySize();
  }

  /** Returns the token to pad with. */
  public int padId() {
    return file.padId();
  }

  /**
   * Refuses a model that has no embedding for some token.
   *
   * @param modelVocabulary rows of the model's embedding
   * @throws DataException if there are fewer than tokens
   */
  public void requireVocabulary(int modelVocabulary) {
    if (vocabularySize() > modelVocabulary) {
      throw new DataException(
          "the tokenizer %s has %d tokens, the model %d embeddings: they are not of each other"
              .formatted(file.path(), vocabularySize(), modelVocabulary));
    }
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    tokenizer.close();
  }
}
