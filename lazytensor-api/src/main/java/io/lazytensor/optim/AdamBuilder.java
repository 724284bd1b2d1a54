package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.internal.lower.AdamRule;
import java.util.Collection;

/**
 * Settings that Adam and AdamW share; PyTorch's defaults: learning rate 1e-3, betas 0.9 and 0.999,
 * eps 1e-8, no amsgrad.
 *
 * @param <B> the builder's own type
 */
public abstract sealed class AdamBuilder<B extends AdamBuilder<B>> extends MomentBuilder<B>
    permits Adam.Builder, AdamW.Builder {
  private final boolean decoupled;
  private boolean amsgrad;

  AdamBuilder(Collection<Parameter> parameters, boolean decoupled) {
    super(parameters, 1e-3, 1e-8);
    this.decoupled = decoupled;
  }

  B withSettings(AdamBuilder<B> from) {
    takeMoments(from);
    amsgrad = from.amsgrad;
    return self();
  }

  /** Sets whether to divide by the greatest second moment so far. */
  public B amsgrad(boolean value) {
    amsgrad = value;
    return self();
  }

  @Override
  AdamRule rule() {
    return new AdamRule(beta1, beta2, eps, weightDecay, decoupled, amsgrad, maximize);
  }

  @Override
  void write(OptionWriter options, Current current) {
    writeMoments(options, current.momentum(beta1));
    if (decoupled) {
      options.real("weight_decay", weightDecay);
    } else {
      options.zeroable("weight_decay", weightDecay);
    }
    options
        .flag("amsgrad", amsgrad)
        .flag("maximize", maximize)
        .none("foreach")
        .flag("capturable", false)
        .flag("differentiable", false)
        .none("fused")
        .flag("decoupled_weight_decay", decoupled);
  }

  @Override
  void read(OptionReader options) {
    readMoments(options);
    weightDecay = options.fromZero("weight_decay", weightDecay);
    amsgrad = options.flag("amsgrad", amsgrad);
    maximize = options.flag("maximize", maximize);
    if (options.flag("decoupled_weight_decay", decoupled) != decoupled) {
      throw new IllegalArgumentException(
          decoupled ? "the state is Adam's, not AdamW's" : "the state is AdamW's, not Adam's");
    }
  }
}
