package io.lazytensor.nn.transformer;

import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import io.lazytensor.nn.AttentionOptions;
import io.lazytensor.nn.Embedding;
import io.lazytensor.nn.F;
import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.LayerException;
import io.lazytensor.nn.LayerNorm;
import io.lazytensor.nn.Linear;
import io.lazytensor.nn.Name;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A bidirectional text encoder: token, position and segment embeddings, then layers of
 * self-attention and feed-forward parts, each followed by layer normalization. Hugging Face: {@code
 * BertModel}; keys of the state dict are its keys.
 *
 * @param embeddings from tokens to vectors
 * @param encoder the layers
 * @param pooler what BERT's next-sentence head reads; encoders of sentences do without
 * @param config the sizes
 */
public record BertModel(
    Embeddings embeddings, Encoder encoder, Optional<Pooler> pooler, BertConfig config)
    implements Layer {

  /** Returns a model without pooler. */
  public static BertModel of(BertConfig config) {
    List<Block> blocks =
        IntStream.range(0, config.layers()).mapToObj(i -> Block.of(config)).toList();
    return new BertModel(Embeddings.of(config), new Encoder(blocks), Optional.empty(), config);
  }

  /** Returns a model of the same sizes with a pooler. */
  public BertModel withPooler() {
    return new BertModel(
        embeddings,
        encoder,
        Optional.of(new Pooler(linear(config, config.hiddenSize(), config.hiddenSize()))),
        config);
  }

  /**
   * Returns the hidden state of each token.
   *
   * @param ids {@code s32[batch, tokens]}
   * @param mask {@code s32} or {@code f32[batch, tokens]}, 0 for padding
   * @return {@code [batch, tokens, hidden]}
   */
  public Tensor forward(Tensor ids, Tensor mask) {
    return encoder.forward(embeddings.forward(ids, Optional.empty(), config), mask, config);
  }

  /**
   * Returns the hidden state of each token of two segments.
   *
   * @param tokenTypes {@code s32[batch, tokens]}, the segment of each token
   */
  public Tensor forward(Tensor ids, Tensor mask, Tensor tokenTypes) {
    return encoder.forward(embeddings.forward(ids, Optional.of(tokenTypes), config), mask, config);
  }

  private static Linear linear(BertConfig config, int in, int out) {
    return new Linear(
        Parameter.of(Initializer.normal(0, config.initializerRange()), out, in),
        Optional.of(Parameter.of(Initializer.zeros(), out)));
  }

  private static Embedding table(BertConfig config, int rows) {
    return new Embedding(
        Parameter.of(Initializer.normal(0, config.initializerRange()), rows, config.hiddenSize()),
        Embedding.NO_PADDING);
  }

  private static LayerNorm newNorm(BertConfig config) {
    return LayerNorm.of(config.hiddenSize()).withEps(config.layerNormEps());
  }

  /**
   * The sum of what a token, its position and its segment stand for.
   *
   * @param words by token
   * @param positions by position
   * @param tokenTypes by segment, for families that have them
   * @param norm of the sum
   */
  public record Embeddings(
      @Name("word_embeddings") Embedding words,
      @Name("position_embeddings") Embedding positions,
      @Name("token_type_embeddings") Optional<Embedding> tokenTypes,
      @Name("LayerNorm") LayerNorm norm)
      implements Layer {

    static Embeddings of(BertConfig config) {
      return new Embeddings(
          table(config, config.vocabularySize()),
          table(config, config.maxPositions()),
          config.tokenTypes() > 0
              ? Optional.of(table(config, config.tokenTypes()))
              : Optional.empty(),
          newNorm(config));
    }

    Tensor forward(Tensor ids, Optional<Tensor> segments, BertConfig config) {
      Tensor sum = words.forward(ids).add(position(ids, config));
      if (tokenTypes.isPresent()) {
        // Without segments every token has the first: one row for all instead of a lookup.
        Embedding table = tokenTypes.get();
        sum = sum.add(segments.map(table::forward).orElseGet(() -> table.weight().slice(0, 0, 1)));
      } else if (segments.isPresent()) {
        throw new LayerException("this encoder has no segments: call forward(ids, mask)");
      }
      return F.dropout(norm.forward(sum), config.hiddenDropout());
    }

    private Tensor position(Tensor ids, BertConfig config) {
      int tokens = ids.size(1);
      return switch (config.positions()) {
        case BertConfig.Positions.FromZero() -> {
          requireRoom(tokens, config.maxPositions());
          yield positions.weight().slice(0, 0, tokens);
        }
        case BertConfig.Positions.AfterPadding(int padId) -> {
          requireRoom(tokens, config.maxPositions() - padId - 1);
          Tensor isToken = ids.ne(padId).to(ids.dtype());
          yield positions.forward(isToken.cumsum(1).mul(isToken).add(padId));
        }
      };
    }

    private static void requireRoom(int tokens, int most) {
      if (tokens > most) {
        throw new LayerException(
            "the encoder has positions for %d tokens, got %d: truncate the texts"
                .formatted(most, tokens));
      }
    }
  }

  /**
   * The layers.
   *
   * @param layer one after the other
   */
  public record Encoder(List<Block> layer) implements Layer {
    Tensor forward(Tensor x, Tensor mask, BertConfig config) {
      Tensor visible = mask.ne(0).unsqueeze(1).unsqueeze(1);
      Tensor out = x;
      for (Block block : layer) {
        out = block.forward(out, visible, config);
      }
      return out;
    }
  }

  /**
   * One layer. Hugging Face: {@code BertLayer}.
   *
   * @param attention what tokens tell each other
   * @param intermediate the wide half of the feed-forward part
   * @param output the other half
   */
  public record Block(Attention attention, Intermediate intermediate, Output output)
      implements Layer {
    static Block of(BertConfig config) {
      return new Block(
          Attention.of(config),
          new Intermediate(linear(config, config.hiddenSize(), config.intermediateSize())),
          Output.of(config, config.intermediateSize()));
    }

    Tensor forward(Tensor x, Tensor visible, BertConfig config) {
      Tensor attended = attention.forward(x, visible, config);
      return output.forward(intermediate.forward(attended, config), attended, config);
    }
  }

  /**
   * Self-attention and its projection.
   *
   * @param self the heads
   * @param output the projection, added to what went in
   */
  public record Attention(SelfAttention self, Output output) implements Layer {
    static Attention of(BertConfig config) {
      int hidden = config.hiddenSize();
      return new Attention(
          new SelfAttention(
              linear(config, hidden, hidden),
              linear(config, hidden, hidden),
              linear(config, hidden, hidden)),
          Output.of(config, hidden));
    }

    Tensor forward(Tensor x, Tensor visible, BertConfig config) {
      return output.forward(self.forward(x, visible, config), x, config);
    }
  }

  /**
   * Attention heads.
   *
   * @param query projection of queries
   * @param key projection of keys
   * @param value projection of values
   */
  public record SelfAttention(Linear query, Linear key, Linear value) implements Layer {
    Tensor forward(Tensor x, Tensor visible, BertConfig config) {
      Tensor heads =
          F.scaledDotProductAttention(
              split(query.forward(x), config),
              split(key.forward(x), config),
              split(value.forward(x), config),
              AttentionOptions.DEFAULT.withMask(visible).withDropout(config.attentionDropout()));
      return heads.transpose(1, 2).reshape(x.size(0), x.size(1), config.hiddenSize());
    }

    private static Tensor split(Tensor x, BertConfig config) {
      int heads = config.heads();
      return x.reshape(x.size(0), x.size(1), heads, config.hiddenSize() / heads).transpose(1, 2);
    }
  }

  /**
   * The wide half of a feed-forward part.
   *
   * @param dense {@code [intermediate, hidden]}
   */
  public record Intermediate(Linear dense) implements Layer {
    Tensor forward(Tensor x, BertConfig config) {
      return config.activation().apply(dense.forward(x));
    }
  }

  /**
   * A projection back to the hidden size, added to a residual and normalized.
   *
   * @param dense the projection
   * @param norm of the sum
   */
  public record Output(Linear dense, @Name("LayerNorm") LayerNorm norm) implements Layer {
    static Output of(BertConfig config, int in) {
      return new Output(linear(config, in, config.hiddenSize()), newNorm(config));
    }

    Tensor forward(Tensor x, Tensor residual, BertConfig config) {
      Tensor projected = F.dropout(dense.forward(x), config.hiddenDropout());
      return norm.forward(projected.add(residual));
    }
  }

  /**
   * Reads the first token's hidden state through a layer and tanh.
   *
   * @param dense {@code [hidden, hidden]}
   */
  public record Pooler(Linear dense) implements Layer {
    /**
     * Applies the pooler.
     *
     * @param hidden {@code [batch, tokens, hidden]}
     * @return {@code [batch, hidden]}
     */
    public Tensor forward(Tensor hidden) {
      return F.tanh(dense.forward(hidden.select(1, 0)));
    }
  }
}
