package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.kernel.Kernel;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.DotDimensionNumbers;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * {@code dot} as a matrix product or a batch of them. Transposed operands are strided views, which
 * BLAS takes as they are.
 */
final class DotLowering {
  /** Floating-point operations from which a product is shared among threads. */
  private static final double SHARED_FROM = 2e6;

  private static final int CHUNKS_PER_THREAD = 2;

  /** Rows or columns of a part are a multiple of this, the width of BLAS kernels. */
  private static final long GRAIN = 16;

  private final Emitter emitter;
  private final ElementwiseLowering elementwise;

  DotLowering(Emitter emitter, ElementwiseLowering elementwise) {
    this.emitter = emitter;
    this.elementwise = elementwise;
  }

  /**
   * Lowers a dot; with a bias of the result's shape, which only varies along its last dimension.
   */
  Value dot(HloInstruction origin, HloOp.Dot op, Value left, Value right, @Nullable Value bias) {
    DotDimensionNumbers n = op.dimensionNumbers();
    ArrayShape shape = origin.arrayShape();
    DType computed = computedType(shape.dtype(), left.dtype(), right.dtype());
    Value lhs = elementwise.convert(origin, left, computed);
    Value rhs = elementwise.convert(origin, right, computed);
    int[] leftFree = free(lhs.rank(), n.lhsBatch(), n.lhsContracting());
    int[] rightFree = free(rhs.rank(), n.rhsBatch(), n.rhsContracting());
    long batch = product(lhs, n.lhsBatch().toArray());
    long rows = product(lhs, leftFree);
    long columns = product(rhs, rightFree);
    long inner = product(lhs, n.lhsContracting().toArray());
    boolean batched = !n.lhsBatch().isEmpty();
    Value a =
        matrix(
            origin,
            lhs,
            join(n.lhsBatch().toArray(), leftFree, n.lhsContracting().toArray()),
            batched ? new long[] {batch, rows, inner} : new long[] {rows, inner});
    Value b =
        matrix(
            origin,
            rhs,
            join(n.rhsBatch().toArray(), n.rhsContracting().toArray(), rightFree),
            batched ? new long[] {batch, inner, columns} : new long[] {inner, columns});
    Value out = emitter.temporary(shape.withDType(computed));
    long[] sizes = batched ? new long[] {batch, rows, columns} : new long[] {rows, columns};
    Value result = out.reshape(sizes).orElseThrow();
    if (bias != null && !batched && bias.reshape(sizes).isPresent()) {
      Value c = bias.reshape(sizes).get();
      emitter.emit(
          new Step(
              origin,
              List.of(a, b, c),
              List.of(result),
              false,
              (bindings, in, o) -> shared(bindings, in, o.get(0), DotLowering::productWithBias)));
    } else {
      emitProduct(origin, a, b, result, batched);
      if (bias != null) {
        return elementwise.binary(origin, io.lazytensor.xla.ir.BinaryKind.ADD, out, bias);
      }
    }
    return elementwise.convert(origin, out, shape.dtype());
  }

  /** Operands wider than the result keep their precision; pred counts and asks for any. */
  static DType computedType(DType result, DType left, DType right) {
    if (result == DType.PRED) {
      return DType.S64;
    }
    DType wider = left.bitWidth() > right.bitWidth() ? left : right;
    return wider.isFloating() == result.isFloating() && wider.bitWidth() > result.bitWidth()
        ? wider
        : result;
  }

  private void emitProduct(HloInstruction origin, Value a, Value b, Value result, boolean batched) {
    emitter.emit(
        new Step(
            origin,
            List.of(a, b),
            List.of(result),
            false,
            (bindings, in, out) ->
                shared(
                    bindings,
                    in,
                    out.get(0),
                    batched ? DotLowering::batchedProduct : DotLowering::product)));
  }

  private static Kernel product(Step.Bindings bindings, List<Value> in, Value out) {
    Tensor to = bindings.tensor(out);
    Tensor x = bindings.tensor(in.get(0));
    Tensor y = bindings.tensor(in.get(1));
    return () -> torch.mm_out(to, x, y);
  }

  private static Kernel batchedProduct(Step.Bindings bindings, List<Value> in, Value out) {
    Tensor to = bindings.tensor(out);
    Tensor x = bindings.tensor(in.get(0));
    Tensor y = bindings.tensor(in.get(1));
    return () -> torch.bmm_out(to, x, y);
  }

  private static Kernel productWithBias(Step.Bindings bindings, List<Value> in, Value out) {
    Tensor to = bindings.tensor(out);
    Tensor x = bindings.tensor(in.get(0));
    Tensor y = bindings.tensor(in.get(1));
    Tensor bias = bindings.tensor(in.get(2));
    return () -> torch.addmm_out(to, bias, x, y);
  }

  /** Makes the kernel of a product or of a part of it. */
  private interface Part {
    Kernel bind(Step.Bindings bindings, List<Value> in, Value out);
  }

  /**
   * Splits a long product among the threads: along the batch, or along the longer side of the
   * result, so that BLAS packs the larger operand once.
   */
  private static Kernel shared(Step.Bindings bindings, List<Value> in, Value out, Part part) {
    int threads = bindings.pool().threads();
    Value a = in.get(0);
    int rank = out.rank();
    double work = 2.0 * out.elementCount() * a.sizes()[rank - 1];
    int dimension = rank == 3 || out.sizes()[0] >= out.sizes()[1] ? 0 : 1;
    long size = out.sizes()[dimension];
    long grain = rank == 3 ? 1 : GRAIN;
    long chunk = Math.ceilDiv(Math.ceilDiv(size, CHUNKS_PER_THREAD * threads), grain) * grain;
    if (threads == 1 || work < SHARED_FROM || chunk >= size) {
      return part.bind(bindings, in, out);
    }
    List<Kernel> parts = new ArrayList<>();
    for (long start = 0; start < size; start += chunk) {
      long count = Math.min(chunk, size - start);
      List<Value> views = new ArrayList<>(in);
      if (rank == 3 || dimension == 0) {
        views.set(0, along(a, 0, start, count));
      }
      if (rank == 3 || dimension == 1) {
        views.set(1, along(in.get(1), dimension, start, count));
      }
      if (in.size() > 2) {
        views.set(2, along(in.get(2), dimension, start, count));
      }
      parts.add(part.bind(bindings, views, along(out, dimension, start, count)));
    }
    Kernel[] all = parts.toArray(Kernel[]::new);
    return () -> bindings.pool().run(all);
  }

  private static Value along(Value value, int dimension, long start, long count) {
    long[] sizes = value.sizes().clone();
    sizes[dimension] = count;
    return value.view(start * value.strides()[dimension], sizes, value.strides());
  }

  Value matrix(HloInstruction origin, Value value, int[] order, long[] sizes) {
    Value permuted = value.transpose(Dims.of(order));
    return permuted
        .reshape(sizes)
        .or(() -> emitter.copy(origin, permuted).reshape(sizes))
        .orElseThrow();
  }

  static int[] free(int rank, Dims batch, Dims contracting) {
    return IntStream.range(0, rank)
        .filter(d -> !batch.contains(d) && !contracting.contains(d))
        .toArray();
  }

  static long product(Value value, int[] dims) {
    long product = 1;
    for (int d : dims) {
      product *= value.sizes()[d];
    }
    return product;
  }

  static int[] join(int[]... parts) {
    List<Integer> all = new ArrayList<>();
    for (int[] part : parts) {
      for (int d : part) {
        all.add(d);
      }
    }
    return all.stream().mapToInt(Integer::intValue).toArray();
  }
}
