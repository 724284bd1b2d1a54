package io.lazytensor.optim;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/**
 * Learning rate schedules with PyTorch's formulas. They are functions of the step, so that a run
 * that goes on from a checkpoint needs no more than the number of steps. PyTorch's "epoch" is a
 * step here.
 *
 * <p>{@link OneCycle} and {@link ReduceOnPlateau} have classes of their own.
 */
public final class Schedules {
  private Schedules() {}

  /** The same rate for ever. */
  record Constant(double rate) implements Schedule {
    @Override
    public double at(long step) {
      return rate;
    }
  }

  /** A rate times a factor that depends on the step. */
  private record Scaled(double base, LongToDoubleFunction factor) implements Schedule {
    @Override
    public double at(long step) {
      return base * factor.applyAsDouble(step);
    }
  }

  /** Any function of the step, with the rate it scales. */
  private record Formula(double base, LongToDoubleFunction rate) implements Schedule {
    @Override
    public double at(long step) {
      return rate.applyAsDouble(step);
    }
  }

  // ---- factors of a rate ------------------------------------------------------------------------

  /** Returns the same rate for ever. */
  public static Schedule constant(double rate) {
    requireRate(rate);
    return new Constant(rate);
  }

  /** Returns a rate times a function of the step. PyTorch: {@code LambdaLR}. */
  public static Schedule lambda(double rate, LongToDoubleFunction factor) {
    requireRate(rate);
    return new Scaled(rate, factor);
  }

  /** Returns a rate that is multiplied by a factor every so many steps. PyTorch: StepLR. */
  public static Schedule stepped(double rate, long every, double factor) {
    requireRate(rate);
    requireCount("a rate changes every", every);
    return new Scaled(rate, step -> Math.pow(factor, (double) (step / every)));
  }

  /** Returns a rate that is multiplied by a factor at each milestone. PyTorch: MultiStepLR. */
  public static Schedule multiStep(double rate, double factor, long... milestones) {
    requireRate(rate);
    long[] sorted = milestones.clone();
    Arrays.sort(sorted);
    return new Scaled(
        rate,
        step -> Math.pow(factor, Arrays.stream(sorted).takeWhile(each -> each <= step).count()));
  }

  /** Returns a rate that is multiplied by a factor in each step. PyTorch: ExponentialLR. */
  public static Schedule exponential(double rate, double factor) {
    requireRate(rate);
    return new Scaled(rate, step -> Math.pow(factor, step));
  }

  /**
   * Returns a rate times a factor until so many steps are done, and the rate after that. PyTorch:
   * ConstantLR, whose defaults are 1/3 and 5.
   */
  public static Schedule reduced(double rate, double factor, long steps) {
    requireRate(rate);
    return new Scaled(rate, step -> step < steps ? factor : 1);
  }

  /**
   * Returns a rate times a factor that goes from one number to another in so many steps, and stays.
   * PyTorch: LinearLR, whose defaults are 1/3, 1 and 5.
   */
  public static Schedule linear(double rate, double from, double to, long steps) {
    requireRate(rate);
    requireCount("a linear schedule takes", steps);
    return new Scaled(rate, step -> from + (to - from) * Math.min(steps, step) / steps);
  }

  /** Returns a rate that falls to 0 by a power of what is left. PyTorch: PolynomialLR. */
  public static Schedule polynomial(double rate, long steps, double power) {
    requireRate(rate);
    requireCount("a polynomial schedule takes", steps);
    return new Scaled(rate, step -> Math.pow(1 - (double) Math.min(steps, step) / steps, power));
  }

  // ---- cosines ----------------------------------------------------------------------------------

  /**
   * Returns half a cosine from a rate to a least one in so many steps; it rises again after that.
   * PyTorch: CosineAnnealingLR.
   */
  public static Schedule cosine(double rate, long steps, double least) {
    requireRate(rate);
    requireCount("a cosine schedule takes", steps);
    LongToDoubleFunction share = step -> halfCosine((double) step / steps);
    return least == 0
        ? new Scaled(rate, share)
        : new Formula(rate, step -> least + (rate - least) * share.applyAsDouble(step));
  }

  /**
   * Returns half a cosine from a rate to a least one, begun anew after so many steps and then each
   * time after a multiple as many. PyTorch: CosineAnnealingWarmRestarts.
   */
  public static Schedule warmRestarts(double rate, long first, int multiple, double least) {
    requireRate(rate);
    requireCount("a cosine schedule takes", first);
    requireCount("a period is multiplied by", multiple);
    return new Formula(
        rate,
        step -> {
          long at = step;
          long period = first;
          if (multiple == 1) {
            at %= period;
          }
          while (at >= period) {
            at -= period;
            period *= multiple;
          }
          return least + (rate - least) * halfCosine((double) at / period);
        });
  }

  private static double halfCosine(double progress) {
    return (1 + Math.cos(Math.PI * progress)) / 2;
  }

  /** Returns a linear rise over some steps, then half a cosine down to 0 at the last. */
  public static Schedule warmupCosine(double peak, long warmup, long steps) {
    requireRate(peak);
    requireSpan(warmup, steps);
    return new Formula(
        peak,
        step ->
            step < warmup
                ? peak * (step + 1) / warmup
                : peak * halfCosine(progress(step, warmup, steps)));
  }

  /** Returns a linear rise over some steps, then a linear fall to 0 at the last. */
  public static Schedule warmupLinear(double peak, long warmup, long steps) {
    requireRate(peak);
    requireSpan(warmup, steps);
    return new Formula(
        peak,
        step ->
            step < warmup
                ? peak * (step + 1) / warmup
                : peak * (1 - progress(step, warmup, steps)));
  }

  private static double progress(long step, long warmup, long steps) {
    return Math.min(1, (step - warmup) / (double) Math.max(1, steps - warmup));
  }

  // ---- combinations -----------------------------------------------------------------------------

  /** Returns a linear rise over some steps to where another schedule starts, then that schedule. */
  public static Schedule warmup(long steps, Schedule then) {
    if (steps < 0) {
      throw new IllegalArgumentException("a warm-up takes 0 steps or more, got " + steps);
    }
    return new Formula(
        then.base(),
        step -> step < steps ? then.at(0) * (step + 1) / steps : then.at(step - steps));
  }

  /**
   * Returns one schedule after another: each starts at its first step when its milestone is
   * reached. PyTorch: SequentialLR.
   *
   * @param milestones where all schedules but the first start
   */
  public static Schedule sequential(List<Schedule> schedules, long... milestones) {
    if (schedules.size() != milestones.length + 1) {
      throw new IllegalArgumentException(
          "%d schedules need %d milestones, got %d"
              .formatted(schedules.size(), schedules.size() - 1, milestones.length));
    }
    List<Schedule> all = List.copyOf(schedules);
    long[] starts = milestones.clone();
    for (int i = 1; i < starts.length; i++) {
      if (starts[i] < starts[i - 1]) {
        throw new IllegalArgumentException("milestones rise, got " + Arrays.toString(milestones));
      }
    }
    return new Formula(
        all.getFirst().base(),
        step -> {
          int which = (int) Arrays.stream(starts).takeWhile(start -> start <= step).count();
          return all.get(which).at(which == 0 ? step : step - starts[which - 1]);
        });
  }

  /**
   * Returns several schedules of one rate at once: their factors are multiplied. PyTorch:
   * ChainedScheduler.
   *
   * @throws IllegalArgumentException for a schedule that is no factor of a rate, or if rates differ
   */
  public static Schedule chained(Schedule... schedules) {
    if (schedules.length == 0) {
      throw new IllegalArgumentException("a chain has one schedule or more");
    }
    double base = schedules[0].base();
    for (Schedule schedule : schedules) {
      if (!(schedule instanceof Scaled || schedule instanceof Constant)) {
        throw new IllegalArgumentException(
            "a chain takes schedules that multiply a rate (stepped, multiStep, exponential, reduced,"
                + " linear, polynomial, cosine down to 0, lambda); this one computes it in another"
                + " way: use sequential, or a lambda");
      }
      if (schedule.base() != base) {
        throw new IllegalArgumentException(
            "the schedules of a chain scale one rate, got " + base + " and " + schedule.base());
      }
    }
    List<Schedule> all = List.of(schedules);
    return new Scaled(
        base, step -> all.stream().mapToDouble(s -> s.at(step) / base).reduce(1, (a, b) -> a * b));
  }

  // ---- checks -----------------------------------------------------------------------------------

  static void requireRate(double rate) {
    if (!(rate >= 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException("a learning rate is a number from 0 on, got " + rate);
    }
  }

  private static void requireCount(String what, long count) {
    if (count < 1) {
      throw new IllegalArgumentException("%s 1 or more, got %d".formatted(what, count));
    }
  }

  private static void requireSpan(long warmup, long steps) {
    if (warmup < 0 || steps < warmup) {
      throw new IllegalArgumentException(
          "a schedule needs 0 <= warmup <= steps, got warmup=" + warmup + ", steps=" + steps);
    }
  }
}
