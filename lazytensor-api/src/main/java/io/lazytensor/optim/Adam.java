package io.lazytensor.optim;

import io.lazytensor.Parameter;
import java.util.Collection;
import java.util.List;

/**
 * Adam with weight decay as part of the gradient, by PyTorch's formula, {@code torch.optim.Adam}.
 */
public final class Adam extends Optimizer {
  private Adam(List<ParameterGroup> groups) {
    super(groups);
  }

  /** Starts an optimizer for parameters that are on a device. */
  public static Builder builder(Collection<Parameter> parameters) {
    return new Builder(parameters);
  }

  /** Settings; PyTorch's defaults: those of {@link AdamBuilder}, and no weight decay. */
  public static final class Builder extends AdamBuilder<Builder> {
    private Builder(Collection<Parameter> parameters) {
      super(parameters, false);
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Builder copySettings() {
      return new Builder(List.of()).withSettings(this);
    }

    /** Creates the optimizer and its state on the parameters' device. */
    public Adam build() {
      return new Adam(groups());
    }
  }
}
