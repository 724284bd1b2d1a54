package io.lazytensor.xla.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lazytensor.xla.eval.HloEvaluator;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.Literal;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Known answers of Threefry-2x32-20, from the distribution of Random123. */
class ThreefryTest {
  @ParameterizedTest
  @CsvSource({
    "00000000,00000000,00000000,00000000,6b200159,99ba4efe",
    "ffffffff,ffffffff,ffffffff,ffffffff,1cb996fc,bb002be7",
    "13198a2e,03707344,243f6a88,85a308d3,c4923a9c,483df7a0"
  })
  void knownAnswers(String k0, String k1, String c0, String c1, String w0, String w1) {
    int[] in =
        Arrays.stream(new String[] {k0, k1, c0, c1})
            .mapToInt(hex -> Integer.parseUnsignedInt(hex, 16))
            .toArray();
    long block = Threefry.block(in[0], in[1], in[2], in[3]);
    assertEquals(w0, "%08x".formatted((int) block));
    assertEquals(w1, "%08x".formatted((int) (block >>> 32)));

    List<Literal> words =
        HloEvaluator.evaluate(
            Threefry.computation(Dims.of(2)),
            Arrays.stream(in).mapToObj(ThreefryTest::twice).toList());
    assertEquals(w0, "%08x".formatted(words.get(0).bits(1)));
    assertEquals(w1, "%08x".formatted(words.get(1).bits(1)));
  }

  private static Literal twice(int word) {
    return Literal.ofSegment(
        ArrayShape.of(DType.U32, 2), MemorySegment.ofArray(new int[] {word, word}));
  }
}
