package io.lazytensor;

import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Handle;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;

/** How a tensor's methods record their calls. */
abstract sealed class TensorCalls extends Handle permits MathMethods {
  TensorCalls(Recorder recorder, HloInstruction node) {
    super(recorder, node);
  }

  TensorCalls() {}

  final Tensor call(CallKind kind) {
    return Calls.call(kind, this, 0, null);
  }

  final Tensor call(CallKind kind, double number) {
    return Calls.call(kind, this, Double.doubleToRawLongBits(number), null);
  }

  final Tensor call(CallKind kind, Tensor other) {
    return Calls.call(kind, this, other, 0, null);
  }

  final Tensor call(CallKind kind, Tensor second, Tensor third) {
    return Calls.call(kind, this, second, third, 0, null);
  }

  final Tensor call(CallKind kind, Tensor second, Tensor third, double number) {
    return Calls.call(kind, this, second, third, Double.doubleToRawLongBits(number), null);
  }

  final Tensor call(CallKind kind, int... integers) {
    return Calls.call(kind, this, 0, integers);
  }

  final List<Tensor> pieces(CallKind kind, int... integers) {
    return Calls.results(kind, this, 0, integers);
  }

  final ValuesAndIndices ordered(CallKind kind, int... integers) {
    List<Tensor> both = pieces(kind, integers);
    return new ValuesAndIndices(both.get(0), both.get(1));
  }
}
