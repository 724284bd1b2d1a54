package io.lazytensor.xla.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.infer.Threefry;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.LibraryOp;
import io.lazytensor.xla.ir.LibraryOp.RandomAlgorithm;
import io.lazytensor.xla.ir.Literal;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Generators against known answers, and where XLA puts which word. */
class RandomBitsTest {
  private static final long KEY = 0x299f31d0a4093822L;

  private static List<Literal> generate(RandomAlgorithm algorithm, ArrayShape bits, long... state) {
    HloBuilder b = new HloBuilder();
    Literal literal =
        Literal.ofSegment(ArrayShape.of(DType.U64, state.length), MemorySegment.ofArray(state));
    return Eval.all(
        b.add(new LibraryOp.RngBitGenerator(algorithm, bits), b.add(new HloOp.Constant(literal))));
  }

  private static String hex(long word) {
    return "%08x".formatted((int) word);
  }

  // Known answers of Philox-4x32-10, from the distribution of Random123.
  @ParameterizedTest
  @CsvSource({
    "0,0,0,6627e8d5,e169c58d,bc57ac4c,9b00dbd8",
    "ffffffffffffffff,ffffffffffffffff,ffffffffffffffff,408f276d,41c83b0e,a20bc7c6,6d5451fd",
    "85a308d3243f6a88,0370734413198a2e,299f31d0a4093822,d16cfe09,94fdcceb,5001e420,24126ea1"
  })
  void philoxKnownAnswers(
      String low, String high, String key, String w0, String w1, String w2, String w3) {
    List<Literal> out =
        generate(
            RandomAlgorithm.PHILOX,
            ArrayShape.of(DType.U32, 4),
            Long.parseUnsignedLong(key, 16),
            Long.parseUnsignedLong(low, 16),
            Long.parseUnsignedLong(high, 16));
    assertEquals(w0, hex(out.get(1).bits(0)));
    assertEquals(w1, hex(out.get(1).bits(1)));
    assertEquals(w2, hex(out.get(1).bits(2)));
    assertEquals(w3, hex(out.get(1).bits(3)));
  }

  @Test
  void philoxCountsBlocksInOneHundredTwentyEightBits() {
    List<Literal> out = generate(RandomAlgorithm.PHILOX, ArrayShape.of(DType.U32, 5), KEY, -1L, 41);
    assertEquals(KEY, out.get(0).bits(0));
    assertEquals(1, out.get(0).bits(1));
    assertEquals(42, out.get(0).bits(2));
    assertEquals(hex(RandomBits.philox(-1, 41, KEY)[3]), hex(out.get(1).bits(3)));
    assertEquals(hex(RandomBits.philox(0, 42, KEY)[0]), hex(out.get(1).bits(4)));
  }

  @Test
  void twoWordsOfStateAreKeyAndCounterWithTheKeyAsItsHighHalf() {
    for (RandomAlgorithm algorithm : List.of(RandomAlgorithm.PHILOX, RandomAlgorithm.DEFAULT)) {
      List<Literal> out = generate(algorithm, ArrayShape.of(DType.U32, 2), KEY, 7);
      assertEquals(2, out.get(0).shape().elementCount());
      assertEquals(KEY, out.get(0).bits(0));
      assertEquals(8, out.get(0).bits(1));
      assertEquals(hex(RandomBits.philox(7, KEY, KEY)[1]), hex(out.get(1).bits(1)));
    }
  }

  @Test
  void philoxPacksTwoWordsIntoALong() {
    List<Literal> out = generate(RandomAlgorithm.PHILOX, ArrayShape.of(DType.U64, 3), KEY, 0, 0);
    int[] first = RandomBits.philox(0, 0, KEY);
    int[] second = RandomBits.philox(1, 0, KEY);
    assertEquals(hex(first[0]), hex(out.get(1).bits(0)));
    assertEquals(hex(first[1]), hex(out.get(1).bits(0) >>> 32));
    assertEquals(hex(first[2]), hex(out.get(1).bits(1)));
    assertEquals(hex(second[1]), hex(out.get(1).bits(2) >>> 32));
    assertEquals(2, out.get(0).bits(1));
  }

  // Known answers of Threefry-2x32-20, from the distribution of Random123.
  @ParameterizedTest
  @CsvSource({
    "0,0,6b200159,99ba4efe",
    "ffffffffffffffff,ffffffffffffffff,1cb996fc,bb002be7",
    "0370734413198a2e,85a308d3243f6a88,c4923a9c,483df7a0"
  })
  void threefryKnownAnswers(String key, String counter, String w0, String w1) {
    long k = Long.parseUnsignedLong(key, 16);
    long c = Long.parseUnsignedLong(counter, 16);
    Literal words = generate(RandomAlgorithm.THREE_FRY, ArrayShape.of(DType.U32, 2), k, c).get(1);
    assertEquals(w0, hex(words.bits(0)));
    assertEquals(w1, hex(words.bits(1)));
    Literal wide = generate(RandomAlgorithm.THREE_FRY, ArrayShape.of(DType.U64, 1), k, c).get(1);
    assertEquals(w1 + w0, "%016x".formatted(wide.bits(0)));
  }

  @Test
  void threefrySplitsTheFirstEvenDimension() {
    List<Literal> out =
        generate(RandomAlgorithm.THREE_FRY, ArrayShape.of(DType.U32, 3, 4), KEY, 100);
    assertEquals(106, out.get(0).bits(1));
    // [1, 2] is row 1 of the half [3, 2], column 1, word 0; [1, 3] its word 1.
    long block = threefry(KEY, 100 + 3);
    assertEquals(hex(block), hex(out.get(1).bits(6)));
    assertEquals(hex(block >>> 32), hex(out.get(1).bits(7)));
  }

  @Test
  void threefrySplitsTheLargestOddDimensionAndDropsAWord() {
    List<Literal> out = generate(RandomAlgorithm.THREE_FRY, ArrayShape.of(DType.U32, 5, 3), KEY, 0);
    assertEquals(9, out.get(0).bits(1));
    // [4, 2] is row 2 of the half [3, 3]; [3, 1] is row 1, word 1.
    assertEquals(hex(threefry(KEY, 8)), hex(out.get(1).bits(14)));
    assertEquals(hex(threefry(KEY, 4) >>> 32), hex(out.get(1).bits(10)));
    List<Literal> scalar =
        generate(RandomAlgorithm.THREE_FRY, ArrayShape.scalar(DType.U32), KEY, 5);
    assertEquals(6, scalar.get(0).bits(1));
    assertEquals(hex(threefry(KEY, 5)), hex(scalar.get(1).bits(0)));
  }

  private static long threefry(long key, long counter) {
    return Threefry.block((int) key, (int) (key >>> 32), (int) counter, (int) (counter >>> 32));
  }

  @ParameterizedTest
  @EnumSource(
      value = RandomAlgorithm.class,
      names = {"THREE_FRY", "PHILOX"})
  void everyTypeHasTheLowBitsOfItsWord(RandomAlgorithm algorithm) {
    Literal words = generate(algorithm, ArrayShape.of(DType.U32, 3), KEY, 9).get(1);
    for (DType type : List.of(DType.U8, DType.S8, DType.U16, DType.S16, DType.F16, DType.U4)) {
      Literal narrow = generate(algorithm, ArrayShape.of(type, 3), KEY, 9).get(1);
      for (int i = 0; i < 3; i++) {
        assertEquals(words.bits(i) & ((1L << type.bitWidth()) - 1), narrow.bits(i), type::hloName);
      }
    }
    Literal longs = generate(algorithm, ArrayShape.of(DType.U64, 3), KEY, 9).get(1);
    Literal doubles = generate(algorithm, new ArrayShape(DType.F64, Dims.of(3)), KEY, 9).get(1);
    Literal floats = generate(algorithm, ArrayShape.of(DType.F32, 3), KEY, 9).get(1);
    for (int i = 0; i < 3; i++) {
      assertEquals(longs.bits(i), doubles.bits(i));
      assertEquals(words.bits(i), floats.bits(i));
    }
  }
}
