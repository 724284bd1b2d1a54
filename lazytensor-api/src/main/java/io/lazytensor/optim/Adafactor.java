package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.PlainValue;
import io.lazytensor.internal.lower.AdafactorRule;
import java.util.Collection;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Adafactor with PyTorch's formula, {@code torch.optim.Adafactor}. A matrix of n × m has n + m
 * numbers of state.
 */
public final class Adafactor extends Optimizer {
  private Adafactor(List<ParameterGroup> groups) {
    super(groups);
  }

  /** Starts an optimizer for parameters that are on a device. */
  public static Builder builder(Collection<Parameter> parameters) {
    return new Builder(parameters);
  }

  /**
   * Settings; PyTorch's defaults: learning rate 1e-2, beta2 decay -0.8, eps of the type's machine
   * epsilon and 1e-3, threshold 1, no weight decay.
   */
  public static final class Builder extends OptimizerBuilder<Builder> {
    private double beta2Decay = -0.8;
    private OptionalDouble eps1 = OptionalDouble.empty();
    private double eps2 = 1e-3;
    private double threshold = 1;

    private Builder(Collection<Parameter> parameters) {
      super(parameters, 1e-2);
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Builder copySettings() {
      Builder copy = new Builder(List.of());
      copy.beta2Decay = beta2Decay;
      copy.eps1 = eps1;
      copy.eps2 = eps2;
      copy.threshold = threshold;
      return copy;
    }

    /** Sets the exponent of the step in the share of new squares, at most 0. */
    public Builder beta2Decay(double exponent) {
      if (!(exponent <= 0)) {
        throw new IllegalArgumentException(
            "the exponent of Adafactor's decay is at most 0, got " + exponent);
      }
      beta2Decay = exponent;
      return this;
    }

    /** Sets the root of the least second moment, and the least scale of a parameter. */
    public Builder eps(double moment, double scale) {
      eps1 = OptionalDouble.of(requireFromZero("an epsilon", moment));
      eps2 = requireFromZero("an epsilon", scale);
      return this;
    }

    /** Sets the greatest root mean square of an update, at least 1. PyTorch: {@code d}. */
    public Builder threshold(double value) {
      if (!(value >= 1)) {
        throw new IllegalArgumentException("Adafactor's threshold is at least 1, got " + value);
      }
      threshold = value;
      return this;
    }

    @Override
    AdafactorRule rule() {
      return new AdafactorRule(beta2Decay, eps1, eps2, threshold, weightDecay, maximize);
    }

    @Override
    void write(OptionWriter options, Current current) {
      PlainValue first = eps1.isPresent() ? PlainValue.of(eps1.getAsDouble()) : PlainValue.none();
      options
          .real("beta2_decay", beta2Decay)
          .pair("eps", first, PlainValue.of(eps2))
          .real("d", threshold)
          .real("weight_decay", weightDecay)
          .none("foreach")
          .flag("maximize", maximize);
    }

    @Override
    void read(OptionReader options) {
      beta2Decay(options.real("beta2_decay", beta2Decay));
      List<OptionalDouble> eps = options.pair("eps", eps1, OptionalDouble.of(eps2));
      eps1 = eps.get(0);
      eps2 = requireFromZero("eps[1]", eps.get(1).orElse(Double.NaN));
      threshold(options.real("d", threshold));
      weightDecay = options.fromZero("weight_decay", weightDecay);
      maximize = options.flag("maximize", maximize);
    }

    /** Creates the optimizer and its state on the parameters' device. */
    public Adafactor build() {
      return new Adafactor(groups());
    }
  }
}
