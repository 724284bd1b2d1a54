package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.internal.lower.LambRule;
import java.util.Collection;
import java.util.List;

/**
 * LAMB: Adam for large batches, each parameter's step scaled to its size. Formula: You et al. 2020,
 * algorithm 2, with names and defaults of NVIDIA's {@code apex.optimizers.FusedLAMB}; PyTorch
 * itself has none. Apex clips the norm of all gradients to 1 by default: {@code
 * gradients.clipNorm(1)}.
 */
public final class LAMB extends Optimizer {
  private LAMB(List<ParameterGroup> groups) {
    super(groups);
  }

  /** Starts an optimizer for parameters that are on a device. */
  public static Builder builder(Collection<Parameter> parameters) {
    return new Builder(parameters);
  }

  /**
   * Settings; the defaults: learning rate 1e-3, betas 0.9 and 0.999, eps 1e-6, weight decay 1e-2,
   * parameters without weight decay not scaled.
   */
  public static final class Builder extends MomentBuilder<Builder> {
    private boolean always;

    private Builder(Collection<Parameter> parameters) {
      super(parameters, 1e-3, 1e-6);
      weightDecay = 1e-2;
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Builder copySettings() {
      Builder copy = new Builder(List.of());
      copy.takeMoments(this);
      copy.always = always;
      return copy;
    }

    /** Sets whether parameters without weight decay are scaled too. Apex: {@code use_nvlamb}. */
    public Builder scaleWithoutDecay(boolean value) {
      always = value;
      return this;
    }

    @Override
    LambRule rule() {
      return new LambRule(beta1, beta2, eps, weightDecay, always, maximize);
    }

    @Override
    void write(OptionWriter options, Current current) {
      writeMoments(options, current.momentum(beta1));
      options
          .real("weight_decay", weightDecay)
          .flag("use_nvlamb", always)
          .flag("maximize", maximize);
    }

    @Override
    void read(OptionReader options) {
      readMoments(options);
      weightDecay = options.fromZero("weight_decay", weightDecay);
      always = options.flag("use_nvlamb", always);
      maximize = options.flag("maximize", maximize);
    }

    /** Creates the optimizer and its state on the parameters' device. */
    public LAMB build() {
      return new LAMB(groups());
    }
  }
}
