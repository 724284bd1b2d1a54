package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.internal.lower.SgdRule;
import java.util.Collection;

/**
 * Settings of gradient descent with momentum; everything is 0 by default.
 *
 * @param <B> the builder's own type
 */
public abstract sealed class DescentBuilder<B extends DescentBuilder<B>> extends OptimizerBuilder<B>
    permits SGD.Builder, LARS.Builder {
  private double momentum;
  private double dampening;
  private boolean nesterov;

  DescentBuilder(Collection<Parameter> parameters, double learningRate) {
    super(parameters, learningRate);
  }

  B withDescent(DescentBuilder<B> from) {
    momentum = from.momentum;
    dampening = from.dampening;
    nesterov = from.nesterov;
    return self();
  }

  /** Sets the share of the momentum buffer that stays in each step. */
  public B momentum(double share) {
    momentum = requireFromZero("a momentum", share);
    return scheduledMomentum(null);
  }

  /** Sets a momentum that depends on the step; see {@link OneCycle#momentum}. */
  public B momentum(Schedule shares) {
    momentum = requireFromZero("a momentum", shares.at(0));
    return scheduledMomentum(shares);
  }

  /** Sets the share of the gradient kept out of the momentum buffer. */
  public B dampening(double share) {
    dampening = share;
    return self();
  }

  /** Sets whether the momentum looks ahead. */
  public B nesterov(boolean value) {
    nesterov = value;
    return self();
  }

  SgdRule descent() {
    return new SgdRule(momentum, dampening, weightDecay, nesterov, maximize);
  }

  @Override
  boolean storesSteps() {
    return false;
  }

  @Override
  void write(OptionWriter options, Current current) {
    options
        .zeroable("momentum", current.momentum(momentum))
        .zeroable("dampening", dampening)
        .zeroable("weight_decay", weightDecay)
        .flag("nesterov", nesterov)
        .flag("maximize", maximize);
  }

  @Override
  void read(OptionReader options) {
    momentum = options.fromZero("momentum", momentum);
    dampening = options.real("dampening", dampening);
    weightDecay = options.fromZero("weight_decay", weightDecay);
    nesterov = options.flag("nesterov", nesterov);
    maximize = options.flag("maximize", maximize);
  }
}
