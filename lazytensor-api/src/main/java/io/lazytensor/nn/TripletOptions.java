package io.lazytensor.nn;

/**
 * The options of {@link F#tripletMargin}.
 *
 * @param margin by how much the negative is to be farther away
 * @param p the order of the norm
 * @param eps added to differences
 * @param swap whether the negative's distance to the positive counts if it is smaller
 * @param reduction what becomes of the losses
 */
public record TripletOptions(
    double margin, double p, double eps, boolean swap, Reduction reduction) {
  /** PyTorch's: margin 1, Euclid's norm, 1e-6, the mean. */
  public static final TripletOptions DEFAULT =
      new TripletOptions(1, 2, 1e-6, false, Reduction.MEAN);

  /** Returns the same with another margin. */
  public TripletOptions withMargin(double value) {
    return new TripletOptions(value, p, eps, swap, reduction);
  }

  /** Returns the same with another order of the norm. */
  public TripletOptions withP(double value) {
    return new TripletOptions(margin, value, eps, swap, reduction);
  }

  /** Returns the same with the smaller of both distances to the negative. */
  public TripletOptions withSwap() {
    return new TripletOptions(margin, p, eps, true, reduction);
  }

  /** Returns the same with another reduction. */
  public TripletOptions withReduction(Reduction value) {
    return new TripletOptions(margin, p, eps, swap, value);
  }
}
