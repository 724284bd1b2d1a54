package io.lazytensor.internal.lower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.infer.Threefry;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.Literal;
import io.lazytensor.xla.ir.ShapeException;
import org.junit.jupiter.api.Test;

class RandomNumbersTest {
  private static final int KEY0 = 0x13198A2E;
  private static final int KEY1 = 0x03707344;
  private static final int STREAM = 7;

  private final HloBuilder b = new HloBuilder();
  private final HloInstruction key =
      b.add(new HloOp.BitcastConvert(DType.U32), constant(Literal.ofInts(Dims.of(2), KEY0, KEY1)));

  /** The documented layout, written down a second time. */
  private static int bits(int count, int index) {
    long folded = Threefry.block(KEY0, KEY1, 0, STREAM);
    int half = (count + 1) / 2;
    boolean first = index < half;
    long block =
        Threefry.block((int) folded, (int) (folded >>> 32), first ? index : index - half, 0);
    return (int) (first ? block : block >>> 32);
  }

  @Test
  void bitsFollowTheDocumentedLayout() {
    for (Dims dims : new Dims[] {Dims.of(), Dims.of(1), Dims.of(5), Dims.of(2, 3, 4)}) {
      Literal actual = Evaluation.evaluate(RandomNumbers.bits(b, key, STREAM, dims));
      assertEquals(new ArrayShape(DType.U32, dims), actual.shape());
      for (int i = 0; i < dims.product(); i++) {
        assertEquals(bits((int) dims.product(), i), (int) actual.bits(i), dims + " at " + i);
      }
    }
  }

  @Test
  void foldingIsOneBlock() {
    Literal actual = Evaluation.evaluate(RandomNumbers.foldIn(b, key, STREAM));
    long folded = Threefry.block(KEY0, KEY1, 0, STREAM);
    assertEquals(ArrayShape.of(DType.U32, 2), actual.shape());
    assertEquals((int) folded, (int) actual.bits(0));
    assertEquals((int) (folded >>> 32), (int) actual.bits(1));
  }

  @Test
  void uniformNumbersAreTheUpper24Bits() {
    Literal actual = Evaluation.evaluate(RandomNumbers.uniform(b, key, STREAM, Dims.of(9)));
    for (int i = 0; i < 9; i++) {
      assertEquals((bits(9, i) >>> 8) * 0x1p-24, actual.toDouble(i));
    }
  }

  @Test
  void bernoulliComparesBitsWithTheProbability() {
    Literal actual =
        Evaluation.evaluate(RandomNumbers.bernoulli(b, key, STREAM, Dims.of(999), 0.3));
    int kept = 0;
    for (int i = 0; i < 999; i++) {
      boolean expected = Integer.toUnsignedLong(bits(999, i)) < Math.round(0.3 * 0x1p32);
      assertEquals(expected ? 1 : 0, actual.bits(i));
      kept += expected ? 1 : 0;
    }
    assertEquals(300, kept, 60);
  }

  @Test
  void dropoutKeepsTheMeanAndScalesTheRest() {
    HloInstruction ones = Primitives.filled(b, DType.F32, Dims.of(2000), 1);
    Literal actual = Evaluation.evaluate(RandomNumbers.dropout(b, ones, 0.25, key, STREAM));
    double sum = 0;
    for (int i = 0; i < 2000; i++) {
      double value = actual.toDouble(i);
      assertTrue(value == 0 || value == (float) (1 / 0.75), "" + value);
      sum += value;
    }
    assertEquals(1, sum / 2000, 0.05);
  }

  @Test
  void dropoutOfNothingOrEverythingNeedsNoNumbers() {
    HloInstruction x = Primitives.filled(b, DType.F32, Dims.of(3), 5);
    assertSame(x, RandomNumbers.dropout(b, x, 0, key, STREAM));
    Literal none = Evaluation.evaluate(RandomNumbers.dropout(b, x, 1, key, STREAM));
    assertEquals(Literal.ofFloats(Dims.of(3), 0, 0, 0), none);
    ShapeException e =
        assertThrows(ShapeException.class, () -> RandomNumbers.dropout(b, x, 1.5, key, STREAM));
    assertEquals("dropout: the rate must be 0 to 1, got 1.5", e.getMessage());
  }

  @Test
  void normalNumbersHaveTheirMoments() {
    int n = 4001;
    Literal actual = Evaluation.evaluate(RandomNumbers.normal(b, key, STREAM, Dims.of(n), 3, 2));
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double z = (actual.toDouble(i) - 3) / 2;
      sum += z;
      squares += z * z;
    }
    assertEquals(0, sum / n, 0.05);
    assertEquals(1, squares / n, 0.08);
  }

  @Test
  void normalNumbersFollowTheDocumentedFormula() {
    Literal actual = Evaluation.evaluate(RandomNumbers.normal(b, key, STREAM, Dims.of(4)));
    for (int i = 0; i < 4; i++) {
      double u = ((bits(4, i % 2) >>> 8) + 1) * 0x1p-24;
      double angle = 2 * Math.PI * ((bits(4, 2 + i % 2) >>> 8) * 0x1p-24);
      double turn = i < 2 ? Math.cos(angle) : Math.sin(angle);
      assertEquals(Math.sqrt(-2 * Math.log(u)) * turn, actual.toDouble(i), 3e-6);
    }
  }

  @Test
  void integersStayInTheirRange() {
    Literal actual = Evaluation.evaluate(RandomNumbers.randint(b, key, STREAM, Dims.of(50), -3, 4));
    assertEquals(DType.S32, actual.shape().dtype());
    for (int i = 0; i < 50; i++) {
      assertEquals(Integer.remainderUnsigned(bits(50, i), 7) - 3, (int) actual.toDouble(i));
    }
  }

  private HloInstruction constant(Literal literal) {
    return b.add(new HloOp.Constant(literal));
  }
}
