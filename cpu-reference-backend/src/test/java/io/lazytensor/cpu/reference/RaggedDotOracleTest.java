package io.lazytensor.cpu.reference;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.RaggedDotDimensionNumbers;
import io.lazytensor.xla.runtime.Backend;
import io.lazytensor.xla.runtime.BackendOptions;
import io.lazytensor.xla.testing.GeneratedGraph;
import io.lazytensor.xla.testing.Oracle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;

/** Products over groups against the evaluator: every mode, type, order and size of groups. */
class RaggedDotOracleTest {
  private static final Backend BACKEND =
      new CpuReferenceProvider().open(new BackendOptions("", Map.of("threads", "1")));
  private static final Oracle ORACLE = new Oracle(BACKEND);
  private static final List<DType> TYPES = List.copyOf(EnumSet.range(DType.PRED, DType.F64));
  private static final List<DType> SIZES = TYPES.stream().filter(DType::isInteger).toList();

  @AfterContainer
  static void close() {
    BACKEND.close();
  }

  @Property(tries = 300, seed = "7", shrinking = ShrinkingMode.OFF)
  void productsOverGroupsEqualTheEvaluator(@ForAll long seed) {
    new Case(new Random(seed)).check();
  }

  @Tag("full")
  @Property(tries = 20_000, seed = "8", shrinking = ShrinkingMode.OFF)
  void productsOverGroupsEqualTheEvaluatorAtLength(@ForAll long seed) {
    new Case(new Random(seed)).check();
  }

  /** Dimensions have roles: batch, free or summed; each operand lists its own in any order. */
  private static final class Case {
    private final Random random;
    private final GeneratedGraph g;
    private final List<Integer> sizes = new ArrayList<>();

    Case(Random random) {
      this.random = random;
      this.g = new GeneratedGraph(random);
    }

    private List<Integer> roles(int atMost) {
      int from = sizes.size();
      int count = random.nextInt(atMost + 1);
      for (int i = 0; i < count; i++) {
        sizes.add(random.nextInt(25) == 0 ? 0 : 1 + random.nextInt(4));
      }
      return IntStream.range(from, sizes.size()).boxed().toList();
    }

    private List<Integer> shuffled(List<Integer> a, List<Integer> b, List<Integer> c) {
      List<Integer> all = new ArrayList<>(a);
      all.addAll(b);
      all.addAll(c);
      List<Integer> out = new ArrayList<>();
      for (int i : g.permutation(all.size())) {
        out.add(all.get(i));
      }
      return out;
    }

    private Dims places(List<Integer> roles, List<Integer> order) {
      return Dims.of(roles.stream().mapToInt(order::indexOf).toArray());
    }

    private int[] sizes(List<Integer> roles) {
      return roles.stream().mapToInt(sizes::get).toArray();
    }

    void check() {
      List<Integer> batch = roles(2);
      List<Integer> free = roles(3);
      List<Integer> summed = roles(2);
      List<Integer> columns = roles(2);
      List<Integer> left = shuffled(batch, free, summed);
      if (left.isEmpty()) {
        return;
      }
      int ragged = g.pick(left);
      boolean rows = free.contains(ragged);
      List<Integer> group = List.of(sizes.size());
      int groups = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(4);
      sizes.add(groups);
      List<Integer> right = shuffled(batch, summed, columns);
      if (rows) {
        right.add(random.nextInt(right.size() + 1), group.getFirst());
      }
      RaggedDotDimensionNumbers numbers =
          new RaggedDotDimensionNumbers(
              new DotDimensionNumbers(
                  places(summed, left),
                  places(summed, right),
                  places(batch, left),
                  places(batch, right)),
              Dims.of(left.indexOf(ragged)),
              rows ? places(group, right) : Dims.of());
      List<Integer> outer = outer(batch, free, summed, left, ragged);
      DType type = g.pick(TYPES);
      DType wide = type == DType.BF16 && random.nextBoolean() ? DType.F32 : type;
      HloInstruction root =
          g.add(
              new HloOp.RaggedDot(numbers, wide),
              view(ArrayShape.of(type, sizes(left))),
              view(ArrayShape.of(type, sizes(right))),
              g.parameter(groupSizes(outer, groups, sizes.get(ragged))));
      String what = root + " " + numbers;
      ORACLE.close(g.module(root), g.arguments, 4, 8, what);
    }

    private HloInstruction view(ArrayShape shape) {
      if (shape.rank() < 2 || random.nextBoolean()) {
        return g.parameter(g.moderate(shape));
      }
      Dims order = Dims.of(g.permutation(shape.rank()));
      int[] source = new int[shape.rank()];
      for (int i = 0; i < source.length; i++) {
        source[order.get(i)] = shape.dim(i);
      }
      return g.add(
          new HloOp.Transpose(order),
          g.parameter(g.moderate(ArrayShape.of(shape.dtype(), source))));
    }

    private List<Integer> outer(
        List<Integer> batch,
        List<Integer> free,
        List<Integer> summed,
        List<Integer> left,
        int ragged) {
      if (batch.contains(ragged)) {
        return batch.subList(0, batch.indexOf(ragged));
      }
      List<Integer> out = new ArrayList<>(batch);
      if (summed.contains(ragged)) {
        out.addAll(summed.subList(0, summed.indexOf(ragged)));
      } else {
        left.stream().takeWhile(r -> r != ragged).filter(free::contains).forEach(out::add);
      }
      return out;
    }

    private Literal groupSizes(List<Integer> outer, int groups, int extent) {
      int[] dims = random.nextBoolean() ? new int[0] : sizes(outer);
      dims = Arrays.copyOf(dims, dims.length + 1);
      dims[dims.length - 1] = groups;
      DType type = g.pick(SIZES);
      ArrayShape shape = ArrayShape.of(type, dims);
      // Mostly sizes that fit; some are negative, which is huge where there is no sign.
      long[] bits = random.longs(shape.elementCount(), -1, 2L + extent).toArray();
      return Literal.ofBits(shape, bits);
    }
  }
}
