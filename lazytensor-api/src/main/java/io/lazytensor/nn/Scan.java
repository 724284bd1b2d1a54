package io.lazytensor.nn;

import io.lazytensor.Tensor;
import java.util.List;

/**
 * What an iteration of {@link F#scan(List, List, Iteration)} returns, and what all of them together
 * do.
 *
 * @param carries what is handed on
 * @param outputs the iteration's own results; of all iterations, stacked
 */
public record Scan(List<Tensor> carries, List<Tensor> outputs) {
  /** Copies the lists. */
  public Scan {
    carries = List.copyOf(carries);
    outputs = List.copyOf(outputs);
  }

  /** One iteration. */
  public interface Iteration {
    /**
     * Returns what is handed on and the iteration's own results.
     *
     * @param carries what the iteration before handed on
     * @param slices a slice of each tensor
     */
    Scan apply(List<Tensor> carries, List<Tensor> slices);
  }
}
