package io.lazytensor.xla.proto;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloFormatException;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import io.lazytensor.xla.ir.UnsupportedException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A shape as {@code ShapeProto} has it.
 *
 * @param shape the shape
 * @param layouts the dimensions from minor to major of each array in it
 * @param explicit whether all of these are given; row-major is assumed where they are not
 */
record ShapeProto(Shape shape, List<Dims> layouts, boolean explicit) {
  private static final int ELEMENT_TYPE = 2;
  private static final int DIMENSIONS = 3;
  private static final int TUPLE_SHAPES = 4;
  private static final int LAYOUT = 5;
  private static final int IS_DYNAMIC_DIMENSION = 6;
  private static final int MINOR_TO_MAJOR = 1;

  private static final int TUPLE_TYPE = 13;
  private static final int TOKEN_TYPE = 17;

  /** XLA marks a dimension without bound by the smallest number. */
  private static final long UNBOUNDED = Long.MIN_VALUE;

  static ShapeProto read(WireReader in) {
    return read(in, true);
  }

  /** Reads a shape of a signature, where XLA compares no layouts and lets them be wrong. */
  static Shape readOfSignature(WireReader in) {
    return read(in, false).shape();
  }

  /** Refuses bytes that are no shape, whatever they say. */
  static void requireReadable(WireReader in) {
    while (in.next()) {
      switch (in.field()) {
        case TUPLE_SHAPES -> requireReadable(in.message("ShapeProto"));
        case LAYOUT -> {
          WireReader layout = in.message("LayoutProto");
          while (layout.next()) {
            layout.skip();
          }
        }
        default -> in.skip();
      }
    }
  }

  private static ShapeProto read(WireReader in, boolean ordered) {
    int type = 0;
    Numbers64 dimensions = new Numbers64();
    List<ShapeProto> elements = new ArrayList<>();
    WireReader layout = null;
    Numbers64 flags = new Numbers64();
    while (in.next()) {
      switch (in.field()) {
        case ELEMENT_TYPE -> type = in.int32();
        case DIMENSIONS -> in.varints(dimensions);
        case TUPLE_SHAPES -> elements.add(read(in.message("ShapeProto"), ordered));
        case LAYOUT -> {
          WireReader next = in.message("LayoutProto");
          layout = layout == null ? next : layout.mergedWith(next);
        }
        case IS_DYNAMIC_DIMENSION -> in.varints(flags);
        default -> in.skip();
      }
    }
    return switch (type) {
      case TUPLE_TYPE -> tuple(elements);
      case TOKEN_TYPE -> new ShapeProto(TokenShape.TOKEN, List.of(), true);
      default -> {
        requireStatic(flags, dimensions.size());
        yield array(elementType(type), dimensions, layout, ordered);
      }
    };
  }

  private static ShapeProto tuple(List<ShapeProto> elements) {
    List<Shape> shapes = new ArrayList<>();
    List<Dims> layouts = new ArrayList<>();
    boolean explicit = true;
    for (ShapeProto element : elements) {
      shapes.add(element.shape());
      layouts.addAll(element.layouts());
      explicit &= element.explicit();
    }
    return new ShapeProto(new TupleShape(shapes), layouts, explicit);
  }

  private static void requireStatic(Numbers64 flags, int rank) {
    if (flags.size() != 0 && flags.size() != rank) {
      throw new HloFormatException(
          "ShapeProto: %d dimensions have %d marks of being dynamic".formatted(rank, flags.size()));
    }
    for (int i = 0; i < flags.size(); i++) {
      if (flags.get(i) != 0) {
        throw new UnsupportedException(
            "dynamic dimensions are not supported; pad to a static size before lowering");
      }
    }
  }

  private static DType elementType(int number) {
    return DType.ofProtoNumber(number).orElseThrow(() -> unknownType(number));
  }

  private static RuntimeException unknownType(int number) {
    String name =
        switch (number) {
          case 14 -> "opaque";
          case 30 -> "s1";
          case 31 -> "u1";
          case 34 -> "buffer";
          case 35 -> "f6e3m2fn";
          case 36 -> "f6e2m3fn";
          default -> "";
        };
    return name.isEmpty()
        ? new HloFormatException("ShapeProto: there is no element type " + number)
        : new UnsupportedException("the element type " + name + " is not supported");
  }

  private static ShapeProto array(
      DType type, Numbers64 dimensions, @Nullable WireReader layout, boolean ordered) {
    int[] dims = new int[dimensions.size()];
    long bytes = type.byteSize();
    for (int i = 0; i < dims.length; i++) {
      long size = dimensions.get(i);
      if (size == UNBOUNDED) {
        throw new UnsupportedException(
            "dynamic dimensions are not supported; dimension " + i + " has no bound");
      }
      if (size < 0) {
        throw new HloFormatException("ShapeProto: dimension " + i + " is negative: " + size);
      }
      if (size > Integer.MAX_VALUE) {
        throw new UnsupportedException(
            "dimension %d is %d; sizes up to 2^31 - 1 are supported".formatted(i, size));
      }
      if (Math.multiplyHigh(bytes, size) != 0 || bytes * size < 0) {
        throw new HloFormatException("ShapeProto: the array is larger than 2^63 bytes");
      }
      dims[i] = (int) size;
      bytes *= size;
    }
    Dims order =
        layout == null ? rowMajor(dims.length) : readLayout(layout, type, dims.length, ordered);
    return new ShapeProto(new ArrayShape(type, Dims.of(dims)), List.of(order), layout != null);
  }

  private static Dims readLayout(WireReader in, DType type, int rank, boolean ordered) {
    long elementBits = 0;
    Numbers64 order = new Numbers64();
    while (in.next()) {
      switch (in.field()) {
        case MINOR_TO_MAJOR -> in.varints(order);
        case 6 -> throw unsupportedLayout("tiles");
        case 7 -> elementBits = in.varint();
        case 9 -> in.varints(level -> requireZero(level, "sparse dimensions"));
        case 10 -> throw unsupportedLayout("a physical shape");
        case 11, 12 -> requireDense(in.int32());
        case 15 -> requireZero(in.varint(), "metadata of dynamic shapes");
        case 16 -> requireAlignment(in.varint());
        default -> in.skip();
      }
    }
    if (!ordered) {
      return rowMajor(rank);
    }
    requireElementBits(elementBits, type);
    Dims dims = NumberMessage.toDims(order, "LayoutProto", MINOR_TO_MAJOR);
    boolean[] seen = new boolean[rank];
    boolean permutation = dims.size() == rank;
    for (int i = 0; permutation && i < rank; i++) {
      int dim = dims.get(i);
      permutation = dim >= 0 && dim < rank && !seen[dim];
      if (permutation) {
        seen[dim] = true;
      }
    }
    if (!permutation) {
      throw new HloFormatException(
          "LayoutProto: {%s} orders no array of %d dimensions".formatted(dims, rank));
    }
    return dims;
  }

  private static void requireElementBits(long bits, DType type) {
    if (bits < 0 || (bits != 0 && type.bitWidth() >= Byte.SIZE)) {
      throw new HloFormatException(
          "LayoutProto: elements of %s take %d bits by their type, not %d"
              .formatted(type, type.bitWidth(), bits));
    }
  }

  /** XLA keeps the low 8 bits of the number. */
  private static void requireDense(int indexType) {
    if ((byte) indexType != 0) {
      throw new HloFormatException("LayoutProto: the type of a sparse index, of a dense array");
    }
  }

  private static void requireAlignment(long elements) {
    if (elements < 0) {
      throw new HloFormatException(
          "LayoutProto: an alignment of %d elements; 1 or more is expected".formatted(elements));
    }
  }

  private static void requireZero(long value, String what) {
    if (value != 0) {
      throw unsupportedLayout(what);
    }
  }

  private static UnsupportedException unsupportedLayout(String what) {
    return new UnsupportedException(
        "layouts with " + what + " are not supported; pass HLO from before layout assignment");
  }

  /** Returns whether no array in it has another layout than row-major. */
  boolean isRowMajor() {
    for (Dims order : layouts) {
      if (!order.equals(rowMajor(order.size()))) {
        return false;
      }
    }
    return true;
  }

  /** Returns the order of dimensions from minor to major in which the last is the most minor. */
  static Dims rowMajor(int rank) {
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = rank - 1 - i;
    }
    return Dims.of(order);
  }

  /** Writes a shape with row-major layouts. */
  static void write(WireWriter out, int field, Shape shape) {
    write(out, field, shape, Collections.emptyIterator());
  }

  /** Writes a shape with a layout for each array in it; row-major where there is none left. */
  static void write(WireWriter out, int field, Shape shape, Iterator<Dims> layouts) {
    int message = out.begin(field);
    write(out, shape, layouts);
    out.end(message);
  }

  private static void write(WireWriter out, Shape shape, Iterator<Dims> layouts) {
    switch (shape) {
      case ArrayShape(DType type, Dims dims) -> {
        Dims order = layouts.hasNext() ? layouts.next() : rowMajor(dims.size());
        out.varint(ELEMENT_TYPE, type.protoNumber());
        out.packed(DIMENSIONS, dims);
        int layout = out.begin(LAYOUT);
        out.packed(MINOR_TO_MAJOR, order);
        out.end(layout);
      }
      case TupleShape(List<Shape> elements) -> {
        out.varint(ELEMENT_TYPE, TUPLE_TYPE);
        for (Shape element : elements) {
          write(out, TUPLE_SHAPES, element, layouts);
        }
      }
      case TokenShape() -> out.varint(ELEMENT_TYPE, TOKEN_TYPE);
    }
  }
}
