package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.internal.lower.LarsRule;
import java.util.Collection;
import java.util.List;

/**
 * LARS: gradient descent for large batches, each parameter's step scaled to its size. Formula: You
 * et al. 2017, scaled as by NVIDIA's {@code apex.parallel.LARC} without clipping; PyTorch itself
 * has none. Biases and the weights of normalizations are usually a group with {@code trust(0)}.
 */
public final class LARS extends Optimizer {
  private LARS(List<ParameterGroup> groups) {
    super(groups);
  }

  /** Starts an optimizer for parameters that are on a device. */
  public static Builder builder(Collection<Parameter> parameters) {
    return new Builder(parameters);
  }

  /** Settings; the defaults: learning rate and trust 1e-3, eps 1e-8, everything else 0. */
  public static final class Builder extends DescentBuilder<Builder> {
    private double trust = 1e-3;
    private double eps = 1e-8;

    private Builder(Collection<Parameter> parameters) {
      super(parameters, 1e-3);
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Builder copySettings() {
      Builder copy = new Builder(List.of()).withDescent(this);
      copy.trust = trust;
      copy.eps = eps;
      return copy;
    }

    /** Sets how large a step is beside the parameter; 0 does not scale. */
    public Builder trust(double factor) {
      trust = requireFromZero("a trust coefficient", factor);
      return this;
    }

    /** Sets what is added to the norms that are divided by. */
    public Builder eps(double value) {
      eps = requireFromZero("an epsilon", value);
      return this;
    }

    @Override
    LarsRule rule() {
      return new LarsRule(descent(), trust, eps);
    }

    @Override
    void write(OptionWriter options, Current current) {
      super.write(options, current);
      options.real("trust_coefficient", trust).real("eps", eps);
    }

    @Override
    void read(OptionReader options) {
      super.read(options);
      trust = options.fromZero("trust_coefficient", trust);
      eps = options.fromZero("eps", eps);
    }

    /** Creates the optimizer and its state on the parameters' device. */
    public LARS build() {
      return new LARS(groups());
    }
  }
}
