package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.internal.lower.RmspropRule;
import java.util.Collection;
import java.util.List;

/** RMSprop with PyTorch's formula, {@code torch.optim.RMSprop}. */
public final class RMSprop extends Optimizer {
  private RMSprop(List<ParameterGroup> groups) {
    super(groups);
  }

  /** Starts an optimizer for parameters that are on a device. */
  public static Builder builder(Collection<Parameter> parameters) {
    return new Builder(parameters);
  }

  /**
   * Settings; PyTorch's defaults: learning rate 1e-2, alpha 0.99, eps 1e-8, no weight decay and no
   * momentum, not centered.
   */
  public static final class Builder extends OptimizerBuilder<Builder> {
    private double alpha = 0.99;
    private double eps = 1e-8;
    private double momentum;
    private boolean centered;

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
      copy.alpha = alpha;
      copy.eps = eps;
      copy.momentum = momentum;
      copy.centered = centered;
      return copy;
    }

    /** Sets the share of the average of squares that stays in each step. */
    public Builder alpha(double share) {
      alpha = requireFromZero("alpha", share);
      return this;
    }

    /** Sets what is added to the root of the average of squares. */
    public Builder eps(double value) {
      eps = requireFromZero("an epsilon", value);
      return this;
    }

    /** Sets the share of the momentum buffer that stays in each step. */
    public Builder momentum(double share) {
      momentum = requireFromZero("a momentum", share);
      return scheduledMomentum(null);
    }

    /** Sets a momentum that depends on the step; see {@link OneCycle#momentum}. */
    public Builder momentum(Schedule shares) {
      momentum = requireFromZero("a momentum", shares.at(0));
      return scheduledMomentum(shares);
    }

    /** Sets whether gradients are divided by an estimate of their deviation from the average. */
    public Builder centered(boolean value) {
      centered = value;
      return this;
    }

    @Override
    RmspropRule rule() {
      return new RmspropRule(alpha, eps, weightDecay, momentum, centered, maximize);
    }

    @Override
    void write(OptionWriter options, Current current) {
      options
          .zeroable("momentum", current.momentum(momentum))
          .real("alpha", alpha)
          .real("eps", eps)
          .flag("centered", centered)
          .zeroable("weight_decay", weightDecay)
          .flag("capturable", false)
          .none("foreach")
          .flag("maximize", maximize)
          .flag("differentiable", false);
    }

    @Override
    void read(OptionReader options) {
      momentum = options.fromZero("momentum", momentum);
      alpha = options.fromZero("alpha", alpha);
      eps = options.fromZero("eps", eps);
      centered = options.flag("centered", centered);
      weightDecay = options.fromZero("weight_decay", weightDecay);
      maximize = options.flag("maximize", maximize);
    }

    /** Creates the optimizer and its state on the parameters' device. */
    public RMSprop build() {
      return new RMSprop(groups());
    }
  }
}
