package io.lazytensor.examples.goldens;

/** Operations of tensors; the cases are made by {@code scripts/make_tensor_goldens.py}. */
class TensorGoldenTest extends GoldenTest {
  TensorGoldenTest() {
    super("tensor.txt", table());
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
