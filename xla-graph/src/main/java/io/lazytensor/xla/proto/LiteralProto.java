package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloFormatException;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnsupportedException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value as {@code LiteralProto} has it: an array, or a tuple of values.
 *
 * <p>Source: XLA {@code xla/literal.cc}, {@code CreateFromProto} and {@code ToProto}.
 *
 * @param shape its shape
 * @param array the value if it is an array
 * @param elements the values if it is a tuple
 */
record LiteralProto(Shape shape, @Nullable Literal array, List<LiteralProto> elements) {
  private static final int SHAPE = 1;
  private static final int TUPLE_LITERALS = 10;
  private static final int SPARSE_INDICES = 14;
  private static final int DYNAMIC_SIZES = 34;

  /** How elements of a type are stored. */
  private enum Storage {
    /** One byte string, elements little-endian. */
    BYTES,
    /** One byte string, an element in the low bits of each byte. */
    LOW_BITS,
    /** Repeated numbers of variable length. */
    VARINTS,
    /** Repeated {@code float}. */
    FLOATS,
    /** Repeated {@code double}. */
    DOUBLES
  }

  private record Field(int number, Storage storage) {}

  private static Field fieldOf(DType type) {
    return switch (type) {
      case PRED -> new Field(2, Storage.VARINTS);
      case U8 -> new Field(3, Storage.BYTES);
      case S32 -> new Field(4, Storage.VARINTS);
      case S64 -> new Field(5, Storage.VARINTS);
      case U32 -> new Field(6, Storage.VARINTS);
      case U64 -> new Field(7, Storage.VARINTS);
      case F32 -> new Field(8, Storage.FLOATS);
      case F64 -> new Field(9, Storage.DOUBLES);
      case F16 -> new Field(11, Storage.BYTES);
      case C64 -> new Field(12, Storage.FLOATS);
      case BF16 -> new Field(13, Storage.BYTES);
      case S8 -> new Field(15, Storage.BYTES);
      case U16 -> new Field(16, Storage.BYTES);
      case S16 -> new Field(17, Storage.BYTES);
      case C128 -> new Field(18, Storage.DOUBLES);
      case F8E5M2 -> new Field(19, Storage.BYTES);
      case F8E4M3FN -> new Field(20, Storage.BYTES);
      case S4 -> new Field(21, Storage.LOW_BITS);
      case U4 -> new Field(22, Storage.LOW_BITS);
      case F8E4M3B11FNUZ -> new Field(23, Storage.BYTES);
      case F8E5M2FNUZ -> new Field(24, Storage.BYTES);
      case F8E4M3FNUZ -> new Field(25, Storage.BYTES);
      case S2 -> new Field(26, Storage.LOW_BITS);
      case U2 -> new Field(27, Storage.LOW_BITS);
      case F8E4M3 -> new Field(28, Storage.BYTES);
      case F8E3M4 -> new Field(29, Storage.BYTES);
      case F4E2M1FN -> new Field(32, Storage.LOW_BITS);
      case F8E8M0FNU -> new Field(33, Storage.BYTES);
    };
  }

  static LiteralProto read(WireReader in) {
    WireReader shapeProto = null;
    List<LiteralProto> elements = new ArrayList<>();
    WireReader values = in.again();
    while (in.next()) {
      switch (in.field()) {
        case SHAPE -> {
          WireReader next = in.message("ShapeProto");
          shapeProto = shapeProto == null ? next : shapeProto.mergedWith(next);
        }
        case TUPLE_LITERALS -> elements.add(read(in.message("LiteralProto")));
        case SPARSE_INDICES -> throw new UnsupportedException("sparse literals are not supported");
        case DYNAMIC_SIZES ->
            throw new UnsupportedException(
                "dynamic dimensions are not supported; a literal has dynamic sizes");
        default -> in.skip();
      }
    }
    if (shapeProto == null) {
      throw new HloFormatException("LiteralProto: a shape is missing");
    }
    ShapeProto shape = ShapeProto.read(shapeProto);
    return switch (shape.shape()) {
      case ArrayShape array -> {
        if (!shape.explicit()) {
          throw new HloFormatException("LiteralProto: the shape " + array + " has no layout");
        }
        byte[] bytes = readElements(values, array);
        yield new LiteralProto(
            array,
            Literal.ofBytes(
                array, shape.isRowMajor() ? bytes : reorder(bytes, array, shape.layouts().get(0))),
            List.of());
      }
      case TupleShape tuple -> {
        if (!tuple.elements().equals(elements.stream().map(LiteralProto::shape).toList())) {
          throw new HloFormatException("LiteralProto: the elements do not have the shape " + tuple);
        }
        yield new LiteralProto(tuple, null, elements);
      }
      default -> throw new UnsupportedException("constants of " + shape.shape());
    };
  }

  // ---- elements ---------------------------------------------------------------------------------

  private static byte[] readElements(WireReader in, ArrayShape shape) {
    DType type = shape.dtype();
    Field field = fieldOf(type);
    // Every element takes a byte of the message at least: nothing larger is allocated for it.
    long elements = shape.elementCount();
    if (elements > in.byteSize() || elements > (Integer.MAX_VALUE - 16) / type.byteSize()) {
      throw missing(shape, "at most " + in.byteSize());
    }
    byte[] bytes = new byte[(int) shape.byteSize()];
    MemorySegment target = MemorySegment.ofArray(bytes);
    Filler filler = new Filler(target, shape);
    while (in.next()) {
      if (in.field() != field.number()) {
        in.skip();
        continue;
      }
      switch (field.storage()) {
        case VARINTS ->
            in.varints(type == DType.PRED ? v -> filler.add(v == 0 ? 0 : 1) : filler::add);
        case FLOATS -> in.fixed(4, filler::add);
        case DOUBLES -> in.fixed(8, filler::add);
        case BYTES -> filler.setAll(in.bytes());
        case LOW_BITS -> {
          filler.setAll(in.bytes());
          signExtend(bytes, type);
        }
      }
    }
    filler.requireFull();
    return bytes;
  }

  /** Writes elements one after the other; the parts of a complex number count as two. */
  private static final class Filler {
    private final MemorySegment target;
    private final ArrayShape shape;
    private final DType part;
    private final long capacity;
    private long count;

    Filler(MemorySegment target, ArrayShape shape) {
      this.target = target;
      this.shape = shape;
      this.part = shape.dtype().realType();
      this.capacity = shape.elementCount() * (shape.dtype().isComplex() ? 2 : 1);
    }

    void add(long bits) {
      if (count == capacity) {
        throw missing(shape, "more");
      }
      Literal.writeBits(target, count++, part, bits);
    }

    void setAll(MemorySegment source) {
      if (source.byteSize() != target.byteSize()) {
        throw missing(shape, source.byteSize() + " bytes");
      }
      MemorySegment.copy(source, 0, target, 0, source.byteSize());
      count = capacity;
    }

    void requireFull() {
      if (count != capacity) {
        throw missing(shape, String.valueOf(count));
      }
    }
  }

  /** Brings elements narrower than a byte to the form they have on the host. */
  private static void signExtend(byte[] bytes, DType type) {
    int unused = 32 - type.bitWidth();
    for (int i = 0; i < bytes.length; i++) {
      int shifted = bytes[i] << unused;
      bytes[i] = (byte) (type.isSigned() ? shifted >> unused : shifted >>> unused);
    }
  }

  private static HloFormatException missing(ArrayShape shape, String got) {
    return new HloFormatException(
        "LiteralProto: %s has %d elements, got %s".formatted(shape, shape.elementCount(), got));
  }

  /** Moves elements that are stored in another order of dimensions to row-major places. */
  private static byte[] reorder(byte[] stored, ArrayShape shape, Dims minorToMajor) {
    byte[] out = new byte[stored.length];
    int size = shape.dtype().byteSize();
    long[] strides = shape.strides();
    int rank = shape.rank();
    int[] index = new int[rank];
    long at = 0;
    for (int from = 0; from < stored.length; from += size) {
      System.arraycopy(stored, from, out, Math.toIntExact(at * size), size);
      for (int i = 0; i < rank; i++) {
        int dim = minorToMajor.get(i);
        at += strides[dim];
        if (++index[dim] < shape.dim(dim)) {
          break;
        }
        at -= strides[dim] * index[dim];
        index[dim] = 0;
      }
    }
    return out;
  }

  // ---- writing ----------------------------------------------------------------------------------

  static void write(WireWriter out, int field, Literal literal) {
    int message = out.begin(field);
    ShapeProto.write(out, SHAPE, literal.shape());
    if (literal.shape().elementCount() > 0) {
      writeElements(out, literal);
    }
    out.end(message);
  }

  private static void writeElements(WireWriter out, Literal literal) {
    DType type = literal.shape().dtype();
    Field field = fieldOf(type);
    long count = literal.shape().elementCount();
    switch (field.storage()) {
      // A packed field of fixed-size numbers is their bytes.
      case BYTES, FLOATS, DOUBLES -> out.bytes(field.number(), literal.segment());
      case LOW_BITS -> out.bytes(field.number(), lowBits(literal));
      case VARINTS -> {
        int packed = out.begin(field.number());
        for (long i = 0; i < count; i++) {
          out.rawVarint(signExtended(type, literal.bits(i)));
        }
        out.end(packed);
      }
    }
  }

  private static long signExtended(DType type, long bits) {
    return switch (type) {
      case S32 -> (int) bits;
      case PRED -> bits == 0 ? 0 : 1;
      default -> bits;
    };
  }

  private static MemorySegment lowBits(Literal literal) {
    byte[] bytes = literal.segment().toArray(ValueLayout.JAVA_BYTE);
    int mask = (1 << literal.shape().dtype().bitWidth()) - 1;
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] &= (byte) mask;
    }
    return MemorySegment.ofArray(bytes);
  }
}
