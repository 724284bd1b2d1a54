package io.lazytensor.optim;

/** Learning rate schedules. */
public final class Schedules {
  private Schedules() {}

  /** Returns the same rate for ever. */
  public static Schedule constant(double rate) {
    requireRate(rate);
    return step -> rate;
  }

  /** Returns a linear rise over some steps, then half a cosine down to 0 at the last. */
  public static Schedule warmupCosine(double peak, long warmup, long steps) {
    requireRate(peak);
    requireSpan(warmup, steps);
    return step ->
        step < warmup
            ? peak * (step + 1) / warmup
            : peak * 0.5 * (1 + Math.cos(Math.PI * progress(step, warmup, steps)));
  }

  /** Returns a linear rise over some steps, then a linear fall to 0 at the last. */
  public static Schedule warmupLinear(double peak, long warmup, long steps) {
    requireRate(peak);
    requireSpan(warmup, steps);
    return step ->
        step < warmup ? peak * (step + 1) / warmup : peak * (1 - progress(step, warmup, steps));
  }

  /** Returns a rate that is multiplied by a factor every so many steps. PyTorch: StepLR. */
  public static Schedule stepped(double rate, long every, double factor) {
    requireRate(rate);
    if (every < 1) {
      throw new IllegalArgumentException("a rate changes every 1 step or more, got " + every);
    }
    return step -> rate * Math.pow(factor, (double) (step / every));
  }

  private static double progress(long step, long warmup, long steps) {
    return Math.min(1, (step - warmup) / (double) Math.max(1, steps - warmup));
  }

  private static void requireRate(double rate) {
    if (!(rate >= 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException("a learning rate is a number from 0 on, got " + rate);
    }
  }

  private static void requireSpan(long warmup, long steps) {
    if (warmup < 0 || steps < warmup) {
      throw new IllegalArgumentException(
          "a schedule needs 0 <= warmup <= steps, got warmup=" + warmup + ", steps=" + steps);
    }
  }
}
