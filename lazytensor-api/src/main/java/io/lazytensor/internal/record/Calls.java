package io.lazytensor.internal.record;

import io.lazytensor.Tensor;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.ShapeException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records calls for the rooms beside the root package: functions, layers, optimizers. */
public final class Calls {
  private Calls() {}

  /** Returns this thread's recorder for a tensor's device. */
  public static Recorder recorder(Handle tensor) {
    return tensor.recorder();
  }

  /** Returns the tensor of a node just recorded. */
  public static Tensor tensor(Handle beside, Recorder recorder, HloInstruction node) {
    return (Tensor) beside.result(recorder, node);
  }

  /** Records a call with one operand. */
  public static Tensor call(CallKind kind, Handle x, long literal, @Nullable Object attribute) {
    Recorder recorder = recorder(x);
    return tensor(x, recorder, recorder.record(kind, x, literal, attribute));
  }

  /** Records a call with two operands. */
  public static Tensor call(
      CallKind kind, Handle x, Handle y, long literal, @Nullable Object attribute) {
    Recorder recorder = recorder(x);
    return tensor(x, recorder, recorder.record(kind, x, y, literal, attribute));
  }

  /** Records a call with three operands. */
  public static Tensor call(
      CallKind kind, Handle x, Handle y, Handle z, long literal, @Nullable Object attribute) {
    Recorder recorder = recorder(x);
    return tensor(x, recorder, recorder.record(kind, x, y, z, literal, attribute));
  }

  /** Records a call of one operand with several results. */
  public static List<Tensor> results(
      CallKind kind, Handle x, long literal, @Nullable Object attribute) {
    Recorder recorder = recorder(x);
    recorder.begin();
    recorder.operand(x);
    return results(x, recorder, kind, literal, attribute);
  }

  /** Records a call of any number of operands, at least one, with one result. */
  public static Tensor many(
      CallKind kind, List<? extends Handle> operands, long literal, @Nullable Object attribute) {
    return manyResults(kind, operands, literal, attribute).getFirst();
  }

  /** Records a call of any number of operands, at least one, with several results. */
  public static List<Tensor> manyResults(
      CallKind kind, List<? extends Handle> operands, long literal, @Nullable Object attribute) {
    if (operands.isEmpty()) {
      throw new ShapeException(kind.name() + " takes at least one tensor, got none");
    }
    Handle first = operands.getFirst();
    Recorder recorder = recorder(first);
    recorder.begin();
    operands.forEach(recorder::operand);
    return results(first, recorder, kind, literal, attribute);
  }

  private static List<Tensor> results(
      Handle beside, Recorder recorder, CallKind kind, long literal, @Nullable Object attribute) {
    List<Tensor> out = new ArrayList<>();
    for (HloInstruction node : recorder.recordMany(kind, literal, attribute)) {
      out.add(tensor(beside, recorder, node));
    }
    return out;
  }

  /** Records a call with one operand that takes the next stream of random numbers. */
  public static Tensor random(CallKind kind, Handle x, float number) {
    Recorder recorder = recorder(x);
    HloInstruction node = recorder.node(x);
    HloInstruction key = recorder.randomKey();
    long literal = packRandom(number, recorder.nextStream());
    return tensor(x, recorder, recorder.recordNodes(kind, node, key, null, literal, null));
  }

  /** Returns the gradient of a parameter, or null if it is not among these. */
  public static @Nullable HloInstruction gradient(GradientSet gradients, Tensor parameter) {
    return gradients.node(parameter);
  }

  /** Returns the literal of a random call: a number and its stream. */
  public static long packRandom(float number, int stream) {
    return ((long) stream << 32) | (Float.floatToRawIntBits(number) & 0xFFFF_FFFFL);
  }

  /** Returns the number of a random call. */
  public static float randomNumber(Call call) {
    return Float.intBitsToFloat((int) call.literal());
  }

  /** Returns the stream of a random call. */
  public static int randomStream(Call call) {
    return (int) (call.literal() >>> 32);
  }
}
