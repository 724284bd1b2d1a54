package io.lazytensor.examples.goldens;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operations of tensors; the cases are made by {@code scripts/make_tensor_goldens.py}. */
class TensorGoldenTest extends GoldenTest {
  TensorGoldenTest() {
    super("tensor.txt", table());
  }

  /** The name of a case where the derivative jumps says so. */
  Stream<String> smooth() {
    return differentiable().map(Golden::name).filter(name -> !name.endsWith("Kink"));
  }

  @ParameterizedTest
  @MethodSource("smooth")
  void gradientsAreCentralDifferences(String name) {
    checkDifferences(name);
  }

  private static GoldenTable table() {
    GoldenTable table = new GoldenTable();
    ElementCases.add(table);
    ReductionCases.add(table);
    ShapeCases.add(table);
    ProductCases.add(table);
    return table;
  }
}
