package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.kernel.Reducers;
import io.lazytensor.cpu.reference.internal.kernel.Reducers.Ordering;
import io.lazytensor.cpu.reference.internal.kernel.SortLoop;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.OrderOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Sorting: libtorch's stable sort of one key where the comparator only compares that, a merge sort
 * that runs the comparator otherwise.
 */
final class OrderLowering {
  private final Emitter emitter;
  private final ElementwiseLowering elementwise;

  OrderLowering(Emitter emitter, ElementwiseLowering elementwise) {
    this.emitter = emitter;
    this.elementwise = elementwise;
  }

  List<Value> lower(HloInstruction at, OrderOp op, List<Value> in) {
    return switch (op) {
      case OrderOp.Sort sort -> sort(at, sort, in);
      case OrderOp.TopK topK -> topK(at, topK, in.get(0));
    };
  }

  private List<Value> sort(HloInstruction at, OrderOp.Sort op, List<Value> in) {
    Value first = in.get(0);
    if (first.rank() == 0 || first.elementCount() == 0) {
      return in;
    }
    Optional<Boolean> descending =
        Reducers.ordering(op.comparator()).flatMap(OrderLowering::descending);
    if (descending.isPresent()) {
      Ordering ordering = Reducers.ordering(op.comparator()).get();
      Value key = key(at, in.get(ordering.pair()), ordering.totalOrder());
      Value order = order(at, key, op.dimension(), descending.get());
      return in.stream().map(v -> gathered(at, v, order, op.dimension())).toList();
    }
    List<Value> out = in.stream().map(v -> emitter.temporary(v.shape())).toList();
    emitter.emit(
        at,
        in,
        out,
        (b, i, o) ->
            new SortLoop(
                Emitter.locations(b, i), Emitter.locations(b, o), op.dimension(), op.comparator()));
    return out;
  }

  /** Returns whether a strict comparison puts the greatest first; empty if it is not strict. */
  private static Optional<Boolean> descending(Ordering ordering) {
    return switch (ordering.direction()) {
      case LT -> Optional.of(ordering.swapped());
      case GT -> Optional.of(!ordering.swapped());
      case EQ, NE, GE, LE -> Optional.empty();
    };
  }

  /** Returns what libtorch orders as HLO orders a value. */
  private Value key(HloInstruction at, Value x, boolean totalOrder) {
    DType dtype = x.dtype();
    if (dtype.isFloating()) {
      return totalOrder ? totalOrderKey(at, x) : x;
    }
    if (!dtype.isUnsigned() || dtype == DType.U8) {
      return x;
    }
    DType signed = signed(dtype);
    Value sign = constant(signed, 1L << (dtype.bitWidth() - 1), x);
    return elementwise.binary(at, BinaryKind.XOR, x.as(signed), sign);
  }

  /** Negative floats grow in magnitude as their bits do: those are inverted but for the sign. */
  private Value totalOrderKey(HloInstruction at, Value x) {
    DType signed = signed(x.dtype());
    Value bits = x.as(signed);
    int width = signed.bitWidth();
    Value by = Value.constant(Literal.scalarBits(signed, width - 1));
    Value sign = emitter.elementwise(at, bits.shape(), bits, by, torch::bitwise_right_shift_out);
    Value inverted =
        elementwise.binary(at, BinaryKind.AND, sign, constant(signed, -1L >>> (65 - width), x));
    return elementwise.binary(at, BinaryKind.XOR, bits, inverted);
  }

  private static Value constant(DType dtype, long bits, Value like) {
    return Value.constant(Literal.scalarBits(dtype, bits))
        .broadcast(like.shape().dims(), Dims.of());
  }

  private static DType signed(DType dtype) {
    return switch (dtype.byteSize()) {
      case 1 -> DType.S8;
      case 2 -> DType.S16;
      case 4 -> DType.S32;
      default -> DType.S64;
    };
  }

  /** Returns the position each element comes from, s64. */
  private Value order(HloInstruction at, Value key, int dimension, boolean descending) {
    Value sorted = emitter.temporary(key.shape());
    Value order = emitter.temporary(key.shape().withDType(DType.S64));
    emitter.emit(
        at,
        List.of(key),
        List.of(order, sorted),
        (b, i, o) -> {
          Tensor positions = b.tensor(o.get(0));
          Tensor values = b.tensor(o.get(1));
          Tensor x = b.tensor(i.get(0));
          BoolOptional stable = b.keep(new BoolOptional(true));
          return () -> torch.sort_out(values, positions, x, stable, dimension, descending).close();
        });
    return order;
  }

  private Value gathered(HloInstruction at, Value x, Value order, int dimension) {
    Value out = emitter.temporary(order.shape().withDType(x.dtype()));
    emitter.emit(
        at,
        List.of(x, order),
        List.of(out),
        (b, i, o) -> {
          Tensor to = b.tensor(o.get(0));
          Tensor from = b.tensor(i.get(0));
          Tensor positions = b.tensor(i.get(1));
          return () -> torch.gather_out(to, from, dimension, positions);
        });
    return out;
  }

  private List<Value> topK(HloInstruction at, OrderOp.TopK op, Value x) {
    int last = x.rank() - 1;
    int[] sizes = x.shape().dims().toArray();
    sizes[last] = op.k();
    ArrayShape shape = ArrayShape.of(x.dtype(), sizes);
    if (shape.elementCount() == 0) {
      return List.of(emitter.temporary(shape), emitter.temporary(shape.withDType(DType.S32)));
    }
    Value order = order(at, key(at, x, true), last, op.largest());
    Value first = order.view(0, shape.dims().toLongArray(), order.strides());
    List<Value> results = new ArrayList<>();
    results.add(gathered(at, x, first, last));
    results.add(elementwise.convert(at, first, DType.S32));
    return results;
  }
}
