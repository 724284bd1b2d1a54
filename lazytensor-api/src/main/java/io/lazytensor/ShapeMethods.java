package io.lazytensor;

import static io.lazytensor.internal.ops.ShapeOps.*;

import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;
import java.util.Arrays;
import java.util.List;

/** Rearrangements of elements, part of {@link Tensor}. */
abstract sealed class ShapeMethods extends OrderMethods permits IndexMethods {
  ShapeMethods(Recorder recorder, HloInstruction node) {
    super(recorder, node);
  }

  ShapeMethods() {}

  private static int[] joined(int[] first, int[] second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** Returns the same elements under other dimensions; one may be -1 and is computed. */
  public final Tensor reshape(int... dims) {
    return call(RESHAPE, dims);
  }

  /** Returns the elements as a vector. */
  public final Tensor flatten() {
    return call(FLATTEN, 0, -1);
  }

  /** Returns dimensions {@code from} and on as one. */
  public final Tensor flatten(int from) {
    return call(FLATTEN, from, -1);
  }

  /** Returns dimensions {@code from} to {@code to}, both included, as one. */
  public final Tensor flatten(int from, int to) {
    return call(FLATTEN, from, to);
  }

  /** Returns one dimension as several; one of the sizes may be -1 and is computed. */
  public final Tensor unflatten(int dim, int... sizes) {
    return call(UNFLATTEN, joined(new int[] {dim}, sizes));
  }

  /** Returns this with two dimensions exchanged. PyTorch: {@code transpose}, {@code swapaxes}. */
  public final Tensor transpose(int dim0, int dim1) {
    return call(TRANSPOSE, dim0, dim1);
  }

  /** Returns the transposed matrix. */
  public final Tensor t() {
    return call(PERMUTE, 1, 0);
  }

  /** Returns this with dimensions in another order. */
  public final Tensor permute(int... dims) {
    return call(PERMUTE, dims);
  }

  /** Returns this with a dimension at another place. */
  public final Tensor movedim(int from, int to) {
    return call(MOVEDIM, from, to);
  }

  /** Returns this with dimensions at other places. */
  public final Tensor movedim(int[] from, int[] to) {
    return call(MOVEDIM, joined(from, to));
  }

  /** Returns this without dimensions of size 1: the given ones, or all. */
  public final Tensor squeeze(int... dims) {
    return call(SQUEEZE, dims);
  }

  /** Returns this with a new dimension of size 1. */
  public final Tensor unsqueeze(int dim) {
    return call(UNSQUEEZE, new int[] {dim});
  }

  /** Returns this repeated along dimensions of size 1; -1 leaves a dimension as it is. */
  public final Tensor expand(int... dims) {
    return call(EXPAND, dims);
  }

  /** Returns the whole tensor repeated along dimensions. */
  public final Tensor repeat(int... times) {
    return call(REPEAT, times);
  }

  /** Returns each element repeated along a dimension. */
  public final Tensor repeatInterleave(int times, int dim) {
    return call(REPEAT_INTERLEAVE, times, dim);
  }

  /**
   * Returns one index of a dimension, which disappears. PyTorch: {@code select}, {@code x[:, i]}.
   */
  public final Tensor select(int dim, int index) {
    return call(SELECT, dim, index);
  }

  /** Returns a range of a dimension. PyTorch: {@code x[:, start:end]}. */
  public final Tensor slice(int dim, int start, int end) {
    return call(SLICE, dim, start, end, 1);
  }

  /** Returns every {@code step}-th index of a range of a dimension. */
  public final Tensor slice(int dim, int start, int end, int step) {
    return call(SLICE, dim, start, end, step);
  }

  /** Returns a range of a dimension by its start and length. */
  public final Tensor narrow(int dim, int start, int length) {
    return call(NARROW, dim, start, length);
  }

  /** Returns windows of a dimension as a new last dimension. */
  public final Tensor unfold(int dim, int size, int step) {
    return call(UNFOLD, dim, size, step);
  }

  /** Returns the diagonal of the first two dimensions as the last dimension. */
  public final Tensor diagonal() {
    return call(DIAGONAL, 0, 0, 1);
  }

  /** Returns a diagonal of two dimensions as the last dimension. */
  public final Tensor diagonal(int offset, int dim1, int dim2) {
    return call(DIAGONAL, offset, dim1, dim2);
  }

  /** Returns this with zeros above the diagonal of the last two dimensions. */
  public final Tensor tril() {
    return call(TRIL, new int[] {0});
  }

  /** Returns this with zeros above a diagonal of the last two dimensions. */
  public final Tensor tril(int diagonal) {
    return call(TRIL, new int[] {diagonal});
  }

  /** Returns this with zeros below the diagonal of the last two dimensions. */
  public final Tensor triu() {
    return call(TRIU, new int[] {0});
  }

  /** Returns this with zeros below a diagonal of the last two dimensions. */
  public final Tensor triu(int diagonal) {
    return call(TRIU, new int[] {diagonal});
  }

  /** Returns this in reverse order along dimensions. */
  public final Tensor flip(int... dims) {
    return call(FLIP, dims);
  }

  /** Returns this moved along a dimension; what leaves at one end enters at the other. */
  public final Tensor roll(int shift, int dim) {
    return roll(new int[] {shift}, dim);
  }

  /**
   * Returns this moved along dimensions; without any, a single shift moves the flattened tensor.
   */
  public final Tensor roll(int[] shifts, int... dims) {
    return Calls.call(ROLL, this, shifts.length, joined(shifts, dims));
  }

  /** Returns pieces of a size along a dimension; the last may be smaller. */
  public final List<Tensor> split(int size, int dim) {
    return pieces(SPLIT, size, dim);
  }

  /** Returns pieces of given sizes along a dimension. */
  public final List<Tensor> split(int[] sizes, int dim) {
    return pieces(SPLIT_SIZES, joined(new int[] {dim}, sizes));
  }

  /** Returns at most so many pieces of equal size along a dimension; the last may be smaller. */
  public final List<Tensor> chunk(int chunks, int dim) {
    return pieces(CHUNK, chunks, dim);
  }

  /** Returns every index of a dimension, which disappears. */
  public final List<Tensor> unbind(int dim) {
    return pieces(UNBIND, dim);
  }
}
