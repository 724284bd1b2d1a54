package io.lazytensor.xla.eval;

import static io.lazytensor.xla.eval.Eval.dims;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.Literal;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Batch normalization by hand, and its gradient against central differences. */
class BatchNormTest {
  private final HloBuilder b = new HloBuilder();

  private HloInstruction f64(int[] dims, double... values) {
    return Eval.constant(b, DType.F64, dims, values);
  }

  @Test
  void trainingStandardizesEachFeature() {
    // Feature 0: 1 3 5 7, mean 4, variance 5. Feature 1: 2 2 2 2.
    HloInstruction x = f64(dims(2, 2, 2), 1, 3, 2, 2, 5, 7, 2, 2);
    List<Literal> out =
        Eval.all(
            b.add(
                new LibraryOp.BatchNormTraining(4, 1),
                x,
                f64(dims(2), 3, 10),
                f64(dims(2), 1, -1)));
    assertArrayEquals(new double[] {-2, 0, -1, -1, 2, 4, -1, -1}, Eval.values(out.get(0)), 1e-12);
    assertArrayEquals(new double[] {4, 2}, Eval.values(out.get(1)), 1e-12);
    assertArrayEquals(new double[] {5, 0}, Eval.values(out.get(2)), 1e-12);
  }

  @Test
  void statisticsOfNothingAreNoNumbers() {
    List<Literal> out =
        Eval.all(
            b.add(
                new LibraryOp.BatchNormTraining(1, 1),
                f64(dims(0, 2)),
                f64(dims(2), 1, 1),
                f64(dims(2), 0, 0)));
    double[] none = {Double.NaN, Double.NaN};
    assertArrayEquals(none, Eval.values(out.get(1)));
    assertArrayEquals(none, Eval.values(out.get(2)));
  }

  @Test
  void inferenceTakesGivenStatistics() {
    HloInstruction y =
        b.add(
            new LibraryOp.BatchNormInference(1, 0),
            f64(dims(2, 1), 10, 20),
            f64(dims(2), 2, 3),
            f64(dims(2), 1, 1),
            f64(dims(2), 4, 20),
            f64(dims(2), 8, 0));
    // (10 - 4) / 3 * 2 + 1 and (20 - 20) * 3 + 1.
    assertArrayEquals(new double[] {5, 1}, Eval.values(y), 1e-12);
  }

  @Property(tries = 20)
  void gradientsEqualDifferences(@ForAll long seed) {
    Random r = new Random(seed);
    double[] x = r.doubles(12, -2, 2).toArray();
    double[] scale = r.doubles(2, -2, 2).toArray();
    double[] offset = r.doubles(2, -2, 2).toArray();
    double[] gradient = r.doubles(12, -2, 2).toArray();
    List<Literal> forward = Eval.all(training(x, scale, offset));
    List<Literal> gradients =
        Eval.all(
            b.add(
                new LibraryOp.BatchNormGrad(0.5f, 1),
                f64(dims(3, 2, 2), x),
                f64(dims(2), scale),
                f64(dims(2), Eval.values(forward.get(1))),
                f64(dims(2), Eval.values(forward.get(2))),
                f64(dims(3, 2, 2), gradient)));
    double[][] arguments = {x, scale, offset};
    for (int k = 0; k < 3; k++) {
      double[] got = Eval.values(gradients.get(k));
      for (int i = 0; i < arguments[k].length; i++) {
        double step = 1e-5;
        arguments[k][i] += step;
        double up = loss(arguments, gradient);
        arguments[k][i] -= 2 * step;
        double down = loss(arguments, gradient);
        arguments[k][i] += step;
        assertEquals((up - down) / (2 * step), got[i], 1e-6);
      }
    }
  }

  private HloInstruction training(double[] x, double[] scale, double[] offset) {
    return b.add(
        new LibraryOp.BatchNormTraining(0.5f, 1),
        f64(dims(3, 2, 2), x),
        f64(dims(2), scale),
        f64(dims(2), offset));
  }

  private double loss(double[][] arguments, double[] gradient) {
    double[] y = Eval.values(Eval.all(training(arguments[0], arguments[1], arguments[2])).get(0));
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += y[i] * gradient[i];
    }
    return sum;
  }
}
