package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.kernel.GatherKernel;
import io.lazytensor.cpu.reference.internal.kernel.ScatterKernel;
import io.lazytensor.cpu.reference.internal.kernel.WindowKernels;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import io.lazytensor.xla.ir.PaddingConfig;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Operations that move elements: views where possible, copies elsewhere. */
final class ShapeLowering {
  private final Emitter emitter;

  ShapeLowering(Emitter emitter) {
    this.emitter = emitter;
  }

  /** One row of counts, repeated along the other dimensions by zero strides. */
  Value iota(ArrayShape shape, int dimension) {
    DType dtype = shape.dtype();
    int count = shape.dim(dimension);
    byte[] bytes = new byte[Math.multiplyExact(count, dtype.byteSize())];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < count; i++) {
      long bits = dtype.isFloating() ? Numbers.encodeFloat(dtype, i) : i;
      Literal.writeBits(segment, i, dtype, dtype == DType.PRED ? Math.min(bits, 1) : bits);
    }
    Value row = Value.constant(Literal.ofBytes(ArrayShape.of(dtype, count), bytes));
    return row.broadcast(shape.dims(), Dims.of(dimension));
  }

  Value reshape(HloInstruction origin, Value x, Dims resultDims) {
    long[] sizes = resultDims.toLongArray();
    return x.reshape(sizes).or(() -> emitter.copy(origin, x).reshape(sizes)).orElseThrow();
  }

  Value bitcast(HloInstruction origin, Value x, ArrayShape shape) {
    if (x.dtype().byteSize() == shape.dtype().byteSize()) {
      return x.as(shape.dtype());
    }
    Value dense = emitter.dense(origin, x);
    boolean aligned = dense.offset() * x.dtype().byteSize() % shape.dtype().byteSize() == 0;
    return (aligned ? dense : emitter.copy(origin, dense)).asOtherWidth(shape);
  }

  Value reverse(HloInstruction origin, Value x, Dims dimensions) {
    Value out = emitter.temporary(x.shape());
    emitter.emit(
        new Step(
            origin,
            List.of(x),
            List.of(out),
            false,
            (b, in, o) ->
                WindowKernels.reverse(b.location(in.get(0)), dimensions, b.location(o.get(0)))));
    return out;
  }

  Value dynamicSlice(HloInstruction origin, List<Value> operands, Dims sizes) {
    Value out = emitter.temporary(operands.get(0).shape().withDims(sizes));
    emitter.emit(
        new Step(
            origin,
            operands,
            List.of(out),
            false,
            (b, in, o) ->
                WindowKernels.dynamicSlice(
                    b.location(in.get(0)),
                    Emitter.locations(b, in.subList(1, in.size())),
                    b.location(o.get(0)))));
    return out;
  }

  Value dynamicUpdateSlice(HloInstruction origin, List<Value> operands) {
    Value out = emitter.copy(origin, operands.get(0));
    emitter.emit(
        new Step(
            origin,
            operands.subList(1, operands.size()),
            List.of(out),
            false,
            (b, in, o) ->
                WindowKernels.dynamicUpdateSlice(
                    b.location(in.get(0)),
                    Emitter.locations(b, in.subList(1, in.size())),
                    b.location(o.get(0)))));
    return out;
  }

  Value concatenate(HloInstruction origin, List<Value> operands, int dimension) {
    Value out = emitter.temporary(origin.arrayShape());
    long start = 0;
    for (Value operand : operands) {
      emitter.copyInto(
          origin,
          operand,
          out.view(start * out.strides()[dimension], operand.sizes(), out.strides()));
      start += operand.sizes()[dimension];
    }
    return out;
  }

  /** Pads; the result's shape is what the padding makes of the operand's. */
  Value pad(HloInstruction origin, Value x, Value padding, PaddingConfig config, ArrayShape shape) {
    Value out = emitter.temporary(shape);
    emitter.copyInto(origin, padding.broadcast(shape.dims(), Dims.of()), out);
    int rank = shape.rank();
    long[] sizes = new long[rank];
    long[] fromStrides = new long[rank];
    long[] toStrides = new long[rank];
    long from = 0;
    long to = 0;
    for (int d = 0; d < rank; d++) {
      long step = config.interior().get(d) + 1L;
      long low = config.low().get(d);
      // The operand's element i lands at low + i * step; keep those inside the result.
      long first = low >= 0 ? 0 : Math.ceilDiv(-low, step);
      long last = Math.floorDiv(shape.dim(d) - 1 - low, step);
      sizes[d] = Math.max(0, Math.min(last, x.sizes()[d] - 1) - first + 1);
      fromStrides[d] = x.strides()[d];
      toStrides[d] = out.strides()[d] * step;
      from += first * x.strides()[d];
      to += (low + first * step) * out.strides()[d];
    }
    Value source = x.view(from, sizes, fromStrides);
    if (source.elementCount() > 0) {
      emitter.copyInto(origin, source, out.view(to, sizes, toStrides));
    }
    return out;
  }

  Value gather(HloInstruction origin, HloOp.Gather op, Value operand, Value indices) {
    Value out = emitter.temporary(origin.arrayShape());
    emitter.emit(
        new Step(
            origin,
            List.of(operand, indices),
            List.of(out),
            false,
            (b, in, o) ->
                new GatherKernel(
                    b.location(in.get(0)),
                    b.location(in.get(1)),
                    b.location(o.get(0)),
                    op.dimensionNumbers(),
                    op.sliceSizes())));
    return out;
  }

  List<Value> scatter(HloInstruction origin, HloOp.Scatter op, List<Value> operands) {
    int n = operands.size() / 2;
    List<Value> targets = new ArrayList<>();
    for (Value operand : operands.subList(0, n)) {
      targets.add(emitter.copy(origin, operand));
    }
    emitter.emit(
        new Step(
            origin,
            operands.subList(n, operands.size()),
            targets,
            false,
            (b, in, o) ->
                new ScatterKernel(
                    Emitter.locations(b, o),
                    b.location(in.get(0)),
                    Emitter.locations(b, in.subList(1, in.size())),
                    op.dimensionNumbers(),
                    op.combiner())));
    return targets;
  }
}
