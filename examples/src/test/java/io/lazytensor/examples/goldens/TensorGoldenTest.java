package io.lazytensor.examples.goldens;

import static io.lazytensor.nn.F.*;

import io.lazytensor.Tensor;
import java.util.List;

/** Operations of tensors; the cases are made by {@code scripts/make_tensor_goldens.py}. */
class TensorGoldenTest extends GoldenTest {
  TensorGoldenTest() {
    super("tensor.txt", table());
  }

  private static GoldenTable table() {
    GoldenTable table = new GoldenTable();
    arithmetic(table);
    return table;
  }

  private static void arithmetic(GoldenTable t) {
    t.two("add", Tensor::add);
    t.two("sub", Tensor::sub);
    t.two("mul", Tensor::mul);
    t.two("div", Tensor::div);
    t.two("divInts", Tensor::div);
    t.one("exp", Tensor::exp);
    t.one("log", Tensor::log);
    t.one("sqrt", Tensor::sqrt);
    t.two("maximum", Tensor::maximum);
    t.two("gather", (x, i) -> x.gather(1, i));
    t.one("sumDim", x -> x.sum(1));
    t.many("split", in -> split(in.get(0), 2, 1));
    t.many("cat", in -> List.of(concat(in.all(), 0)));
  }
}
