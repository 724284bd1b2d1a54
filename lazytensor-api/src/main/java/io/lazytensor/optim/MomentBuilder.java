package io.lazytensor.optim;

import io.lazytensor.Parameter;
import io.lazytensor.PlainValue;
import java.util.Collection;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Settings of optimizers that keep averages of gradients and of their squares; betas are 0.9 and
 * 0.999 by default.
 *
 * @param <B> the builder's own type
 */
public abstract sealed class MomentBuilder<B extends MomentBuilder<B>> extends OptimizerBuilder<B>
    permits AdamBuilder, LAMB.Builder {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps;

  MomentBuilder(Collection<Parameter> parameters, double learningRate, double eps) {
    super(parameters, learningRate);
    this.eps = eps;
  }

  void takeMoments(MomentBuilder<B> from) {
    beta1 = from.beta1;
    beta2 = from.beta2;
    eps = from.eps;
  }

  /** Sets the decays of the two moments. */
  public B betas(double first, double second) {
    beta1 = requireShare("a beta", first);
    beta2 = requireShare("a beta", second);
    return scheduledMomentum(null);
  }

  /** Sets a decay of the first moment that depends on the step; see {@link OneCycle#momentum}. */
  public B beta1(Schedule shares) {
    beta1 = requireShare("a beta", shares.at(0));
    return scheduledMomentum(shares);
  }

  /** Sets what is added to the root of the second moment. */
  public B eps(double value) {
    eps = requireFromZero("an epsilon", value);
    return self();
  }

  void writeMoments(OptionWriter options, double currentBeta1) {
    options.pair("betas", PlainValue.of(currentBeta1), PlainValue.of(beta2)).real("eps", eps);
  }

  void readMoments(OptionReader options) {
    List<OptionalDouble> betas =
        options.pair("betas", OptionalDouble.of(beta1), OptionalDouble.of(beta2));
    beta1 = requireShare("betas[0]", betas.get(0).orElse(Double.NaN));
    beta2 = requireShare("betas[1]", betas.get(1).orElse(Double.NaN));
    eps = options.fromZero("eps", eps);
  }
}
