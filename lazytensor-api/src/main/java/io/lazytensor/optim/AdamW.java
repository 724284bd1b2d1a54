package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.internal.lower.AdamUpdate;
import io.lazytensor.internal.ops.GradientOps;
import java.util.Collection;
import java.util.List;

/** Adam with decoupled weight decay by PyTorch's formula, {@code torch.optim.AdamW}. */
public final class AdamW extends Optimizer {
  private AdamW(List<Group> groups) {
    super(GradientOps.ADAM, groups);
  }

  /** Starts an optimizer for parameters that are on a device. */
  public static Builder builder(Collection<Parameter> parameters) {
    return new Builder(parameters);
  }

  /** Settings; PyTorch's defaults: 1e-3, betas 0.9 and 0.999, eps 1e-8, weight decay 1e-2. */
  public static final class Builder extends OptimizerBuilder<Builder> {
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double eps = 1e-8;
    private boolean amsgrad;

    private Builder(Collection<Parameter> parameters) {
      super(parameters);
      schedule = Schedules.constant(1e-3);
      weightDecay = 1e-2;
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Builder copy(Collection<Parameter> forParameters) {
      Builder copy = new Builder(forParameters);
      copy.take(this);
      copy.beta1 = beta1;
      copy.beta2 = beta2;
      copy.eps = eps;
      copy.amsgrad = amsgrad;
      return copy;
    }

    /** Sets the decays of the two moments. */
    public Builder betas(double first, double second) {
      if (!(first >= 0 && first < 1 && second >= 0 && second < 1)) {
        throw new IllegalArgumentException(
            "betas are from 0 on and less than 1, got " + first + " and " + second);
      }
      beta1 = first;
      beta2 = second;
      return this;
    }

    /** Sets what is added to the root of the second moment. */
    public Builder eps(double value) {
      eps = value;
      return this;
    }

    /** Sets whether to divide by the greatest second moment so far. */
    public Builder amsgrad(boolean value) {
      amsgrad = value;
      return this;
    }

    @Override
    AdamUpdate.Options options() {
      return new AdamUpdate.Options(beta1, beta2, eps, weightDecay, true, amsgrad, maximize);
    }

    @Override
    List<String> sharedNames() {
      return List.of("step");
    }

    @Override
    List<String> ownNames() {
      return amsgrad
          ? List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
          : List.of("exp_avg", "exp_avg_sq");
    }

    /** Creates the optimizer and its state on the parameters' device. */
    public AdamW build() {
      return new AdamW(groups());
    }
  }
}
