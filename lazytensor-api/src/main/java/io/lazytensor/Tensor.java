package io.lazytensor;

import static io.lazytensor.internal.ops.TensorOps.*;

import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Handle;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.List;

/**
 * An array whose operations are recorded, not run. Operations broadcast and promote types as
 * PyTorch's; a Java number takes the tensor's type, and a fraction makes an integer tensor {@code
 * f32}. Dimensions count from the end when negative.
 *
 * <p>A value belongs to the recording it was made in. {@link Parameter}, {@link State}, {@link
 * Hyper} and {@link Input} live longer and stand for their current content in each recording.
 *
 * <p>Every operation throws {@link io.lazytensor.xla.ir.ShapeException} with both shapes and the
 * caller's line if operands do not fit, and {@link RecordingException} for a value of another
 * recording, thread or device.
 */
public abstract sealed class Tensor extends Handle permits Value, Stored, Hyper, Input {
  /** Whether a reduction leaves its dimensions behind with size 1. */
  public enum KeepDim {
    /** It does. */
    KEEP
  }

  Tensor(Recorder recorder, HloInstruction node) {
    super(recorder, node);
  }

  Tensor() {}

  @Override
  protected final Handle result(Recorder by, HloInstruction recorded) {
    return new Value(by, recorded);
  }

  /** Returns element type and dimension sizes. */
  public abstract ArrayShape shape();

  /** Returns the element type. */
  public final DType dtype() {
    return shape().dtype();
  }

  /** Returns the number of dimensions. */
  public final int rank() {
    return shape().rank();
  }

  /** Returns the size of one dimension. */
  public final int size(int dim) {
    return shape().dim(dim < 0 ? dim + rank() : dim);
  }

  private Tensor call(CallKind kind) {
    return Calls.call(kind, this, 0, null);
  }

  private Tensor call(CallKind kind, double number) {
    return Calls.call(kind, this, Double.doubleToRawLongBits(number), null);
  }

  private Tensor call(CallKind kind, Tensor other) {
    return Calls.call(kind, this, other, 0, null);
  }

  private Tensor call(CallKind kind, int... integers) {
    return Calls.call(kind, this, 0, integers);
  }

  private Tensor reduce(CallKind kind, boolean keep, int... dims) {
    return Calls.call(kind, this, keep ? 1 : 0, dims);
  }

  // ---- arithmetic -------------------------------------------------------------------------------

  /** Returns the sum. */
  public final Tensor add(Tensor other) {
    return call(ADD, other);
  }

  /** Returns the sum with a number. */
  public final Tensor add(double number) {
    return call(ADD_NUMBER, number);
  }

  /** Returns the difference. */
  public final Tensor sub(Tensor other) {
    return call(SUB, other);
  }

  /** Returns the difference to a number. */
  public final Tensor sub(double number) {
    return call(SUB_NUMBER, number);
  }

  /** Returns a number minus this. */
  public final Tensor rsub(double number) {
    return call(RSUB_NUMBER, number);
  }

  /** Returns the product. */
  public final Tensor mul(Tensor other) {
    return call(MUL, other);
  }

  /** Returns the product with a number. */
  public final Tensor mul(double number) {
    return call(MUL_NUMBER, number);
  }

  /** Returns the quotient; of integers, as {@code f32}. */
  public final Tensor div(Tensor other) {
    return call(DIV, other);
  }

  /** Returns the quotient by a number. */
  public final Tensor div(double number) {
    return call(DIV_NUMBER, number);
  }

  /** Returns a number divided by this. */
  public final Tensor rdiv(double number) {
    return call(RDIV_NUMBER, number);
  }

  /** Returns the remainder, with the divisor's sign. */
  public final Tensor remainder(Tensor other) {
    return call(REMAINDER, other);
  }

  /** Returns this to the power of another tensor. */
  public final Tensor pow(Tensor exponent) {
    return call(POW, exponent);
  }

  /** Returns this to the power of a number. */
  public final Tensor pow(double exponent) {
    return call(POW_NUMBER, exponent);
  }

  /** Returns the negative. */
  public final Tensor neg() {
    return call(NEG);
  }

  /** Returns the magnitude. */
  public final Tensor abs() {
    return call(ABS);
  }

  /** Returns e to the power of this. */
  public final Tensor exp() {
    return call(EXP);
  }

  /** Returns the natural logarithm. */
  public final Tensor log() {
    return call(LOG);
  }

  /** Returns the square root. */
  public final Tensor sqrt() {
    return call(SQRT);
  }

  /** Returns one over the square root. */
  public final Tensor rsqrt() {
    return call(RSQRT);
  }

  /** Returns the square. */
  public final Tensor square() {
    return call(SQUARE);
  }

  /** Returns one over this. */
  public final Tensor reciprocal() {
    return call(RECIPROCAL);
  }

  /** Returns the sine. */
  public final Tensor sin() {
    return call(SIN);
  }

  /** Returns the cosine. */
  public final Tensor cos() {
    return call(COS);
  }

  /** Returns the error function. */
  public final Tensor erf() {
    return call(ERF);
  }

  /** Returns -1, 0 or 1. */
  public final Tensor sign() {
    return call(SIGN);
  }

  /** Returns the greatest integral value not greater. */
  public final Tensor floor() {
    return call(FLOOR);
  }

  /** Returns the smallest integral value not less. */
  public final Tensor ceil() {
    return call(CEIL);
  }

  /** Returns the nearest integral value, half to even. */
  public final Tensor round() {
    return call(ROUND);
  }

  /** Returns the greater of two, NaN if either is. */
  public final Tensor maximum(Tensor other) {
    return call(MAXIMUM, other);
  }

  /** Returns the lesser of two, NaN if either is. */
  public final Tensor minimum(Tensor other) {
    return call(MINIMUM, other);
  }

  /** Returns this within bounds. */
  public final Tensor clamp(double min, double max) {
    return Calls.call(CLAMP, this, 0, List.of(min, max));
  }

  // ---- comparison -------------------------------------------------------------------------------

  /** Returns where this equals the other. */
  public final Tensor eq(Tensor other) {
    return call(EQ, other);
  }

  /** Returns where this equals a number. */
  public final Tensor eq(double number) {
    return call(EQ_NUMBER, number);
  }

  /** Returns where this differs from the other. */
  public final Tensor ne(Tensor other) {
    return call(NE, other);
  }

  /** Returns where this differs from a number. */
  public final Tensor ne(double number) {
    return call(NE_NUMBER, number);
  }

  /** Returns where this is less. */
  public final Tensor lt(Tensor other) {
    return call(LT, other);
  }

  /** Returns where this is less than a number. */
  public final Tensor lt(double number) {
    return call(LT_NUMBER, number);
  }

  /** Returns where this is at most the other. */
  public final Tensor le(Tensor other) {
    return call(LE, other);
  }

  /** Returns where this is at most a number. */
  public final Tensor le(double number) {
    return call(LE_NUMBER, number);
  }

  /** Returns where this is greater. */
  public final Tensor gt(Tensor other) {
    return call(GT, other);
  }

  /** Returns where this is greater than a number. */
  public final Tensor gt(double number) {
    return call(GT_NUMBER, number);
  }

  /** Returns where this is at least the other. */
  public final Tensor ge(Tensor other) {
    return call(GE, other);
  }

  /** Returns where this is at least a number. */
  public final Tensor ge(double number) {
    return call(GE_NUMBER, number);
  }

  /** Returns where both are true. */
  public final Tensor and(Tensor other) {
    return call(AND, other);
  }

  /** Returns where either is true. */
  public final Tensor or(Tensor other) {
    return call(OR, other);
  }

  /** Returns where this is false. */
  public final Tensor not() {
    return call(NOT);
  }

  /** Returns this with a number where a mask is true. */
  public final Tensor maskedFill(Tensor mask, double number) {
    return Calls.call(MASKED_FILL, this, mask, Double.doubleToRawLongBits(number), null);
  }

  // ---- products and reductions ------------------------------------------------------------------

  /** Returns the matrix product, batched over leading dimensions. PyTorch: {@code matmul}. */
  public final Tensor matmul(Tensor other) {
    Recorder recorder = recorder();
    HloInstruction node = recorder.record(MATMUL, this, other, recorder.compute().ordinal(), null);
    return new Value(recorder, node);
  }

  /** Returns the sum over dimensions; over all if none are given. */
  public final Tensor sum(int... dims) {
    return reduce(SUM, false, dims);
  }

  /** Returns the sum over a dimension that stays with size 1. */
  public final Tensor sum(int dim, KeepDim keep) {
    return reduce(SUM, true, dim);
  }

  /** Returns the mean over dimensions; over all if none are given. */
  public final Tensor mean(int... dims) {
    return reduce(MEAN, false, dims);
  }

  /** Returns the mean over a dimension that stays with size 1. */
  public final Tensor mean(int dim, KeepDim keep) {
    return reduce(MEAN, true, dim);
  }

  /** Returns the greatest value over dimensions; over all if none are given. */
  public final Tensor max(int... dims) {
    return reduce(MAX, false, dims);
  }

  /** Returns the greatest value over a dimension that stays with size 1. */
  public final Tensor max(int dim, KeepDim keep) {
    return reduce(MAX, true, dim);
  }

  /** Returns the least value over dimensions; over all if none are given. */
  public final Tensor min(int... dims) {
    return reduce(MIN, false, dims);
  }

  /** Returns the least value over a dimension that stays with size 1. */
  public final Tensor min(int dim, KeepDim keep) {
    return reduce(MIN, true, dim);
  }

  /** Returns the product over dimensions; over all if none are given. */
  public final Tensor prod(int... dims) {
    return reduce(PROD, false, dims);
  }

  /** Returns the unbiased variance over dimensions; over all if none are given. */
  public final Tensor var(int... dims) {
    return reduce(VAR, false, dims);
  }

  /** Returns the index of the first greatest value along a dimension, {@code s32}. */
  public final Tensor argmax(int dim) {
    return call(ARGMAX, new int[] {dim});
  }

  /** Returns the index of the first least value along a dimension, {@code s32}. */
  public final Tensor argmin(int dim) {
    return call(ARGMIN, new int[] {dim});
  }

  /** Returns the Euclidean norm of all elements. */
  public final Tensor norm() {
    return call(NORM);
  }

  // ---- shapes -----------------------------------------------------------------------------------

  /** Returns the same elements under other dimensions; one may be -1 and is computed. */
  public final Tensor reshape(int... dims) {
    return call(RESHAPE, dims);
  }

  /** Returns dimensions {@code from} and on as one. */
  public final Tensor flatten(int from) {
    return call(FLATTEN, new int[] {from, -1});
  }

  /** Returns this with two dimensions exchanged. */
  public final Tensor transpose(int dim0, int dim1) {
    return call(TRANSPOSE, new int[] {dim0, dim1});
  }

  /** Returns this with dimensions in another order. */
  public final Tensor permute(int... dims) {
    return call(PERMUTE, dims);
  }

  /** Returns this without a dimension of size 1. */
  public final Tensor squeeze(int dim) {
    return call(SQUEEZE, new int[] {dim});
  }

  /** Returns this with a new dimension of size 1. */
  public final Tensor unsqueeze(int dim) {
    return call(UNSQUEEZE, new int[] {dim});
  }

  /** Returns this repeated along dimensions of size 1; -1 leaves a dimension as it is. */
  public final Tensor expand(int... dims) {
    return call(EXPAND, dims);
  }

  /** Returns one index of a dimension, which disappears. PyTorch: {@code x[:, i]}. */
  public final Tensor select(int dim, int index) {
    return call(SELECT, new int[] {dim, index});
  }

  /** Returns a range of a dimension. PyTorch: {@code x[:, start:end]}. */
  public final Tensor slice(int dim, int start, int end) {
    return call(SLICE, new int[] {dim, start, end, 1});
  }

  /** Returns every {@code step}-th index of a range of a dimension. */
  public final Tensor slice(int dim, int start, int end, int step) {
    return call(SLICE, new int[] {dim, start, end, step});
  }

  /** Returns this in reverse order along dimensions. */
  public final Tensor flip(int... dims) {
    return call(FLIP, dims);
  }

  /** Returns elements picked along a dimension by {@code s32} indices. PyTorch: {@code gather}. */
  public final Tensor gather(int dim, Tensor index) {
    return Calls.call(GATHER, this, index, dim, null);
  }

  /** Returns slices picked along a dimension by {@code s32[n]} indices. */
  public final Tensor indexSelect(int dim, Tensor index) {
    return Calls.call(INDEX_SELECT, this, index, dim, null);
  }

  /** Returns this in another element type. */
  public final Tensor to(DType type) {
    return type == dtype() ? this : Calls.call(CAST, this, type.ordinal(), null);
  }

  /** Returns this as a constant for differentiation. PyTorch: {@code detach}. */
  public final Tensor detach() {
    return call(DETACH);
  }

  /**
   * Computes the gradients of this scalar with respect to every parameter the recording has read,
   * and adds them to the gradients waiting for {@code optimizer.step()}, which consumes them.
   *
   * @throws io.lazytensor.autograd.GradientException if this is no floating-point scalar
   */
  public final void backward() {
    recorder().backward(this);
  }

  /** As {@link #backward()}, for these parameters only. */
  public final void backward(List<Parameter> parameters) {
    recorder().backward(this, parameters);
  }

  final Dims dims() {
    return shape().dims();
  }
}
