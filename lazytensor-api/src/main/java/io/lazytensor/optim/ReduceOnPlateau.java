package io.lazytensor.optim;

import io.lazytensor.PlainValue;
import io.lazytensor.Resumable;
import io.lazytensor.StateException;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * A learning rate that falls when a metric of the host no longer gets better. PyTorch: {@code
 * ReduceLROnPlateau}. The program reports the metric, after each evaluation say:
 *
 * <pre>{@code
 * ReduceOnPlateau plateau = ReduceOnPlateau.of(1e-3).patience(5);
 * Optimizer optimizer = AdamW.builder(parameters).learningRate(plateau).build();
 * plateau.report(validationLoss);
 * }</pre>
 */
public final class ReduceOnPlateau implements Schedule, Resumable {
  private final double base;
  private boolean greaterIsBetter;
  private double factor = 0.1;
  private long patience = 10;
  private double threshold = 1e-4;
  private boolean absolute;
  private long cooldown;
  private double least;
  private double eps = 1e-8;

  private double rate;
  private double best;
  private long badReports;
  private long cooldownLeft;
  private long reports;

  private ReduceOnPlateau(double rate) {
    Schedules.requireRate(rate);
    this.base = rate;
    this.rate = rate;
    this.best = Double.POSITIVE_INFINITY;
  }

  /**
   * Starts with a rate and PyTorch's defaults: less is better by at least 1e-4 of the best; the
   * 11th report in a row that is no better divides the rate by 10.
   */
  public static ReduceOnPlateau of(double rate) {
    return new ReduceOnPlateau(rate);
  }

  /** Sets that a greater metric is better. PyTorch: {@code mode="max"}. */
  public ReduceOnPlateau greaterIsBetter() {
    greaterIsBetter = true;
    best = Double.NEGATIVE_INFINITY;
    return this;
  }

  /** Sets what the rate is multiplied by, less than 1. */
  public ReduceOnPlateau factor(double value) {
    if (!(value < 1)) {
      throw new IllegalArgumentException("a rate is reduced by a factor below 1, got " + value);
    }
    factor = value;
    return this;
  }

  /** Sets how many reports in a row may be no better. */
  public ReduceOnPlateau patience(long count) {
    patience = count;
    return this;
  }

  /** Sets the share of the best by which a metric has to be better. */
  public ReduceOnPlateau threshold(double share) {
    threshold = share;
    absolute = false;
    return this;
  }

  /** Sets by how much a metric has to be better. PyTorch: {@code threshold_mode="abs"}. */
  public ReduceOnPlateau absoluteThreshold(double difference) {
    threshold = difference;
    absolute = true;
    return this;
  }

  /** Sets how many reports after a reduction do not count. */
  public ReduceOnPlateau cooldown(long count) {
    cooldown = count;
    return this;
  }

  /** Sets the least rate. PyTorch: {@code min_lr}. */
  public ReduceOnPlateau least(double value) {
    least = value;
    return this;
  }

  /** Sets the least reduction that is made. */
  public ReduceOnPlateau eps(double value) {
    eps = value;
    return this;
  }

  /** Takes a metric; the next step has the new rate. */
  public void report(double metric) {
    reports++;
    if (isBetter(metric)) {
      best = metric;
      badReports = 0;
    } else {
      badReports++;
    }
    if (cooldownLeft > 0) {
      cooldownLeft--;
      badReports = 0;
    }
    if (badReports > patience) {
      double reduced = Math.max(rate * factor, least);
      if (rate - reduced > eps) {
        rate = reduced;
      }
      cooldownLeft = cooldown;
      badReports = 0;
    }
  }

  private boolean isBetter(double metric) {
    if (absolute) {
      return greaterIsBetter ? metric > best + threshold : metric < best - threshold;
    }
    return greaterIsBetter ? metric > best * (threshold + 1) : metric < best * (1 - threshold);
  }

  @Override
  public double at(long step) {
    return rate;
  }

  @Override
  public double base() {
    return base;
  }

  /** Returns the rate and what it depends on, by PyTorch's names. */
  @Override
  public SequencedMap<String, PlainValue> position() {
    SequencedMap<String, PlainValue> out = new LinkedHashMap<>();
    out.put("lr", PlainValue.of(rate));
    out.put("best", PlainValue.of(best));
    out.put("num_bad_epochs", PlainValue.of(badReports));
    out.put("cooldown_counter", PlainValue.of(cooldownLeft));
    out.put("last_epoch", PlainValue.of(reports));
    return out;
  }

  @Override
  public void resume(SequencedMap<String, PlainValue> position) {
    double newRate = value(position, "lr").asDouble();
    double newBest = value(position, "best").asDouble();
    long newBad = value(position, "num_bad_epochs").asLong();
    long newCooldown = value(position, "cooldown_counter").asLong();
    reports = value(position, "last_epoch").asLong();
    rate = newRate;
    best = newBest;
    badReports = newBad;
    cooldownLeft = newCooldown;
  }

  private static PlainValue value(SequencedMap<String, PlainValue> position, String name) {
    PlainValue value = position.get(name);
    if (value == null) {
      throw new StateException(
          "the position of a schedule has no " + name + "; it has " + position.keySet());
    }
    return value;
  }
}
