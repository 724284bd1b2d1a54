package io.lazytensor;

import static io.lazytensor.internal.ops.TensorOps.*;

import io.lazytensor.internal.record.CallKind;
import io.lazytensor.internal.record.Calls;
import io.lazytensor.internal.record.Recorder;
import io.lazytensor.xla.ir.HloInstruction;

/** Products of matrices and vectors, in the step's precision; part of {@link Tensor}. */
abstract sealed class ProductMethods extends IndexMethods permits Tensor {
  ProductMethods(Recorder recorder, HloInstruction node) {
    super(recorder, node);
  }

  ProductMethods() {}

  private Tensor product(CallKind kind, Tensor other) {
    Recorder recorder = recorder();
    HloInstruction node = recorder.record(kind, this, other, recorder.compute().ordinal(), null);
    return new Value(recorder, node);
  }

  private Tensor sumWithProduct(CallKind kind, Tensor x, Tensor y, double beta, double alpha) {
    long compute = recorder().compute().ordinal();
    return Calls.call(kind, this, x, y, compute, new Factors(beta, alpha));
  }

  /** Returns the matrix product, batched over leading dimensions. PyTorch: {@code matmul}. */
  public final Tensor matmul(Tensor other) {
    return product(MATMUL, other);
  }

  /** Returns the product of two matrices. */
  public final Tensor mm(Tensor other) {
    return product(MM, other);
  }

  /** Returns the products of two batches of matrices, {@code [b,n,k]} and {@code [b,k,m]}. */
  public final Tensor bmm(Tensor other) {
    return product(BMM, other);
  }

  /** Returns the product of a matrix and a vector. */
  public final Tensor mv(Tensor vector) {
    return product(MV, vector);
  }

  /** Returns the sum of products of two vectors. */
  public final Tensor dot(Tensor other) {
    return product(DOT, other);
  }

  /** Returns all products of elements of two vectors, {@code [n,m]}. */
  public final Tensor outer(Tensor other) {
    return call(OUTER, other);
  }

  /** Returns {@code beta this + alpha x y} for matrices x and y. */
  public final Tensor addmm(Tensor x, Tensor y, double beta, double alpha) {
    return sumWithProduct(ADDMM, x, y, beta, alpha);
  }

  /** Returns {@code beta this + alpha x y} for batches of matrices x and y. */
  public final Tensor baddbmm(Tensor x, Tensor y, double beta, double alpha) {
    return sumWithProduct(BADDBMM, x, y, beta, alpha);
  }
}
