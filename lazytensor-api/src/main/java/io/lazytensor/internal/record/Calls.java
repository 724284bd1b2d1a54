package io.lazytensor.internal.record;

import io.lazytensor.Tensor;
import io.lazytensor.xla.ir.HloInstruction;
import org.jspecify.annotations.Nullable;

/** Records calls for the rooms beside the root package: functions, layers, optimizers. */
public final class Calls {
  private Calls() {}

  /** Returns this thread's recorder for a tensor's device. */
  public static Recorder recorder(Tensor tensor) {
    return ((Handle) tensor).recorder();
  }

  /** Returns the tensor of a node just recorded. */
  public static Tensor tensor(Tensor beside, Recorder recorder, HloInstruction node) {
    return (Tensor) ((Handle) beside).result(recorder, node);
  }

  /** Records a call with one operand. */
  public static Tensor call(CallKind kind, Tensor x, long literal, @Nullable Object attribute) {
    Recorder recorder = recorder(x);
    return tensor(x, recorder, recorder.record(kind, x, literal, attribute));
  }

  /** Records a call with two operands. */
  public static Tensor call(
      CallKind kind, Tensor x, Tensor y, long literal, @Nullable Object attribute) {
    Recorder recorder = recorder(x);
    return tensor(x, recorder, recorder.record(kind, x, y, literal, attribute));
  }

  /** Records a call with three operands. */
  public static Tensor call(
      CallKind kind, Tensor x, Tensor y, Tensor z, long literal, @Nullable Object attribute) {
    Recorder recorder = recorder(x);
    return tensor(x, recorder, recorder.record(kind, x, y, z, literal, attribute));
  }

  /** Records a call with one operand that takes the next stream of random numbers. */
  public static Tensor random(CallKind kind, Tensor x, float number) {
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
