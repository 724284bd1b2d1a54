package io.lazytensor;

import static io.lazytensor.internal.ops.CreationOps.*;

import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.DeviceContext;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.ShapeException;

/**
 * Tensors recorded from nothing but their shape, part of {@link Device}. Random numbers are those
 * of the step: the same seed gives the same ones on every device.
 */
abstract sealed class TensorFactory permits Device {
  TensorFactory() {}

  abstract DeviceContext context();

  private Tensor record(CallKind kind, long literal, Object attribute) {
    Recorder recorder = context().recorder();
    return new Value(recorder, recorder.recordNodes(kind, null, null, null, literal, attribute));
  }

  private Tensor random(CallKind kind, Object attribute) {
    Recorder recorder = context().recorder();
    HloInstruction key = recorder.randomKey();
    int stream = recorder.nextStream();
    return new Value(recorder, recorder.recordNodes(kind, key, null, null, stream, attribute));
  }

  /** Records a tensor with the same number everywhere. */
  public final Tensor full(double value, DType dtype, int... dims) {
    return record(FULL, Double.doubleToRawLongBits(value), ArrayShape.of(dtype, dims));
  }

  /** Records {@code f32} zeros. */
  public final Tensor zeros(int... dims) {
    return full(0, DType.F32, dims);
  }

  /** Records zeros of a type. */
  public final Tensor zeros(DType dtype, int... dims) {
    return full(0, dtype, dims);
  }

  /** Records {@code f32} ones. */
  public final Tensor ones(int... dims) {
    return full(1, DType.F32, dims);
  }

  /** Records ones of a type. */
  public final Tensor ones(DType dtype, int... dims) {
    return full(1, dtype, dims);
  }

  /** Records {@code 0, 1, …, n - 1} as {@code s32[n]}. */
  public final Tensor arange(int n) {
    return arange(0, n, 1);
  }

  /**
   * Records {@code start, start + step, …} as {@code s32}, up to an end that is left out.
   *
   * @throws ShapeException if the step does not lead to the end
   */
  public final Tensor arange(int start, int end, int step) {
    return arange(DType.S32, start, end, step);
  }

  /** Records {@code start, start + step, …} as {@code f32}, up to an end that is left out. */
  public final Tensor arange(double start, double end, double step) {
    return arange(DType.F32, start, end, step);
  }

  private Tensor arange(DType type, double start, double end, double step) {
    double count = Math.ceil((end - start) / step);
    if (!(count >= 0 && count <= Integer.MAX_VALUE)) {
      throw new ShapeException(
          "arange from %s to %s by %s: the step does not lead to the end"
              .formatted(start, end, step));
    }
    ArrayShape shape = ArrayShape.of(type, (int) count);
    return record(ARANGE, 0, new Sequence(shape, start, step));
  }

  /** Records numbers at equal distances from the first to the last, {@code f32[count]}. */
  public final Tensor linspace(double start, double end, int count) {
    return record(LINSPACE, 0, new Sequence(ArrayShape.of(DType.F32, count), start, end));
  }

  /** Records the {@code f32} unit matrix. */
  public final Tensor eye(int n) {
    return eye(n, n);
  }

  /** Records an {@code f32} matrix with ones on its diagonal. */
  public final Tensor eye(int rows, int columns) {
    return record(EYE, 0, ArrayShape.of(DType.F32, rows, columns));
  }

  /** Records {@code f32} random numbers of {@code [0, 1)}. */
  public final Tensor rand(int... dims) {
    return random(RAND, ArrayShape.of(DType.F32, dims));
  }

  /** Records {@code f32} random numbers of the standard normal distribution. */
  public final Tensor randn(int... dims) {
    return random(RANDN, ArrayShape.of(DType.F32, dims));
  }

  /** Records random integers of {@code [low, high)}, {@code s32}. */
  public final Tensor randint(int low, int high, int... dims) {
    return random(RANDINT, new Integers(ArrayShape.of(DType.S32, dims), low, high));
  }

  /** Records 0 to n - 1 in random order, {@code s32[n]}. */
  public final Tensor randperm(int n) {
    return random(RANDPERM, ArrayShape.of(DType.S32, n));
  }
}
