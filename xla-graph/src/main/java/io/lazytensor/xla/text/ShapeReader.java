package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.Shape;
import io.lazytensor.xla.ir.ShapeException;
import io.lazytensor.xla.ir.TokenShape;
import io.lazytensor.xla.ir.TupleShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads shapes. Layouts say nothing about values; only custom calls remember theirs. */
final class ShapeReader {
  /** Types XLA has and this library has not. */
  static final Set<String> OTHER_TYPES = Set.of("opaque", "s1", "u1", "f6e2m3fn", "f6e3m2fn");

  private static final int DEEPEST = 256;
  private static final int MOST_DIMENSIONS = 64;
  private static final Map<String, DType> TYPES = new HashMap<>();

  static {
    for (DType type : DType.values()) {
      TYPES.put(type.hloName(), type);
    }
  }

  private final HloLexer lexer;

  ShapeReader(HloLexer lexer) {
    this.lexer = lexer;
  }

  /** Returns whether a shape begins here. */
  boolean isNext() {
    if (lexer.peek() == '(') {
      return true;
    }
    String word = lexer.peekName();
    return TYPES.containsKey(word) || word.equals("token") || OTHER_TYPES.contains(word);
  }

  /**
   * A shape, and how its arrays lie in memory.
   *
   * @param layouts the dimensions of each array, minor to major; row-major where the text says none
   */
  record Laid(Shape shape, List<Dims> layouts) {
    boolean isRowMajor() {
      return layouts.stream().allMatch(order -> order.equals(ShapeText.rowMajor(order.size())));
    }
  }

  Shape read() {
    return readLaid().shape();
  }

  Laid readLaid() {
    List<Dims> layouts = new ArrayList<>();
    return new Laid(read(0, layouts), layouts);
  }

  private Shape read(int depth, List<Dims> layouts) {
    int from = lexer.position();
    if (depth > DEEPEST) {
      throw lexer.error(from, "tuples nest deeper than " + DEEPEST);
    }
    if (lexer.eat('(')) {
      List<Shape> elements = new ArrayList<>();
      if (!lexer.eat(')')) {
        do {
          elements.add(read(depth + 1, layouts));
        } while (lexer.eat(','));
        lexer.expect(')', "at the end of a tuple's shape");
      }
      try {
        return new TupleShape(elements);
      } catch (ShapeException e) {
        throw lexer.error(from, String.valueOf(e.getMessage()));
      }
    }
    String name = lexer.atName() ? lexer.name("a shape") : "";
    if (name.equals("token")) {
      lexer.expect("[", "after token");
      lexer.expect("]", "after token[");
      return TokenShape.TOKEN;
    }
    if (OTHER_TYPES.contains(name)) {
      throw lexer.unsupported(from, "the element type " + name + " is not supported");
    }
    DType type = TYPES.get(name);
    if (type == null) {
      lexer.moveTo(from);
      throw lexer.expected("a shape such as f32[2,3]");
    }
    Dims dims = dims();
    requireBytes(from, type, dims);
    ArrayShape shape = new ArrayShape(type, dims);
    layouts.add(layout(shape.rank()));
    return shape;
  }

  private Dims dims() {
    lexer.expect('[', "before the dimensions of a shape");
    List<Integer> sizes = new ArrayList<>();
    if (!lexer.eat(']')) {
      do {
        int from = lexer.position();
        if (lexer.at("<=") || lexer.peek() == '?') {
          throw lexer.unsupported(
              from, "dynamic dimensions are not supported; compile for a size instead");
        }
        long size = lexer.int64("a dimension size");
        if (size < 0) {
          throw lexer.error(from, "a dimension size is not negative, got " + size);
        }
        if (size > Integer.MAX_VALUE || sizes.size() == MOST_DIMENSIONS) {
          throw lexer.unsupported(
              from, "arrays have at most 64 dimensions of at most 2147483647 elements");
        }
        sizes.add((int) size);
      } while (lexer.eat(','));
      lexer.expect(']', "after the dimensions of a shape");
    }
    return Dims.of(sizes.stream().mapToInt(Integer::intValue).toArray());
  }

  private void requireBytes(int from, DType type, Dims dims) {
    long bytes = type.byteSize();
    for (int i = 0; i < dims.size(); i++) {
      // The product of the other dimensions has to fit even if one is zero.
      int size = Math.max(1, dims.get(i));
      if (bytes > Long.MAX_VALUE / size) {
        throw lexer.unsupported(from, type + "[" + dims + "] has more bytes than can be addressed");
      }
      bytes *= size;
    }
  }

  /** Reads {@code {1,0}} or {@code {1,0:T(8,128)}}; a brace before a name opens a computation. */
  private Dims layout(int rank) {
    int from = lexer.end();
    if (!lexer.eat('{')) {
      return ShapeText.rowMajor(rank);
    }
    char next = lexer.peek();
    if (next != ':' && !(next >= '0' && next <= '9')) {
      lexer.moveTo(from);
      return ShapeText.rowMajor(rank);
    }
    int count = 0;
    boolean[] seen = new boolean[rank];
    int[] order = new int[rank];
    if (next != ':') {
      do {
        int at = lexer.position();
        int dimension = lexer.int32("a dimension of a layout");
        if (dimension < 0 || dimension >= rank || seen[dimension]) {
          throw lexer.error(at, "a layout lists each of " + rank + " dimensions once");
        }
        seen[dimension] = true;
        order[count++] = dimension;
      } while (lexer.eat(','));
    }
    if (count != rank) {
      throw lexer.error(from, "a layout of " + count + " dimensions for a shape of " + rank);
    }
    if (lexer.peek() == ':') {
      // Tiles and memory spaces are the compiler's.
      lexer.moveTo(from);
      lexer.skipBracketed();
    } else {
      lexer.expect('}', "at the end of a layout");
    }
    return Dims.of(order);
  }
}
