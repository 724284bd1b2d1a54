package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.internal.lower.Recurrent;
import java.util.List;
import java.util.SequencedMap;

/**
 * Long short-term memory. PyTorch: {@code nn.LSTM}, with its initialization and the keys {@code
 * weight_ih_l0}, {@code weight_hh_l0}, {@code bias_ih_l0}, {@code bias_hh_l0}, …. The time steps
 * are a loop in the graph.
 */
public final class LSTM implements Layer {
  /**
   * What comes out.
   *
   * @param output {@code [time, batch, directions · hidden]} of the last layer, or with batch first
   * @param hidden the last states, {@code [layers · directions, batch, hidden]}
   * @param cell the last cell states, likewise
   */
  public record Result(Tensor output, Tensor hidden, Tensor cell) {}

  private final RecurrentWeights weights;

  private LSTM(RecurrentWeights weights) {
    this.weights = weights;
  }

  /** Returns a layer with PyTorch's defaults. */
  public static LSTM of(int input, int hidden) {
    return of(RecurrentOptions.of(input, hidden));
  }

  /** Returns a layer. */
  public static LSTM of(RecurrentOptions options) {
    return new LSTM(new RecurrentWeights("LSTM", Recurrent.Cell.LSTM, options));
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
   * @param cell first cell states, likewise
   */
  public Result forward(Tensor x, Tensor hidden, Tensor cell) {
    return result(weights.forward(x, List.of(hidden, cell)));
  }

  private static Result result(List<Tensor> results) {
    return new Result(results.get(0), results.get(1), results.get(2));
  }
}
