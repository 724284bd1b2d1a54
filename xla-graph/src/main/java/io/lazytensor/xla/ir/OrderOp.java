package io.lazytensor.xla.ir;

import java.util.List;

/** Operations that order elements. */
public sealed interface OrderOp extends HloOp {
  /**
   * Sorts arrays together along one dimension. Several operands give a tuple.
   *
   * @param dimension which
   * @param comparator (left 0, right 0, left 1, right 1, …) to whether left comes first
   * @param stable whether equal elements keep their order
   */
  record Sort(int dimension, HloComputation comparator, boolean stable) implements OrderOp {
    @Override
    public List<HloComputation> called() {
      return List.of(comparator);
    }

    @Override
    public HloOpcode code() {
      return HloOpcode.SORT;
    }
  }

  /**
   * Finds the extreme elements along the last dimension. The result is the tuple (values, s32
   * indices); of equal elements the one with the lower index comes first.
   *
   * @param k how many
   * @param largest whether the largest, in descending order; otherwise the smallest, ascending
   */
  record TopK(int k, boolean largest) implements OrderOp {
    @Override
    public HloOpcode code() {
      return HloOpcode.TOPK;
    }
  }
}
