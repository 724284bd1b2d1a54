package io.lazytensor.xla.pass;

import io.lazytensor.xla.ir.CollectiveOp;
import io.lazytensor.xla.ir.ControlOp;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.OrderOp;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Puts other computations in the place of those that operations call. */
final class CalledComputations {
  private CalledComputations() {}

  /** Returns a computation and all that it calls, however deep, each once and after its callees. */
  static List<HloComputation> calleesFirst(HloComputation entry) {
    Map<HloComputation, Boolean> placed = new IdentityHashMap<>();
    List<HloComputation> order = new ArrayList<>();
    ArrayDeque<HloComputation> open = new ArrayDeque<>(List.of(entry));
    while (!open.isEmpty()) {
      HloComputation top = open.peek();
      boolean ready = true;
      for (HloInstruction x : top.instructions()) {
        for (HloComputation called : x.op().called()) {
          if (!placed.containsKey(called)) {
            open.push(called);
            ready = false;
          }
        }
      }
      if (ready) {
        open.pop();
        if (placed.put(top, true) == null) {
          order.add(top);
        }
      }
    }
    return order;
  }

  /** Returns the operation with each computation replaced. */
  static HloOp replace(HloOp op, UnaryOperator<HloComputation> by) {
    return switch (op) {
      case HloOp.Scatter x ->
          new HloOp.Scatter(
              x.dimensionNumbers(),
              by.apply(x.combiner()),
              x.indicesAreSorted(),
              x.uniqueIndices());
      case HloOp.Reduce x -> new HloOp.Reduce(x.dimensions(), by.apply(x.reducer()));
      case HloOp.Call x -> new HloOp.Call(by.apply(x.computation()));
      case WindowOp x -> window(x, by);
      case OrderOp x -> order(x, by);
      case ControlOp x -> control(x, by);
      case CollectiveOp x -> collective(x, by);
      case LibraryOp _,
          HloOp.Parameter _,
          HloOp.Constant _,
          HloOp.Iota _,
          HloOp.Unary _,
          HloOp.Binary _,
          HloOp.IsFinite _,
          HloOp.Compare _,
          HloOp.Select _,
          HloOp.Clamp _,
          HloOp.Convert _,
          HloOp.BitcastConvert _,
          HloOp.Complex _,
          HloOp.Real _,
          HloOp.Imag _,
          HloOp.ReducePrecision _,
          HloOp.StochasticConvert _,
          HloOp.Broadcast _,
          HloOp.Reshape _,
          HloOp.Transpose _,
          HloOp.Reverse _,
          HloOp.Slice _,
          HloOp.DynamicSlice _,
          HloOp.DynamicUpdateSlice _,
          HloOp.Concatenate _,
          HloOp.Pad _,
          HloOp.Gather _,
          HloOp.Dot _,
          HloOp.RaggedDot _,
          HloOp.GetDimensionSize _,
          HloOp.Tuple _,
          HloOp.GetTupleElement _ ->
          op;
    };
  }

  private static HloOp window(WindowOp op, UnaryOperator<HloComputation> by) {
    return switch (op) {
      case WindowOp.Convolution _ -> op;
      case WindowOp.ReduceWindow x -> new WindowOp.ReduceWindow(x.window(), by.apply(x.reducer()));
      case WindowOp.SelectAndScatter x ->
          new WindowOp.SelectAndScatter(x.window(), by.apply(x.select()), by.apply(x.scatter()));
    };
  }

  private static HloOp order(OrderOp op, UnaryOperator<HloComputation> by) {
    return switch (op) {
      case OrderOp.Sort x -> new OrderOp.Sort(x.dimension(), by.apply(x.comparator()), x.stable());
      case OrderOp.TopK _ -> op;
    };
  }

  private static HloOp control(ControlOp op, UnaryOperator<HloComputation> by) {
    return switch (op) {
      case ControlOp.While x -> new ControlOp.While(by.apply(x.condition()), by.apply(x.body()));
      case ControlOp.Conditional x -> new ControlOp.Conditional(all(x.branches(), by));
      case ControlOp.Scan x ->
          new ControlOp.Scan(
              x.dimension(), x.reverse(), x.carries(), x.associative(), by.apply(x.computation()));
      case ControlOp.Map x -> new ControlOp.Map(by.apply(x.computation()));
      case ControlOp.Fusion x -> new ControlOp.Fusion(x.kind(), by.apply(x.computation()));
      case ControlOp.CustomCall x ->
          new ControlOp.CustomCall(
              x.target(),
              x.shape(),
              x.backendConfig(),
              x.apiVersion(),
              x.sideEffect(),
              all(x.computations(), by),
              x.layouts());
      case ControlOp.OptimizationBarrier _, ControlOp.AfterAll _, ControlOp.AddDependency _ -> op;
    };
  }

  private static List<HloComputation> all(
      List<HloComputation> computations, UnaryOperator<HloComputation> by) {
    return computations.stream().map(by).toList();
  }

  private static HloOp collective(CollectiveOp op, UnaryOperator<HloComputation> by) {
    return switch (op) {
      case CollectiveOp.AllReduce x ->
          new CollectiveOp.AllReduce(by.apply(x.reducer()), x.groups());
      case CollectiveOp.ReduceScatter x ->
          new CollectiveOp.ReduceScatter(
              x.dimension(), x.shardCount(), by.apply(x.reducer()), x.groups());
      case CollectiveOp.AllGather _,
          CollectiveOp.AllToAll _,
          CollectiveOp.CollectivePermute _,
          CollectiveOp.CollectiveBroadcast _,
          CollectiveOp.PartitionId _,
          CollectiveOp.ReplicaId _ ->
          op;
    };
  }
}
