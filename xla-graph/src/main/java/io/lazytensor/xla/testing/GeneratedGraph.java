package io.lazytensor.xla.testing;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloComputation;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloModule;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Numbers;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** A graph under construction, with generated arguments that arrive as views of all kinds. */
public final class GeneratedGraph {
  private static final double[] REALS = {
    0.0,
    -0.0,
    1,
    -1,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    3,
    1e-3,
    100,
    -100,
    1e5,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.NaN
  };
  private static final long[] INTEGERS = {
    0,
    1,
    2,
    3,
    5,
    7,
    8,
    15,
    16,
    31,
    32,
    33,
    63,
    64,
    -1,
    -2,
    -7,
    127,
    128,
    255,
    32767,
    32768,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  public final Random random;
  public final HloBuilder builder = new HloBuilder();
  public final List<HloInstruction> parameters = new ArrayList<>();
  public final List<Literal> arguments = new ArrayList<>();

  public GeneratedGraph(Random random) {
    this.random = random;
  }

  public HloModule module(HloInstruction root) {
    return new HloModule("generated", HloComputation.of("main", parameters, root), List.of());
  }

  public HloInstruction add(HloOp op, HloInstruction... operands) {
    return builder.add(op, operands);
  }

  public <T> T pick(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /** Returns dimension sizes; sometimes none, sometimes a zero, sometimes more than one block. */
  public Dims dims(int maxRank) {
    int[] dims = new int[random.nextInt(maxRank + 1)];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(5);
    }
    if (dims.length > 0 && random.nextInt(8) == 0) {
      dims[random.nextInt(dims.length)] = 700;
    }
    return Dims.of(dims);
  }

  public int[] permutation(int rank) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    return order.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Returns a value of a shape: an argument, transposed, broadcast, sliced, or a constant. */
  public HloInstruction operand(ArrayShape shape) {
    return switch (random.nextInt(7)) {
      case 0 -> transposed(shape);
      case 1 -> broadcast(shape);
      case 2 -> sliced(shape);
      case 3 -> add(new HloOp.Constant(literal(shape)));
      case 4 ->
          add(
              new HloOp.Broadcast(shape.dims(), Dims.of()),
              add(new HloOp.Constant(literal(ArrayShape.scalar(shape.dtype())))));
      default -> parameter(literal(shape));
    };
  }

  public HloInstruction parameter(Literal value) {
    HloInstruction parameter = add(new HloOp.Parameter(parameters.size(), value.shape()));
    parameters.add(parameter);
    arguments.add(value);
    return parameter;
  }

  private HloInstruction transposed(ArrayShape shape) {
    int[] permutation = permutation(shape.rank());
    int[] source = new int[shape.rank()];
    for (int i = 0; i < source.length; i++) {
      source[permutation[i]] = shape.dim(i);
    }
    return add(
        new HloOp.Transpose(Dims.of(permutation)),
        parameter(literal(ArrayShape.of(shape.dtype(), source))));
  }

  private HloInstruction broadcast(ArrayShape shape) {
    int[] kept = random.ints(0, shape.rank() + 1).limit(shape.rank()).sorted().distinct().toArray();
    int[] dimensions = java.util.Arrays.stream(kept).filter(d -> d < shape.rank()).toArray();
    int[] sizes = java.util.Arrays.stream(dimensions).map(shape::dim).toArray();
    return add(
        new HloOp.Broadcast(shape.dims(), Dims.of(dimensions)),
        parameter(literal(ArrayShape.of(shape.dtype(), sizes))));
  }

  private HloInstruction sliced(ArrayShape shape) {
    int rank = shape.rank();
    int[] source = new int[rank];
    int[] start = new int[rank];
    int[] stride = new int[rank];
    for (int d = 0; d < rank; d++) {
      start[d] = random.nextInt(3);
      stride[d] = 1 + random.nextInt(2);
      source[d] = start[d] + shape.dim(d) * stride[d];
    }
    return add(
        new HloOp.Slice(Dims.of(start), Dims.of(source), Dims.of(stride)),
        parameter(literal(ArrayShape.of(shape.dtype(), source))));
  }

  /** Returns values that mix ordinary and awkward ones. */
  public Literal literal(ArrayShape shape) {
    byte[] bytes = new byte[(int) shape.byteSize()];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < shape.elementCount(); i++) {
      Literal.writeBits(segment, i, shape.dtype(), bits(shape.dtype()));
    }
    return Literal.ofBytes(shape, bytes);
  }

  private long bits(DType dtype) {
    if (dtype == DType.PRED) {
      return random.nextInt(2);
    }
    if (dtype.isFloating()) {
      double value =
          random.nextInt(4) == 0
              ? REALS[random.nextInt(REALS.length)]
              : random.nextGaussian() * Math.pow(10, random.nextInt(3) - 1);
      return Numbers.encodeFloat(dtype, value);
    }
    return switch (random.nextInt(3)) {
      case 0 -> INTEGERS[random.nextInt(INTEGERS.length)];
      case 1 -> random.nextInt(41) - 20;
      default -> random.nextLong();
    };
  }

  /** Returns moderate values, for sums whose order differs. */
  public Literal moderate(ArrayShape shape) {
    byte[] bytes = new byte[(int) shape.byteSize()];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    DType dtype = shape.dtype();
    for (int i = 0; i < shape.elementCount(); i++) {
      long bits =
          dtype.isFloating()
              ? Numbers.encodeFloat(dtype, random.nextGaussian())
              : dtype == DType.PRED ? random.nextInt(2) : random.nextInt(200) - 100;
      Literal.writeBits(segment, i, dtype, bits);
    }
    return Literal.ofBytes(shape, bytes);
  }
}
