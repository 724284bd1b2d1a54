package io.lazytensor.cpu.reference.internal.plan;

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
              List.of(c, a, b),
              List.of(result),
              false,
              Emitter.bind((Emitter.Call3) torch::addmm_out)));
    } else {
      emitProduct(origin, a, b, result, batched);
      if (bias != null) {
        return elementwise.binary(origin, io.lazytensor.xla.ir.BinaryKind.ADD, out, bias);
      }
    }
    return elementwise.convert(origin, out, shape.dtype());
  }

  /** Operands wider than the result keep their precision; pred counts and asks for any. */
  private static DType computedType(DType result, DType left, DType right) {
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
            (bindings, in, out) -> {
              Tensor to = bindings.tensor(out.get(0));
              Tensor x = bindings.tensor(in.get(0));
              Tensor y = bindings.tensor(in.get(1));
              return batched ? () -> torch.bmm_out(to, x, y) : () -> torch.mm_out(to, x, y);
            }));
  }

  private Value matrix(HloInstruction origin, Value value, int[] order, long[] sizes) {
    Value permuted = value.transpose(Dims.of(order));
    return permuted
        .reshape(sizes)
        .or(() -> emitter.copy(origin, permuted).reshape(sizes))
        .orElseThrow();
  }

  private static int[] free(int rank, Dims batch, Dims contracting) {
    return IntStream.range(0, rank)
        .filter(d -> !batch.contains(d) && !contracting.contains(d))
        .toArray();
  }

  private static long product(Value value, int[] dims) {
    long product = 1;
    for (int d : dims) {
      product *= value.sizes()[d];
    }
    return product;
  }

  private static int[] join(int[]... parts) {
    List<Integer> all = new ArrayList<>();
    for (int[] part : parts) {
      for (int d : part) {
        all.add(d);
      }
    }
    return all.stream().mapToInt(Integer::intValue).toArray();
  }
}
