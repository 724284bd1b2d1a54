package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.div;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.negate;
import static io.lazytensor.internal.lower.Primitives.unary;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Adafactor, formula of PyTorch's {@code torch.optim.Adafactor}: second moments of matrices are
 * kept as a column and a row, those of vectors in full.
 *
 * @param beta2Decay exponent of the step in the share of new squares; PyTorch's default is -0.8
 * @param eps1 least second moment, squared; empty for the machine epsilon of the parameter's type
 * @param eps2 least scale of a parameter; PyTorch's default is 1e-3
 * @param threshold greatest root mean square of an update, PyTorch's {@code d}
 * @param weightDecay share by which the parameter shrinks, times the learning rate
 * @param maximize whether to climb
 */
public record AdafactorRule(
    double beta2Decay,
    OptionalDouble eps1,
    double eps2,
    double threshold,
    double weightDecay,
    boolean maximize)
    implements UpdateRule {
  @Override
  public boolean countsSteps() {
    return true;
  }

  @Override
  public List<StateSpec> states(ArrayShape parameter) {
    int rank = parameter.rank();
    return rank < 2
        ? List.of(StateSpec.zeros("variance", parameter))
        : List.of(
            StateSpec.zeros("row_var", reduced(parameter, rank - 1)),
            StateSpec.zeros("col_var", reduced(parameter, rank - 2)));
  }

  private static ArrayShape reduced(ArrayShape shape, int dim) {
    int[] dims = shape.dims().toArray();
    dims[dim] = 1;
    return new ArrayShape(shape.dtype(), Dims.of(dims));
  }

  private double least(DType type) {
    return eps1.orElse(
        switch (type) {
          case F64 -> 0x1p-52;
          case F16 -> 0x1p-10;
          case BF16 -> 0x1p-7;
          default -> 0x1p-23;
        });
  }

  @Override
  public GroupUpdate start(HloBuilder b, Inputs inputs) {
    return new Update(new UpdateMath(b), inputs);
  }

  private final class Update implements GroupUpdate {
    private final UpdateMath math;
    private final HloBuilder b;
    private final HloInstruction share;
    private final HloInstruction rate;
    private final HloInstruction shrinkage;

    Update(UpdateMath math, Inputs inputs) {
      this.math = math;
      this.b = math.b;
      HloInstruction step = inputs.counted();
      this.share = binary(b, BinaryKind.POWER, step, math.scalars.number(beta2Decay));
      HloInstruction bound = div(b, math.scalars.number(1), math.root(step));
      this.rate = math.atMost(inputs.learningRate(), bound);
      this.shrinkage = math.shrinkage(inputs.learningRate(), weightDecay);
    }

    @Override
    public Result update(
        HloInstruction parameter, HloInstruction gradient, List<HloInstruction> states) {
      HloInstruction g = math.gradient(parameter, gradient, maximize);
      HloInstruction scale = math.atLeast(math.rootMeanSquare(parameter), eps2);
      HloInstruction p = weightDecay == 0 ? parameter : math.times(parameter, shrinkage);
      double least = least(Primitives.type(parameter));
      List<HloInstruction> next;
      HloInstruction estimate;
      if (states.size() == 1) {
        next = List.of(math.lerp(states.getFirst(), mul(b, g, g), share));
        estimate = next.getFirst();
      } else {
        next = List.of(averaged(states.get(0), g, -1), averaged(states.get(1), g, -2));
        estimate = product(next.get(0), next.get(1), Primitives.dims(g), least);
      }
      HloInstruction bounded = math.atLeast(estimate, least * least);
      HloInstruction update = mul(b, unary(b, UnaryKind.RSQRT, bounded), g);
      HloInstruction excess = math.rootMeanSquare(update);
      excess = math.atLeast(div(b, excess, math.scalars.number(threshold)), 1);
      HloInstruction descent = div(b, negate(b, mul(b, scale, rate)), excess);
      return new Result(add(b, p, math.times(update, descent)), next);
    }

    private HloInstruction averaged(HloInstruction average, HloInstruction g, int dim) {
      HloInstruction mean = Reductions.mean(b, mul(b, g, g), true, dim);
      return math.lerp(average, mean, share);
    }

    /** Returns the outer product of rows and columns over the mean of the rows. */
    private HloInstruction product(
        HloInstruction rows, HloInstruction columns, Dims dims, double least) {
      HloInstruction mean = math.atLeast(Reductions.mean(b, rows, true, -2), least);
      HloInstruction outer = mul(b, repeated(rows, dims), repeated(columns, dims));
      return div(b, outer, repeated(mean, dims));
    }

    private HloInstruction repeated(HloInstruction x, Dims dims) {
      return Broadcasting.expand(b, x, dims);
    }
  }
}
