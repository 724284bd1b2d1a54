package io.lazytensor.xla.eval;

import io.lazytensor.xla.infer.Threefry;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.UnsupportedException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Random bits of counter-based generators, in the order XLA lays them out ({@code
 * rng_bit_generator_expander.cc}, {@code prng.cc}). Types narrower than 32 bits take the low bits
 * of a word each.
 *
 * <p>Source of the generators: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC
 * 2011.
 */
final class RandomBits {
  private RandomBits() {}

  /** Returns (new state, bits). */
  static List<Object> generate(LibraryOp.RngBitGenerator op, ArrayValue state) {
    DType type = op.bits().dtype();
    if (type == DType.PRED || type.isComplex()) {
      throw new UnsupportedException("rng-bit-generator makes no bits of type " + type);
    }
    int words = state.count();
    boolean fits =
        switch (op.algorithm()) {
          case THREE_FRY -> words == 2;
          case PHILOX, DEFAULT -> words == 2 || words == 3;
        };
    if (state.dtype() != DType.U64 || !fits) {
      throw new UnsupportedException(
          "rng-bit-generator %s takes a state u64[2], or u64[3] if Philox; got %s"
              .formatted(op.algorithm(), state.shape()));
    }
    return switch (op.algorithm()) {
      case THREE_FRY -> threefry(op.bits(), state);
      case PHILOX, DEFAULT -> philox(op.bits(), state);
    };
  }

  // ---- Threefry ---------------------------------------------------------------------------------

  private static List<Object> threefry(ArrayShape shape, ArrayValue state) {
    long key = state.integer(0);
    long counter = state.integer(1);
    Output out = new Output(shape);
    if (shape.dtype().bitWidth() == Long.SIZE) {
      for (int i = 0; i < shape.elementCount(); i++) {
        out.set(i, threefry(key, counter + i));
      }
      return List.of(state(key, counter + shape.elementCount()), out.value());
    }
    Dims dims = shape.dims();
    if (dims.isEmpty()) {
      out.set(0, threefry(key, counter));
      return List.of(state(key, counter + 1), out.value());
    }
    int split = splitDimension(dims);
    int[] halfDims = dims.toArray();
    halfDims[split] = (halfDims[split] + 1) / 2;
    Dims half = Dims.of(halfDims);
    // Word 0 goes to the even indices of the split dimension, word 1 to the odd ones after them.
    Walk.over(
        half,
        (index, i) -> {
          long block = threefry(key, counter + i);
          int[] to = index.clone();
          to[split] = 2 * index[split];
          out.set(Walk.position(dims, to), block & 0xFFFF_FFFFL);
          to[split]++;
          if (to[split] < dims.get(split)) {
            out.set(Walk.position(dims, to), block >>> 32);
          }
        });
    return List.of(state(key, counter + half.product()), out.value());
  }

  private static long threefry(long key, long counter) {
    return Threefry.block((int) key, (int) (key >>> 32), (int) counter, (int) (counter >>> 32));
  }

  /** Returns the first even dimension, or else the largest. */
  private static int splitDimension(Dims dims) {
    int largest = 0;
    for (int d = 0; d < dims.size(); d++) {
      if (dims.get(d) % 2 == 0) {
        return d;
      }
      largest = dims.get(d) > dims.get(largest) ? d : largest;
    }
    return largest;
  }

  // ---- Philox -----------------------------------------------------------------------------------

  private static List<Object> philox(ArrayShape shape, ArrayValue state) {
    boolean three = state.count() == 3;
    long key = state.integer(0);
    // Of two words, the first is key and the counter's high half at once.
    long low = state.integer(1);
    long high = three ? state.integer(2) : key;
    int wordsPerElement = shape.dtype().bitWidth() == Long.SIZE ? 2 : 1;
    long blocks = (shape.elementCount() * wordsPerElement + 3) / 4;
    int perBlock = 4 / wordsPerElement;
    Output out = new Output(shape);
    int count = Math.toIntExact(shape.elementCount());
    for (int b = 0; b < blocks; b++) {
      int[] words = philox(low + b, carried(low, b, high), key);
      for (int i = 0; i < perBlock && b * perBlock + i < count; i++) {
        long bits =
            wordsPerElement == 2
                ? words[2 * i] & 0xFFFF_FFFFL | (long) words[2 * i + 1] << 32
                : words[i] & 0xFFFF_FFFFL;
        out.set(b * perBlock + i, bits);
      }
    }
    ArrayValue next =
        three ? state(key, low + blocks, carried(low, blocks, high)) : state(key, low + blocks);
    return List.of(next, out.value());
  }

  /** Returns the high half of a 128-bit counter after an addition. */
  private static long carried(long low, long added, long high) {
    return Long.compareUnsigned(low + added, low) < 0 ? high + 1 : high;
  }

  /** Returns the four words of one block of Philox 4x32 with 10 rounds. */
  static int[] philox(long counterLow, long counterHigh, long key) {
    int[] x = {
      (int) counterLow, (int) (counterLow >>> 32), (int) counterHigh, (int) (counterHigh >>> 32)
    };
    int key0 = (int) key;
    int key1 = (int) (key >>> 32);
    for (int round = 0; round < 10; round++) {
      long a = (x[0] & 0xFFFF_FFFFL) * 0xD2511F53L;
      long b = (x[2] & 0xFFFF_FFFFL) * 0xCD9E8D57L;
      x =
          new int[] {
            (int) (b >>> 32) ^ x[1] ^ key0, (int) b, (int) (a >>> 32) ^ x[3] ^ key1, (int) a
          };
      key0 += 0x9E3779B9;
      key1 += 0xBB67AE85;
    }
    return x;
  }

  // ---- for both ---------------------------------------------------------------------------------

  private static ArrayValue state(long... words) {
    ArrayValue out = ArrayValue.zeros(ArrayShape.of(DType.U64, words.length));
    for (int i = 0; i < words.length; i++) {
      out.set(i, words[i]);
    }
    return out;
  }

  /** Collects bits of any type. */
  private static final class Output {
    private final ArrayShape shape;
    private final MemorySegment bytes;

    Output(ArrayShape shape) {
      this.shape = shape;
      this.bytes = MemorySegment.ofArray(new byte[Math.toIntExact(shape.byteSize())]);
    }

    void set(int index, long bits) {
      int unused = Long.SIZE - shape.dtype().bitWidth();
      Literal.writeBits(bytes, index, shape.dtype(), bits << unused >>> unused);
    }

    ArrayValue value() {
      return ArrayValue.of(Literal.ofSegment(shape, bytes));
    }
  }
}
