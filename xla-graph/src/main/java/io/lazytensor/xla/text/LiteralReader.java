package io.lazytensor.xla.text;

import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Literal;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.regex.Pattern;

/** Reads the values of a constant. Memory grows with the text, not with the declared shape. */
final class LiteralReader {
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,20}");
  private static final Pattern ZERO = Pattern.compile("-?0+");

  private final HloLexer lexer;
  private final ArrayShape shape;
  private final DType part;
  private byte[] bytes;
  private int used;

  private LiteralReader(HloLexer lexer, ArrayShape shape) {
    this.lexer = lexer;
    this.shape = shape;
    this.part = shape.dtype().realType();
    this.bytes = new byte[64];
  }

  static Literal read(HloLexer lexer, ArrayShape shape) {
    int from = lexer.position();
    if (shape.elementCount() > lexer.left()) {
      if (lexer.at("{...}")) {
        throw elided(lexer, from);
      }
      throw lexer.error(from, "a constant " + shape + " has more elements than there is text for");
    }
    LiteralReader reader = new LiteralReader(lexer, shape);
    reader.values(0);
    return Literal.ofBytes(shape, Arrays.copyOf(reader.bytes, reader.used));
  }

  private static RuntimeException elided(HloLexer lexer, int at) {
    return lexer.unsupported(
        at, "the constant's values were left out ({...}) when this text was written");
  }

  private void values(int dimension) {
    if (dimension == shape.rank()) {
      element();
      return;
    }
    int from = lexer.position();
    lexer.expect('{', "before the elements of dimension " + dimension + " of " + shape);
    int size = shape.dim(dimension);
    int count = 0;
    if (!lexer.eat('}')) {
      do {
        if (lexer.at("...")) {
          throw elided(lexer, from);
        }
        if (count == size) {
          throw lexer.error(
              lexer.position(), "dimension %d of %s has but %d".formatted(dimension, shape, size));
        }
        values(dimension + 1);
        count++;
      } while (lexer.eat(','));
      lexer.expect('}', "after the elements of dimension " + dimension + " of " + shape);
    }
    if (count != size) {
      throw lexer.error(
          from,
          "dimension %d of %s has %d elements, got %d".formatted(dimension, shape, size, count));
    }
  }

  private void element() {
    if (!shape.dtype().isComplex()) {
      add(scalar());
      return;
    }
    lexer.expect('(', "before a complex number");
    add(scalar());
    lexer.expect(',', "between the parts of a complex number");
    add(scalar());
    lexer.expect(')', "after a complex number");
  }

  private void add(long bits) {
    int size = part.byteSize();
    if (used + size > bytes.length) {
      bytes = Arrays.copyOf(bytes, bytes.length * 2);
    }
    Literal.writeBits(MemorySegment.ofArray(bytes), used / size, part, bits);
    used += size;
  }

  private long scalar() {
    int from = lexer.position();
    String word = lexer.word("a value of " + part);
    try {
      return part.isFloating() ? FloatText.parse(part, word) : integer(word);
    } catch (NumberFormatException e) {
      throw lexer.error(from, String.valueOf(e.getMessage()));
    }
  }

  private long integer(String word) {
    if (part == DType.PRED && (word.equals("true") || word.equals("false"))) {
      return word.equals("true") ? 1 : 0;
    }
    if (!INTEGER.matcher(word).matches()) {
      throw new NumberFormatException("expected a value of " + part + ", got " + word);
    }
    if (part == DType.PRED) {
      return ZERO.matcher(word).matches() ? 0 : 1;
    }
    if (part == DType.U64) {
      return word.startsWith("-") ? Long.parseLong(word) : Long.parseUnsignedLong(word);
    }
    long value;
    try {
      value = Long.parseLong(word);
    } catch (NumberFormatException e) {
      throw new NumberFormatException(word + " is out of the range of " + part);
    }
    int bits = part.bitWidth();
    boolean fits =
        part.isUnsigned()
            ? value >= 0 && value >>> bits == 0
            : bits == 64 || (value << (64 - bits) >> (64 - bits)) == value;
    if (!fits) {
      throw new NumberFormatException(word + " is out of the range of " + part);
    }
    return value;
  }
}
