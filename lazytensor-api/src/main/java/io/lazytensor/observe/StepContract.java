package io.lazytensor.observe;

/**
 * What a program promises of a step. A broken promise is a {@link GraphBudgetException}.
 *
 * @param maxGraphs the most different graphs the step may need
 * @param maxHostReads the most values a cut may fetch to the host
 */
public record StepContract(int maxGraphs, int maxHostReads) {
  /** The default limits: 32 graphs, any number of host reads. */
  public static final StepContract DEFAULT = new StepContract(32, Integer.MAX_VALUE);

  /** Checks the limits. */
  public StepContract {
    if (maxGraphs < 1 || maxHostReads < 0) {
      throw new IllegalArgumentException(
          "a step needs at least 1 graph and 0 host reads, got " + maxGraphs + ", " + maxHostReads);
    }
  }

  /** Returns the contract with another limit of graphs. */
  public StepContract maxGraphs(int limit) {
    return new StepContract(limit, maxHostReads);
  }

  /** Returns the contract with another limit of values fetched by a cut. */
  public StepContract hostReads(int limit) {
    return new StepContract(maxGraphs, limit);
  }
}
