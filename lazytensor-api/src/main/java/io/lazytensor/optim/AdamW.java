package io.lazytensor.optim;

import io.lazytensor.Parameter;
import java.util.Collection;
import java.util.List;

/** Adam with decoupled weight decay by PyTorch's formula, {@code torch.optim.AdamW}. */
public final class AdamW extends Optimizer {
  private AdamW(List<ParameterGroup> groups) {
    super(groups);
  }

  /** Starts an optimizer for parameters that are on a device. */
  public static Builder builder(Collection<Parameter> parameters) {
    return new Builder(parameters);
  }

  /** Settings; PyTorch's defaults: those of {@link AdamBuilder}, and weight decay 1e-2. */
  public static final class Builder extends AdamBuilder<Builder> {
    private Builder(Collection<Parameter> parameters) {
      super(parameters, true);
      weightDecay = 1e-2;
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
    public AdamW build() {
      return new AdamW(groups());
    }
  }
}
