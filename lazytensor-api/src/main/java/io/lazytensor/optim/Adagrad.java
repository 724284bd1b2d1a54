package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.internal.lower.AdagradRule;
import java.util.Collection;
import java.util.List;

/** Adagrad with PyTorch's formula, {@code torch.optim.Adagrad}. */
public final class Adagrad extends Optimizer {
  private Adagrad(List<ParameterGroup> groups) {
    super(groups);
  }

  /** Starts an optimizer for parameters that are on a device. */
  public static Builder builder(Collection<Parameter> parameters) {
    return new Builder(parameters);
  }

  /** Settings; PyTorch's defaults: learning rate 1e-2, eps 1e-10, everything else 0. */
  public static final class Builder extends OptimizerBuilder<Builder> {
    private double learningRateDecay;
    private double initialSum;
    private double eps = 1e-10;

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
      copy.learningRateDecay = learningRateDecay;
      copy.initialSum = initialSum;
      copy.eps = eps;
      return copy;
    }

    /** Sets how much slower each step is. PyTorch: {@code lr_decay}. */
    public Builder learningRateDecay(double decay) {
      learningRateDecay = requireFromZero("a decay of the learning rate", decay);
      return this;
    }

    /** Sets what the sums of squares start with. PyTorch: {@code initial_accumulator_value}. */
    public Builder initialSum(double value) {
      initialSum = requireFromZero("a sum of squares", value);
      return this;
    }

    /** Sets what is added to the root of the sum. */
    public Builder eps(double value) {
      eps = requireFromZero("an epsilon", value);
      return this;
    }

    @Override
    AdagradRule rule() {
      return new AdagradRule(learningRateDecay, weightDecay, initialSum, eps, maximize);
    }

    @Override
    boolean hasStateAtOnce() {
      return true;
    }

    @Override
    void write(OptionWriter options, Current current) {
      options
          .zeroable("lr_decay", learningRateDecay)
          .real("eps", eps)
          .zeroable("weight_decay", weightDecay)
          .zeroable("initial_accumulator_value", initialSum)
          .none("foreach")
          .flag("maximize", maximize)
          .flag("differentiable", false)
          .none("fused");
    }

    @Override
    void read(OptionReader options) {
      learningRateDecay = options.fromZero("lr_decay", learningRateDecay);
      eps = options.fromZero("eps", eps);
      weightDecay = options.fromZero("weight_decay", weightDecay);
      initialSum = options.fromZero("initial_accumulator_value", initialSum);
      maximize = options.flag("maximize", maximize);
    }

    /** Creates the optimizer and its state on the parameters' device. */
    public Adagrad build() {
      return new Adagrad(groups());
    }
  }
}
