package io.lazytensor.benchmarks;

import static io.lazytensor.nn.F.gelu;
import static io.lazytensor.nn.F.softmax;

import io.lazytensor.Input;
import io.lazytensor.Parameter;
import io.lazytensor.Tensor;
import io.lazytensor.nn.Initializer;
import io.lazytensor.nn.Layer;
import io.lazytensor.nn.LayerNorm;
import io.lazytensor.nn.Linear;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A text encoder of BERT-base's structure: 12 layers, as many calls and parameters. */
record BertShape(List<Block> layer) implements Layer {
  private static final int LAYERS = 12;
  private static final int HEADS = 12;
  // Sizes do not matter to the recorder; small ones keep the parameters out of the way.
  private static final int HIDDEN = 24;

  record Block(
      Linear query,
      Linear key,
      Linear value,
      Linear output,
      LayerNorm norm1,
      Linear up,
      Linear down,
      LayerNorm norm2)
      implements Layer {
    static Block create() {
      return new Block(
          linear(HIDDEN, HIDDEN),
          linear(HIDDEN, HIDDEN),
          linear(HIDDEN, HIDDEN),
          linear(HIDDEN, HIDDEN),
          LayerNorm.of(HIDDEN),
          linear(HIDDEN, 4 * HIDDEN),
          linear(4 * HIDDEN, HIDDEN),
          LayerNorm.of(HIDDEN));
    }

    private static Linear linear(int in, int out) {
      return new Linear(
          Parameter.of(Initializer.zeros(), out, in),
          Optional.of(Parameter.of(Initializer.zeros(), out)));
    }

    private static Tensor heads(Tensor x) {
      return x.reshape(x.size(0), x.size(1), HEADS, HIDDEN / HEADS).transpose(1, 2);
    }

    Tensor forward(Tensor x) {
      Tensor q = heads(query.forward(x));
      Tensor k = heads(key.forward(x));
      Tensor v = heads(value.forward(x));
      Tensor weights = softmax(q.matmul(k.transpose(2, 3)).mul(0.125), -1);
      Tensor mixed = weights.matmul(v).transpose(1, 2).reshape(x.size(0), x.size(1), HIDDEN);
      Tensor attended = norm1.forward(x.add(output.forward(mixed)));
      return norm2.forward(attended.add(down.forward(gelu(up.forward(attended)))));
    }
  }

  static BertShape create() {
    return new BertShape(IntStream.range(0, LAYERS).mapToObj(i -> Block.create()).toList());
  }

  Tensor loss(Input x) {
    Tensor h = x;
    for (Block block : layer) {
      h = block.forward(h);
    }
    return h.square().mean();
  }
}
