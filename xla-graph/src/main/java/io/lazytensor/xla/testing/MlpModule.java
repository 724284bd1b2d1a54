package io.lazytensor.xla.testing;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.InputOutputAlias;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.ArrayList;
import java.util.List;

/**
 * A training step as HLO: fully connected layers with ReLU, cross-entropy, backward and SGD with
 * momentum. Parameters: images, labels, learning rate, then weights and biases ({@code [out, in]}
 * and {@code [out]}), then their momenta. Results: loss, then the updated ones, all donated.
 */
public final class MlpModule {
  private static final float MOMENTUM = 0.9f;

  private final HloBuilder builder = new HloBuilder();
  private final List<HloInstruction> parameters = new ArrayList<>();
  private final int batch;
  private final int[] widths;

  private MlpModule(int batch, int... widths) {
    this.batch = batch;
    this.widths = widths;
  }

  public static HloModule of(int batch, int... widths) {
    return new MlpModule(batch, widths).build();
  }

  private HloModule build() {
    int layers = widths.length - 1;
    HloInstruction images = parameter(ArrayShape.of(DType.F32, batch, widths[0]));
    HloInstruction labels = parameter(ArrayShape.of(DType.S32, batch));
    HloInstruction rate = parameter(ArrayShape.scalar(DType.F32));
    List<HloInstruction> weights = parametersOfLayers(layers);
    List<HloInstruction> momenta = parametersOfLayers(layers);
    List<HloInstruction> inputs = new ArrayList<>();
    HloInstruction x = images;
    for (int l = 0; l < layers; l++) {
      inputs.add(x);
      HloInstruction w = weights.get(2 * l);
      HloInstruction bias = weights.get(2 * l + 1);
      HloInstruction z =
          add(BinaryKind.ADD, dot(x, w, 1, 1), broadcast(bias, batch, widths[l + 1], 1));
      x = l < layers - 1 ? add(BinaryKind.MAXIMUM, z, filled(0, z)) : z;
    }
    int classes = widths[layers];
    HloInstruction top = reduce(BinaryKind.MAXIMUM, Float.NEGATIVE_INFINITY, x, 1);
    HloInstruction shifted = add(BinaryKind.SUBTRACT, x, broadcast(top, batch, classes, 0));
    HloInstruction exp = builder.add(new HloOp.Unary(UnaryKind.EXPONENTIAL), shifted);
    HloInstruction sum = reduce(BinaryKind.ADD, 0, exp, 1);
    HloInstruction logSum = builder.add(new HloOp.Unary(UnaryKind.LOG), sum);
    HloInstruction logp = add(BinaryKind.SUBTRACT, shifted, broadcast(logSum, batch, classes, 0));
    HloInstruction classIndex =
        builder.add(new HloOp.Iota(ArrayShape.of(DType.S32, batch, classes), 1));
    HloInstruction isLabel =
        builder.add(
            new HloOp.Compare(ComparisonDirection.EQ, false),
            classIndex,
            broadcast(labels, batch, classes, 0));
    HloInstruction picked = builder.add(new HloOp.Select(), isLabel, logp, filled(0, logp));
    HloInstruction loss =
        add(BinaryKind.MULTIPLY, reduce(BinaryKind.ADD, 0, picked, 0, 1), scalar(-1f / batch));
    HloInstruction softmax = add(BinaryKind.DIVIDE, exp, broadcast(sum, batch, classes, 0));
    HloInstruction oneHot = builder.add(new HloOp.Convert(DType.F32), isLabel);
    HloInstruction gradient =
        add(
            BinaryKind.MULTIPLY,
            add(BinaryKind.SUBTRACT, softmax, oneHot),
            filled(1f / batch, oneHot));
    List<HloInstruction> gradients = new ArrayList<>();
    for (int l = layers - 1; l >= 0; l--) {
      gradients.addFirst(reduce(BinaryKind.ADD, 0, gradient, 0));
      gradients.addFirst(dot(gradient, inputs.get(l), 0, 0));
      if (l > 0) {
        HloInstruction back = dot(gradient, weights.get(2 * l), 1, 0);
        HloInstruction active =
            builder.add(
                new HloOp.Compare(ComparisonDirection.GT, false),
                inputs.get(l),
                filled(0, inputs.get(l)));
        gradient = builder.add(new HloOp.Select(), active, back, filled(0, back));
      }
    }
    return step(loss, rate, weights, momenta, gradients);
  }

  private HloModule step(
      HloInstruction loss,
      HloInstruction rate,
      List<HloInstruction> weights,
      List<HloInstruction> momenta,
      List<HloInstruction> gradients) {
    List<HloInstruction> results = new ArrayList<>(List.of(loss));
    List<HloInstruction> newMomenta = new ArrayList<>();
    for (int i = 0; i < weights.size(); i++) {
      HloInstruction decayed =
          add(BinaryKind.MULTIPLY, momenta.get(i), filled(MOMENTUM, momenta.get(i)));
      HloInstruction momentum = add(BinaryKind.ADD, decayed, gradients.get(i));
      newMomenta.add(momentum);
      HloInstruction rates =
          builder.add(new HloOp.Broadcast(momentum.arrayShape().dims(), Dims.of()), rate);
      results.add(
          add(BinaryKind.SUBTRACT, weights.get(i), add(BinaryKind.MULTIPLY, rates, momentum)));
    }
    results.addAll(newMomenta);
    List<InputOutputAlias> aliases = new ArrayList<>();
    for (int i = 1; i < results.size(); i++) {
      aliases.add(new InputOutputAlias(i, i + 2));
    }
    HloInstruction root = builder.add(new HloOp.Tuple(), results);
    return new HloModule("mlp", HloComputation.of("mlp", parameters, root), aliases);
  }

  private List<HloInstruction> parametersOfLayers(int layers) {
    List<HloInstruction> out = new ArrayList<>();
    for (int l = 0; l < layers; l++) {
      out.add(parameter(ArrayShape.of(DType.F32, widths[l + 1], widths[l])));
      out.add(parameter(ArrayShape.of(DType.F32, widths[l + 1])));
    }
    return out;
  }

  private HloInstruction parameter(Shape shape) {
    HloInstruction parameter = builder.add(new HloOp.Parameter(parameters.size(), shape));
    parameters.add(parameter);
    return parameter;
  }

  private HloInstruction add(BinaryKind kind, HloInstruction a, HloInstruction b) {
    return builder.add(new HloOp.Binary(kind), a, b);
  }

  private HloInstruction scalar(float value) {
    return builder.add(new HloOp.Constant(Literal.scalar(DType.F32, value)));
  }

  private HloInstruction filled(float value, HloInstruction like) {
    return builder.add(new HloOp.Broadcast(like.arrayShape().dims(), Dims.of()), scalar(value));
  }

  private HloInstruction broadcast(HloInstruction x, int rows, int columns, int dimension) {
    return builder.add(new HloOp.Broadcast(Dims.of(rows, columns), Dims.of(dimension)), x);
  }

  private HloInstruction dot(HloInstruction a, HloInstruction b, int left, int right) {
    return builder.add(
        new HloOp.Dot(
            new DotDimensionNumbers(Dims.of(left), Dims.of(right), Dims.of(), Dims.of()),
            DType.F32),
        a,
        b);
  }

  private HloInstruction reduce(BinaryKind kind, float init, HloInstruction x, int... dimensions) {
    return builder.add(
        new HloOp.Reduce(Dims.of(dimensions), Graphs.reducer(kind, DType.F32)), x, scalar(init));
  }
}
