package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.internal.lower.SgdRule;
import java.util.Collection;
import java.util.List;

/** Stochastic gradient descent with PyTorch's formula, {@code torch.optim.SGD}. */
public final class SGD extends Optimizer {
  private SGD(List<ParameterGroup> groups) {
    super(groups);
  }

  /** Starts an optimizer for parameters that are on a device. */
  public static Builder builder(Collection<Parameter> parameters) {
    return new Builder(parameters);
  }

  /** Settings; PyTorch's defaults: learning rate 1e-3, everything else 0. */
  public static final class Builder extends DescentBuilder<Builder> {
    private Builder(Collection<Parameter> parameters) {
      super(parameters, 1e-3);
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Builder copySettings() {
      return new Builder(List.of()).withDescent(this);
    }

    @Override
    SgdRule rule() {
      return descent();
    }

    @Override
    void write(OptionWriter options, Current current) {
      super.write(options, current);
      options.none("foreach").flag("differentiable", false).none("fused");
    }

    /** Creates the optimizer and its state on the parameters' device. */
    public SGD build() {
      return new SGD(groups());
    }
  }
}
