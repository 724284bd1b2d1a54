package io.lazytensor.cpu.reference.internal.plan;

import io.lazytensor.cpu.reference.internal.kernel.ReduceWindowLoop;
import io.lazytensor.cpu.reference.internal.kernel.Reducers;
import io.lazytensor.cpu.reference.internal.kernel.SelectAndScatterLoop;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.PaddingConfig;
import io.lazytensor.xla.ir.Window;
import io.lazytensor.xla.ir.WindowDimension;
import io.lazytensor.xla.ir.WindowOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Windows. A reduction over a window without padding, or with padding that changes nothing, is one
 * over the last dimensions of a strided view [place…, element in the window…].
 */
final class WindowLowering {
  /** Elements of a window up to which a pass for each is faster than a reduction. */
  private static final int MAX_COMBINED = 64;

  private final Emitter emitter;
  private final ShapeLowering shapes;
  private final ReduceLowering reductions;
  private final ConvolutionLowering convolutions;

  WindowLowering(
      Emitter emitter,
      ElementwiseLowering elementwise,
      ShapeLowering shapes,
      ReduceLowering reductions) {
    this.emitter = emitter;
    this.shapes = shapes;
    this.reductions = reductions;
    this.convolutions = new ConvolutionLowering(emitter, elementwise, shapes);
  }

  List<Value> lower(HloInstruction at, WindowOp op, List<Value> in) {
    return switch (op) {
      case WindowOp.Convolution convolution ->
          List.of(convolutions.convolution(at, convolution, in.get(0), in.get(1)));
      case WindowOp.ReduceWindow reduce -> reduceWindow(at, reduce, in);
      case WindowOp.SelectAndScatter select -> List.of(selectAndScatter(at, select, in));
    };
  }

  private List<Value> reduceWindow(HloInstruction at, WindowOp.ReduceWindow op, List<Value> in) {
    int n = in.size() / 2;
    List<ArrayShape> shapes = Leaves.shapes(at.shape());
    boolean plain =
        op.window().dimensions().stream()
            .allMatch(w ->
                w.paddingLow() <= 0
                    && w.paddingHigh() <= 0
                    && w.baseDilation() == 1
                    && !w.reversal());
    Optional<BinaryKind> kind = n == 1 ? Reducers.simpleKind(op.reducer()) : Optional.empty();
    if (!plain && kind.isEmpty()) {
      return loop(at, op, in, shapes);
    }
    List<Value> operands = new ArrayList<>();
    for (Value x : in.subList(0, n)) {
      // Padding is no element: of the reducers that are no loops, it is what changes nothing.
      Value padding =
          Value.constant(
              kind.map(k -> ReduceLowering.identity(k, x.dtype()))
                  .orElseGet(() -> Literal.scalarBits(x.dtype(), 0)));
      operands.add(places(padded(at, x, padding, op.window()), op.window(), shapes.get(0).dims()));
    }
    if (kind.isPresent()) {
      Optional<Value> combined =
          combined(at, kind.get(), operands.get(0), in.get(1), shapes.get(0));
      if (combined.isPresent()) {
        return List.of(combined.get());
      }
    }
    operands.addAll(in.subList(n, 2 * n));
    int rank = shapes.get(0).rank();
    int[] folded = IntStream.range(rank, operands.get(0).rank()).toArray();
    return reductions.reduce(at, new HloOp.Reduce(Dims.of(folded), op.reducer()), operands);
  }

  /**
   * Combines a small window's elements one after the other, each for all places at once; several
   * times faster than a reduction of a few elements each. Sums of 16-bit floats would be rounded
   * every time.
   */
  private Optional<Value> combined(
      HloInstruction at, BinaryKind kind, Value places, Value init, ArrayShape shape) {
    int rank = shape.rank();
    DType dtype = shape.dtype();
    Emitter.@Nullable Call2 call = ElementwiseLowering.binaryCall(kind, dtype);
    boolean narrow = dtype.isFloating() && dtype.byteSize() < 4;
    boolean rounds = kind == BinaryKind.ADD || kind == BinaryKind.MULTIPLY;
    long[] extent = Arrays.copyOfRange(places.sizes(), rank, places.rank());
    long elements = Arrays.stream(extent).reduce(1, (a, b) -> a * b);
    if (call == null || (narrow && rounds) || elements > MAX_COMBINED || elements == 0) {
      return Optional.empty();
    }
    long[] strides = Arrays.copyOf(places.strides(), rank);
    List<Value> views = new ArrayList<>();
    for (long i = 0; i < elements; i++) {
      long offset = 0;
      long rest = i;
      for (int d = extent.length - 1; d >= 0; d--) {
        offset += rest % extent[d] * places.strides()[rank + d];
        rest /= extent[d];
      }
      views.add(places.view(offset, shape.dims().toLongArray(), strides));
    }
    views.add(init.broadcast(shape.dims(), Dims.of()));
    Value out = emitter.temporary(shape);
    emitter.emit(
        at,
        views,
        List.of(out),
        (b, in, o) -> {
          Tensor to = b.tensor(o.get(0));
          Tensor start = b.tensor(in.getLast());
          Tensor[] parts =
              in.subList(0, in.size() - 1).stream().map(b::tensor).toArray(Tensor[]::new);
          return () -> {
            to.copy_(start);
            for (Tensor part : parts) {
              call.call(to, to, part);
            }
          };
        });
    return Optional.of(out);
  }

  private List<Value> loop(
      HloInstruction at, WindowOp.ReduceWindow op, List<Value> in, List<ArrayShape> shapes) {
    int n = shapes.size();
    List<Value> out = shapes.stream().map(emitter::temporary).toList();
    List<Value> dense = in.stream().map(v -> emitter.dense(at, v)).toList();
    emitter.emit(
        at,
        dense,
        out,
        (b, i, o) ->
            new ReduceWindowLoop(
                Emitter.locations(b, i.subList(0, n)),
                Emitter.locations(b, i.subList(n, 2 * n)),
                Emitter.locations(b, o),
                op.window(),
                op.reducer()));
    return out;
  }

  private Value padded(HloInstruction at, Value x, Value padding, Window window) {
    int rank = x.rank();
    int[] low = new int[rank];
    int[] high = new int[rank];
    int[] interior = new int[rank];
    for (int d = 0; d < rank; d++) {
      low[d] = window.get(d).paddingLow();
      high[d] = window.get(d).paddingHigh();
      interior[d] = window.get(d).baseDilation() - 1;
    }
    return padded(shapes, at, x, padding, low, high, interior);
  }

  /** Returns a value with padding around and between its elements, or itself if there is none. */
  static Value padded(
      ShapeLowering shapes,
      HloInstruction at,
      Value x,
      Value padding,
      int[] low,
      int[] high,
      int[] interior) {
    int[] sizes = new int[x.rank()];
    boolean any = false;
    for (int d = 0; d < sizes.length; d++) {
      long size = x.sizes()[d];
      long dilated = size == 0 ? 0 : (size - 1) * (interior[d] + 1L) + 1;
      sizes[d] = Math.toIntExact(Math.max(0, dilated + low[d] + high[d]));
      any |= low[d] != 0 || high[d] != 0 || interior[d] != 0;
    }
    if (!any) {
      return x;
    }
    PaddingConfig config = new PaddingConfig(Dims.of(low), Dims.of(high), Dims.of(interior));
    return shapes.pad(at, x, padding, config, ArrayShape.of(x.dtype(), sizes));
  }

  /** Returns the view [place…, element in the window…]; dimensions of one element are left out. */
  private static Value places(Value x, Window window, Dims places) {
    int rank = places.size();
    List<Long> sizes = new ArrayList<>();
    List<Long> strides = new ArrayList<>();
    for (int d = 0; d < rank; d++) {
      sizes.add((long) places.get(d));
      strides.add(x.strides()[d] * window.get(d).stride());
    }
    for (int d = 0; d < rank; d++) {
      WindowDimension w = window.get(d);
      if (w.size() != 1) {
        sizes.add((long) w.size());
        strides.add(x.strides()[d] * w.windowDilation());
      }
    }
    return x.view(
        0,
        sizes.stream().mapToLong(Long::longValue).toArray(),
        strides.stream().mapToLong(Long::longValue).toArray());
  }

  private Value selectAndScatter(HloInstruction at, WindowOp.SelectAndScatter op, List<Value> in) {
    Value operand = emitter.dense(at, in.get(0));
    Value out = emitter.copy(at, in.get(2).broadcast(operand.shape().dims(), Dims.of()));
    emitter.emit(
        at,
        List.of(operand, in.get(1)),
        List.of(out),
        (b, i, o) ->
            new SelectAndScatterLoop(
                b.location(i.get(0)),
                b.location(i.get(1)),
                b.location(o.get(0)),
                op.window(),
                op.select(),
                op.scatter()));
    return out;
  }
}
