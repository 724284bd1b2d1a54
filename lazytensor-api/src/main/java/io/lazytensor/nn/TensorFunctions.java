package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.internal.ops.TensorOps;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.ShapeException;
import java.util.ArrayList;
import java.util.List;

/** Functions of tensors that choose and join, part of {@link F}. */
abstract sealed class TensorFunctions permits ActivationFunctions {
  TensorFunctions() {}

  /** Returns x where a condition holds, else y. */
  public static Tensor where(Tensor condition, Tensor x, Tensor y) {
    return Calls.call(TensorOps.WHERE, condition, x, y, 0, null);
  }

  /** Joins tensors along a dimension. PyTorch: {@code cat}. */
  public static Tensor concat(List<? extends Tensor> tensors, int dim) {
    return many(TensorOps.CONCAT, tensors, dim);
  }

  /** Joins tensors along a new dimension. */
  public static Tensor stack(List<? extends Tensor> tensors, int dim) {
    return many(TensorOps.STACK, tensors, dim);
  }

  private static Tensor many(CallKind kind, List<? extends Tensor> tensors, int dim) {
    if (tensors.isEmpty()) {
      throw new ShapeException(kind.name() + " takes at least one tensor, got none");
    }
    Tensor first = tensors.getFirst();
    Recorder recorder = Calls.recorder(first);
    recorder.begin();
    tensors.forEach(recorder::operand);
    return Calls.tensor(first, recorder, recorder.recordMany(kind, dim, null)[0]);
  }

  /** Cuts a tensor into pieces of a size along a dimension; the last may be smaller. */
  public static List<Tensor> split(Tensor x, int size, int dim) {
    Recorder recorder = Calls.recorder(x);
    recorder.begin();
    recorder.operand(x);
    List<Tensor> out = new ArrayList<>();
    for (HloInstruction piece : recorder.recordMany(TensorOps.SPLIT, 0, new int[] {size, dim})) {
      out.add(Calls.tensor(x, recorder, piece));
    }
    return out;
  }
}
