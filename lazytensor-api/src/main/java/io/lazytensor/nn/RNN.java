package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.internal.lower.Recurrent;
import java.util.List;
import java.util.SequencedMap;

/**
 * Recurrent units with tanh or ReLU. PyTorch: {@code nn.RNN}, with its initialization and the keys
 * {@code weight_ih_l0}, {@code weight_hh_l0}, {@code bias_ih_l0}, {@code bias_hh_l0}, …. The time
 * steps are a loop in the graph.
 */
public final class RNN implements Layer {
  /**
   * What comes out.
   *
   * @param output {@code [time, batch, directions · hidden]} of the last layer, or with batch first
   * @param hidden the last states, {@code [layers · directions, batch, hidden]}
   */
  public record Result(Tensor output, Tensor hidden) {}

  private final RecurrentWeights weights;

  private RNN(RecurrentWeights weights) {
    this.weights = weights;
  }

  /** Returns a layer with PyTorch's defaults. */
  public static RNN of(int input, int hidden) {
    return of(RecurrentOptions.of(input, hidden));
  }

  /** Returns a layer with tanh. */
  public static RNN of(RecurrentOptions options) {
    return new RNN(new RecurrentWeights("RNN", Recurrent.Cell.TANH, options));
  }

  /** Returns a layer with ReLU. */
  public static RNN withRelu(RecurrentOptions options) {
    return new RNN(new RecurrentWeights("RNN", Recurrent.Cell.RELU, options));
  }

  @Override
  public SequencedMap<String, Object> members() {
    return weights.members();
  }

  /** Runs over a sequence from states of zero. */
  public Result forward(Tensor x) {
    return result(weights.forward(x, List.of()));
  }

  /**
   * Runs over a sequence.
   *
   * @param x {@code [time, batch, input]}, or with batch first; the batch may be missing
   * @param hidden first states, {@code [layers · directions, batch, hidden]}
   */
  public Result forward(Tensor x, Tensor hidden) {
    return result(weights.forward(x, List.of(hidden)));
  }

  private static Result result(List<Tensor> results) {
    return new Result(results.get(0), results.get(1));
  }
}
