package io.lazytensor;

import static io.lazytensor.internal.ops.IndexOps.*;

import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.HostIndices;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;

/**
 * Reads and writes at computed places, part of {@link Tensor}. Indices that come from the host, as
 * an {@link Input}, are checked there. Computed ones cannot be: reading takes the nearest element
 * in range, writing leaves out what is not in range.
 */
abstract sealed class IndexMethods extends ShapeMethods permits ProductMethods {
  IndexMethods(Recorder recorder, HloInstruction node) {
    super(recorder, node);
  }

  IndexMethods() {}

  private Tensor read(CallKind kind, int dim, Tensor index) {
    return Calls.call(kind, this, checked(kind, dim, index), dim, null);
  }

  private Tensor write(CallKind kind, int dim, Tensor index, Tensor source) {
    return Calls.call(kind, this, checked(kind, dim, index), source, dim, null);
  }

  private Tensor fill(CallKind kind, int dim, Tensor index, double number) {
    return Calls.call(
        kind, this, checked(kind, dim, index), Double.doubleToRawLongBits(number), dim);
  }

  private Tensor checked(CallKind kind, int dim, Tensor index) {
    HostIndices.require(kind, (Tensor) this, dim, index);
    return index;
  }

  /** Returns elements picked along a dimension by {@code s32} indices of the same rank. */
  public final Tensor gather(int dim, Tensor index) {
    return read(GATHER, dim, index);
  }

  /**
   * Returns elements picked along a dimension by {@code s32} indices; the other dimensions
   * broadcast.
   */
  public final Tensor takeAlongDim(Tensor index, int dim) {
    return read(TAKE_ALONG_DIM, dim, index);
  }

  /** Returns slices picked along a dimension by {@code s32[n]} indices. */
  public final Tensor indexSelect(int dim, Tensor index) {
    return read(INDEX_SELECT, dim, index);
  }

  /**
   * Returns this with elements of a source written at {@code s32} indices along a dimension. Where
   * indices repeat, one of the elements is taken.
   */
  public final Tensor scatter(int dim, Tensor index, Tensor source) {
    return write(SCATTER, dim, index, source);
  }

  /** Returns this with a number written at {@code s32} indices along a dimension. */
  public final Tensor scatter(int dim, Tensor index, double number) {
    return fill(SCATTER_NUMBER, dim, index, number);
  }

  /** Returns this with elements of a source added at {@code s32} indices along a dimension. */
  public final Tensor scatterAdd(int dim, Tensor index, Tensor source) {
    return write(SCATTER_ADD, dim, index, source);
  }

  /** Returns this with slices added at {@code s32[n]} indices of a dimension. */
  public final Tensor indexAdd(int dim, Tensor index, Tensor source) {
    return indexAdd(dim, index, source, 1);
  }

  /** Returns this with slices, times a number, added at {@code s32[n]} indices of a dimension. */
  public final Tensor indexAdd(int dim, Tensor index, Tensor source, double alpha) {
    return Calls.call(
        INDEX_ADD,
        this,
        checked(INDEX_ADD, dim, index),
        source,
        Double.doubleToRawLongBits(alpha),
        dim);
  }

  /** Returns this with slices written at {@code s32[n]} indices of a dimension. */
  public final Tensor indexCopy(int dim, Tensor index, Tensor source) {
    return write(INDEX_COPY, dim, index, source);
  }

  /** Returns this with a number written at {@code s32[n]} indices of a dimension. */
  public final Tensor indexFill(int dim, Tensor index, double number) {
    return fill(INDEX_FILL, dim, index, number);
  }
}
