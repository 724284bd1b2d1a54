package io.lazytensor.nn;

import io.lazytensor.Tensor;
import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The operands of a call, of which some may be missing. */
final class OperandList {
  private final List<Tensor> tensors;

  private OperandList(List<Tensor> tensors) {
    this.tensors = tensors;
  }

  static OperandList of(Tensor... tensors) {
    return new OperandList(new ArrayList<>(List.of(tensors)));
  }

  /** Adds an operand if it is there. */
  OperandList with(Optional<? extends Tensor> tensor) {
    tensor.ifPresent(tensors::add);
    return this;
  }

  /** Adds operands. */
  OperandList with(List<? extends Tensor> more) {
    tensors.addAll(more);
    return this;
  }

  /** Records a call with one result. */
  Tensor record(CallKind kind, Object attribute) {
    return Calls.many(kind, tensors, 0, attribute);
  }

  /** Records a call with several results; the random key of the step may be its last operand. */
  List<Tensor> record(CallKind kind, Object attribute, boolean random) {
    Tensor first = tensors.getFirst();
    Recorder recorder = Calls.recorder(first);
    recorder.begin();
    tensors.forEach(recorder::operand);
    if (random) {
      recorder.operand(recorder.randomKey());
    }
    List<Tensor> results = new ArrayList<>();
    for (HloInstruction result : recorder.recordMany(kind, 0, attribute)) {
      results.add(Calls.tensor(first, recorder, result));
    }
    return results;
  }
}
