package io.lazytensor.xla.infer;

import static io.lazytensor.xla.infer.Rules.bf16;
import static io.lazytensor.xla.infer.Rules.c64;
import static io.lazytensor.xla.infer.Rules.computation;
import static io.lazytensor.xla.infer.Rules.f32;
import static io.lazytensor.xla.infer.Rules.gives;
import static io.lazytensor.xla.infer.Rules.no;
import static io.lazytensor.xla.infer.Rules.pred;
import static io.lazytensor.xla.infer.Rules.s32;
import static io.lazytensor.xla.infer.Rules.tuple;

import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.OrderOp;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OrderShapesTest {
  private static final HloComputation LESS = computation(pred(), f32(), f32());

  private static OrderOp sort(int dimension, HloComputation comparator) {
    return new OrderOp.Sort(dimension, comparator, true);
  }

  static List<Rules.Refusal> refusals() {
    HloComputation pairs = computation(pred(), f32(), f32(), s32(), s32());
    HloComputation blocks = computation(pred(), f32(), s32(), f32(), s32());
    return List.of(
        no("at least one operand", sort(0, LESS)),
        no("along dimension 1", sort(1, LESS), f32(4)),
        no("along dimension -1", sort(-1, LESS), f32(4)),
        no("along dimension 0", sort(0, LESS), f32()),
        no("arrays of one size", sort(0, pairs), f32(4), s32(3)),
        no("takes arrays", sort(0, LESS), tuple(f32(4))),
        no("does not map", sort(0, LESS), bf16(4)),
        no("does not map", sort(0, LESS), f32(4), s32(4)),
        no("does not map", sort(0, blocks), f32(4), s32(4)),
        no("does not map", sort(0, computation(s32(), f32(), f32())), f32(4)),
        no("does not map", sort(0, computation(pred(1), f32(), f32())), f32(4)),
        no("does not map", sort(0, computation(pred(), f32())), f32(4)),
        no("does not have 5 elements", new OrderOp.TopK(5, true), f32(3, 4)),
        no("does not have -1 elements", new OrderOp.TopK(-1, true), f32(3, 4)),
        no("does not have 0 elements", new OrderOp.TopK(0, true), f32()),
        no("an order", new OrderOp.TopK(1, true), c64(4)));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refuses(Rules.Refusal refusal) {
    refusal.check();
  }

  @Test
  void sortsKeepShapes() {
    gives(f32(2, 4), sort(1, LESS), f32(2, 4));
    gives(
        tuple(f32(2, 4), s32(2, 4)),
        sort(0, computation(pred(), f32(), f32(), s32(), s32())),
        f32(2, 4),
        s32(2, 4));
  }

  @Test
  void topKGivesValuesAndIndices() {
    gives(tuple(bf16(3, 2), s32(3, 2)), new OrderOp.TopK(2, false), bf16(3, 4));
    gives(tuple(f32(0), s32(0)), new OrderOp.TopK(0, true), f32(4));
  }
}
