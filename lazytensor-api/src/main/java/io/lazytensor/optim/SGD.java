package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.internal.lower.SgdUpdate;
import io.lazytensor.internal.ops.GradientOps;
import java.util.Collection;
import java.util.List;

/** Stochastic gradient descent with PyTorch's formula, {@code torch.optim.SGD}. */
public final class SGD extends Optimizer {
  private SGD(List<Group> groups) {
    super(GradientOps.SGD, groups);
  }

  /** Starts an optimizer for parameters that are on a device. */
  public static Builder builder(Collection<Parameter> parameters) {
    return new Builder(parameters);
  }

  /** Settings; PyTorch's defaults: learning rate 1e-3, everything else 0. */
  public static final class Builder extends OptimizerBuilder<Builder> {
    private double momentum;
    private double dampening;
    private boolean nesterov;

    private Builder(Collection<Parameter> parameters) {
      super(parameters);
      schedule = Schedules.constant(1e-3);
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    Builder copy(Collection<Parameter> forParameters) {
      Builder copy = new Builder(forParameters);
      copy.take(this);
      copy.momentum = momentum;
      copy.dampening = dampening;
      copy.nesterov = nesterov;
      return copy;
    }

    /** Sets the share of the momentum buffer that stays in each step. */
    public Builder momentum(double share) {
      if (!(share >= 0)) {
        throw new IllegalArgumentException("a momentum is a number from 0 on, got " + share);
      }
      momentum = share;
      return this;
    }

    /** Sets the share of the gradient kept out of the momentum buffer. */
    public Builder dampening(double share) {
      dampening = share;
      return this;
    }

    /** Sets whether the momentum looks ahead. */
    public Builder nesterov(boolean value) {
      nesterov = value;
      return this;
    }

    @Override
    SgdUpdate.Options options() {
      if (nesterov && (momentum <= 0 || dampening != 0)) {
        throw new IllegalArgumentException(
            "Nesterov momentum needs a momentum and zero dampening, got momentum="
                + momentum
                + ", dampening="
                + dampening);
      }
      return new SgdUpdate.Options(momentum, dampening, weightDecay, nesterov, maximize);
    }

    @Override
    List<String> sharedNames() {
      return momentum != 0 && dampening != 0 ? List.of("step") : List.of();
    }

    @Override
    List<String> ownNames() {
      return momentum != 0 ? List.of("momentum_buffer") : List.of();
    }

    /** Creates the optimizer and its state on the parameters' device. */
    public SGD build() {
      return new SGD(groups());
    }
  }
}
