package io.lazytensor.nn.transformer;

import io.lazytensor.nn.LayerException;

/**
 * The sizes and constants of a {@link BertModel}. Hugging Face: {@code BertConfig}, and what other
 * families of encoders share with it.
 *
 * @param vocabularySize entries of the token table
 * @param hiddenSize width of a token
 * @param layers number of layers
 * @param heads attention heads, a divisor of the hidden size
 * @param intermediateSize width inside the feed-forward part
 * @param maxPositions rows of the position table
 * @param tokenTypes rows of the segment table; 0 for a family without segments
 * @param activation of the feed-forward part
 * @param hiddenDropout share of dropped activations, 0 to 1
 * @param attentionDropout share of dropped attention weights, 0 to 1
 * @param layerNormEps added to variances
 * @param initializerRange standard deviation of new weights
 * @param positions how tokens are numbered
 */
public record BertConfig(
    int vocabularySize,
    int hiddenSize,
    int layers,
    int heads,
    int intermediateSize,
    int maxPositions,
    int tokenTypes,
    HiddenActivation activation,
    double hiddenDropout,
    double attentionDropout,
    double layerNormEps,
    double initializerRange,
    Positions positions) {

  /** How tokens are numbered for the position table. */
  public sealed interface Positions {
    /** From 0 on, padding included: BERT, DistilBERT. */
    record FromZero() implements Positions {}

    /**
     * Tokens that are no padding from {@code padId + 1} on, padding as {@code padId}: RoBERTa.
     *
     * @param padId the token of padding
     */
    record AfterPadding(int padId) implements Positions {}
  }

  /**
   * Checks the sizes.
   *
   * @throws LayerException if one is not positive, or the heads do not divide the hidden size
   */
  public BertConfig {
    positive("vocabularySize", vocabularySize);
    positive("hiddenSize", hiddenSize);
    positive("layers", layers);
    positive("heads", heads);
    positive("intermediateSize", intermediateSize);
    positive("maxPositions", maxPositions);
    if (tokenTypes < 0) {
      throw new LayerException("tokenTypes is 0 or more, got " + tokenTypes);
    }
    if (hiddenSize % heads != 0) {
      throw new LayerException(
          "hiddenSize %d is no multiple of heads %d".formatted(hiddenSize, heads));
    }
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new LayerException(name + " is at least 1, got " + value);
    }
  }

  /**
   * Returns BERT's other settings for a size: 512 positions, 2 segments, GELU, dropout 0.1.
   *
   * @param intermediateSize usually four times the hidden size
   */
  public static BertConfig of(
      int vocabularySize, int hiddenSize, int layers, int heads, int intermediateSize) {
    return new BertConfig(
        vocabularySize,
        hiddenSize,
        layers,
        heads,
        intermediateSize,
        512,
        2,
        HiddenActivation.GELU,
        0.1,
        0.1,
        1e-12,
        0.02,
        new Positions.FromZero());
  }

  /** Returns BERT-base: 12 layers of width 768 with 12 heads. */
  public static BertConfig base(int vocabularySize) {
    return of(vocabularySize, 768, 12, 12, 3072);
  }

  /** Returns BERT-large: 24 layers of width 1024 with 16 heads. */
  public static BertConfig large(int vocabularySize) {
    return of(vocabularySize, 1024, 24, 16, 4096);
  }

  /** Returns the same with one share of dropped activations and attention weights. */
  public BertConfig withDropout(double rate) {
    return new BertConfig(
        vocabularySize,
        hiddenSize,
        layers,
        heads,
        intermediateSize,
        maxPositions,
        tokenTypes,
        activation,
        rate,
        rate,
        layerNormEps,
        initializerRange,
        positions);
  }

  /** Returns the same with another number of positions. */
  public BertConfig withMaxPositions(int count) {
    return new BertConfig(
        vocabularySize,
        hiddenSize,
        layers,
        heads,
        intermediateSize,
        count,
        tokenTypes,
        activation,
        hiddenDropout,
        attentionDropout,
        layerNormEps,
        initializerRange,
        positions);
  }
}
