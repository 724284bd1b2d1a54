package io.lazytensor.optim;

import io.lazytensor.StateException;

/**
 * One rise of the learning rate to a peak and its fall to almost nothing, with a momentum that does
 * the opposite. PyTorch: {@code OneCycleLR}.
 *
 * <pre>{@code
 * OneCycle cycle = OneCycle.of(0.1, 5_000);
 * SGD.builder(parameters).learningRate(cycle.rate()).momentum(cycle.momentum()).build();
 * }</pre>
 *
 * @param peak the greatest rate, {@code max_lr}
 * @param steps how many steps there are, {@code total_steps}
 * @param rise the share of steps that rise, {@code pct_start}
 * @param linear whether rates change linearly instead of by half a cosine
 * @param leastMomentum the momentum at the peak, {@code base_momentum}
 * @param greatestMomentum the momentum at both ends, {@code max_momentum}
 * @param startDivisor peak over first rate, {@code div_factor}
 * @param endDivisor first rate over last, {@code final_div_factor}
 * @param threePhases whether the fall goes to the first rate as fast as the rise, then to the last
 */
public record OneCycle(
    double peak,
    long steps,
    double rise,
    boolean linear,
    double leastMomentum,
    double greatestMomentum,
    double startDivisor,
    double endDivisor,
    boolean threePhases) {
  /** Checks peak, steps and share. */
  public OneCycle {
    Schedules.requireRate(peak);
    if (steps < 1) {
      throw new IllegalArgumentException("a cycle has 1 step or more, got " + steps);
    }
    if (!(rise >= 0 && rise <= 1)) {
      throw new IllegalArgumentException(
          "the share of steps that rise is from 0 to 1, got " + rise);
    }
  }

  /** Returns a cycle with PyTorch's defaults: 30 % rise, half cosines, momentum 0.95 to 0.85. */
  public static OneCycle of(double peak, long steps) {
    return new OneCycle(peak, steps, 0.3, false, 0.85, 0.95, 25, 1e4, false);
  }

  /** Returns the same cycle with another share of steps that rise. */
  public OneCycle withRise(double share) {
    return new OneCycle(
        peak,
        steps,
        share,
        linear,
        leastMomentum,
        greatestMomentum,
        startDivisor,
        endDivisor,
        threePhases);
  }

  /** Returns the same cycle with linear changes. */
  public OneCycle withLinearChanges() {
    return new OneCycle(
        peak,
        steps,
        rise,
        true,
        leastMomentum,
        greatestMomentum,
        startDivisor,
        endDivisor,
        threePhases);
  }

  /** Returns the same cycle in three phases. */
  public OneCycle withThreePhases() {
    return new OneCycle(
        peak, steps, rise, linear, leastMomentum, greatestMomentum, startDivisor, endDivisor, true);
  }

  /** Returns the learning rate; past the last step it throws {@link StateException}. */
  public Schedule rate() {
    double first = peak / startDivisor;
    double last = first / endDivisor;
    return new Schedule() {
      @Override
      public double at(long step) {
        return OneCycle.this.at(step, first, peak, first, last);
      }

      @Override
      public double base() {
        return first;
      }
    };
  }

  /** Returns the momentum, or first beta; past the last step it throws {@link StateException}. */
  public Schedule momentum() {
    double most = greatestMomentum;
    return step -> at(step, most, leastMomentum, most, most);
  }

  private double at(long step, double start, double middle, double startAgain, double end) {
    if (step > steps) {
      throw new StateException(
          "a cycle of %d steps has no step %d: make the cycle as long as the training"
              .formatted(steps, step));
    }
    double risen = rise * steps - 1;
    if (step <= risen) {
      return between(start, middle, step / risen);
    }
    if (!threePhases) {
      return between(middle, end, (step - risen) / (steps - 1 - risen));
    }
    double fallen = 2 * rise * steps - 2;
    return step <= fallen
        ? between(middle, startAgain, (step - risen) / (fallen - risen))
        : between(startAgain, end, (step - fallen) / (steps - 1 - fallen));
  }

  private double between(double from, double to, double progress) {
    return linear
        ? (to - from) * progress + from
        : to + (from - to) / 2 * (Math.cos(Math.PI * progress) + 1);
  }
}
