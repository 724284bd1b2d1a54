package io.lazytensor.internal.lower;

import static io.lazytensor.internal.lower.Primitives.add;
import static io.lazytensor.internal.lower.Primitives.binary;
import static io.lazytensor.internal.lower.Primitives.compare;
import static io.lazytensor.internal.lower.Primitives.convert;
import static io.lazytensor.internal.lower.Primitives.dims;
import static io.lazytensor.internal.lower.Primitives.element;
import static io.lazytensor.internal.lower.Primitives.filled;
import static io.lazytensor.internal.lower.Primitives.mul;
import static io.lazytensor.internal.lower.Primitives.refuse;
import static io.lazytensor.internal.lower.Primitives.spread;
import static io.lazytensor.internal.lower.Primitives.type;
import static io.lazytensor.internal.lower.Primitives.unary;

import io.lazytensor.xla.infer.HloBuilder;
import io.lazytensor.xla.infer.Threefry;
import io.lazytensor.xla.ir.ArrayShape;
import io.lazytensor.xla.ir.BinaryKind;
import io.lazytensor.xla.ir.ComparisonDirection;
import io.lazytensor.xla.ir.DType;
import io.lazytensor.xla.ir.Dims;
import io.lazytensor.xla.ir.HloInstruction;
import io.lazytensor.xla.ir.HloOp;
import io.lazytensor.xla.ir.UnaryKind;
import java.util.ArrayList;
import java.util.List;

/**
 * Random numbers as a function of a key, a stream number and a position, equal on every backend.
 *
 * <p>T(k0, k1; c0, c1) is Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as
 * easy as 1, 2, 3", 2011), two words in, two words out. Checkpoints and ranks depend on this
 * layout:
 *
 * <ul>
 *   <li>Folding a number s into a key: (k0', k1') = T(k0, k1; 0, s).
 *   <li>Bits: of n elements in row-major order, with h = ⌈n / 2⌉, element i &lt; h is the first
 *       word of T(k0', k1'; i, 0) and element i ≥ h the second word of T(k0', k1'; i - h, 0), where
 *       (k0', k1') is the key with the stream folded in.
 * </ul>
 */
public final class RandomNumbers {
  private static final int MANTISSA_BITS = 24;

  private RandomNumbers() {}

  /**
   * Returns a key with a number folded in.
   *
   * @param key u32[2]; u32[3] in a scan
   * @param data u32[]: a stream, a rank, a step
   * @return as the key
   */
  public static HloInstruction foldIn(HloBuilder b, HloInstruction key, HloInstruction data) {
    Words words = fold(b, key, data);
    List<HloInstruction> all = new ArrayList<>();
    all.add(Primitives.reshape(b, words.first(), Dims.of(1)));
    all.add(Primitives.reshape(b, words.second(), Dims.of(1)));
    if (isScanned(key)) {
      all.add(Shapes.slice(b, key, 0, 2, 3, 1));
    }
    return b.add(new HloOp.Concatenate(0), all);
  }

  /** Returns a key with a number folded in that is known while recording. */
  public static HloInstruction foldIn(HloBuilder b, HloInstruction key, int data) {
    return foldIn(b, key, word(b, data));
  }

  /** Returns 32 random bits for each element, u32[dims]. */
  public static HloInstruction bits(HloBuilder b, HloInstruction key, int stream, Dims dims) {
    Words words = block(b, key, stream, dims);
    HloInstruction all = b.add(new HloOp.Concatenate(0), words.first(), words.second());
    return shaped(b, all, dims);
  }

  /** Returns numbers of [0, 1), f32[dims]: the upper 24 bits times 2⁻²⁴. */
  public static HloInstruction uniform(HloBuilder b, HloInstruction key, int stream, Dims dims) {
    return fraction(b, bits(b, key, stream, dims), 0);
  }

  /** Returns numbers of [low, high), f32[dims]. */
  public static HloInstruction uniform(
      HloBuilder b, HloInstruction key, int stream, Dims dims, double low, double high) {
    HloInstruction unit = uniform(b, key, stream, dims);
    HloInstruction scaled = high - low == 1 ? unit : mul(b, unit, high - low);
    return low == 0 ? scaled : add(b, scaled, low);
  }

  /**
   * Returns pred[dims], true with a probability: where the bits are less than it times 2³².
   *
   * @param probability 0 to 1
   */
  public static HloInstruction bernoulli(
      HloBuilder b, HloInstruction key, int stream, Dims dims, double probability) {
    if (!(probability >= 0 && probability <= 1)) {
      throw refuse(b, "bernoulli: the probability must be 0 to 1, got " + probability);
    }
    long threshold = Math.round(probability * 0x1p32);
    if (threshold == 0 || threshold == 1L << 32) {
      return filled(b, DType.PRED, dims, threshold == 0 ? 0 : 1);
    }
    return compare(b, ComparisonDirection.LT, bits(b, key, stream, dims), (double) threshold);
  }

  /**
   * Sets a random part of the elements to 0 and scales the others by 1 / (1 - rate).
   *
   * @param rate the share set to 0; 0 returns the operand, 1 gives zeros
   */
  public static HloInstruction dropout(
      HloBuilder b, HloInstruction x, double rate, HloInstruction key, int stream) {
    if (!(rate >= 0 && rate <= 1)) {
      throw refuse(b, "dropout: the rate must be 0 to 1, got " + rate);
    }
    if (!type(x).isFloating()) {
      throw refuse(b, "dropout of " + x.shape() + ": expected a floating-point tensor");
    }
    if (rate == 0) {
      return x;
    }
    if (rate == 1) {
      return mul(b, x, 0);
    }
    HloInstruction keep = bernoulli(b, key, stream, dims(x), 1 - rate);
    // As in PyTorch the mask is a factor: one instruction in the gradient, and NaN shows.
    HloInstruction scale = filled(b, type(x), dims(x), 1 / (1 - rate));
    return mul(b, x, Primitives.select(b, keep, scale, Primitives.zeros(b, x)));
  }

  /**
   * Returns numbers of the standard normal distribution, f32[dims], by Box and Muller: with the two
   * words of a block as u in (0, 1] and v in [0, 1), √(-2 ln u) cos 2πv in the first half and √(-2
   * ln u) sin 2πv in the second.
   */
  public static HloInstruction normal(HloBuilder b, HloInstruction key, int stream, Dims dims) {
    Words words = block(b, key, stream, dims);
    HloInstruction u = fraction(b, words.first(), 1);
    HloInstruction angle = mul(b, fraction(b, words.second(), 0), 2 * Math.PI);
    HloInstruction radius = unary(b, UnaryKind.SQRT, mul(b, Primitives.log(b, u), -2));
    HloInstruction cosines = mul(b, radius, unary(b, UnaryKind.COSINE, angle));
    HloInstruction sines = mul(b, radius, unary(b, UnaryKind.SINE, angle));
    return shaped(b, b.add(new HloOp.Concatenate(0), cosines, sines), dims);
  }

  /** Returns numbers of a normal distribution, f32[dims]. */
  public static HloInstruction normal(
      HloBuilder b, HloInstruction key, int stream, Dims dims, double mean, double deviation) {
    HloInstruction unit = normal(b, key, stream, dims);
    HloInstruction scaled = deviation == 1 ? unit : mul(b, unit, deviation);
    return mean == 0 ? scaled : add(b, scaled, mean);
  }

  /** Returns integers of [low, high), s32[dims]: the bits modulo the range, as PyTorch does. */
  public static HloInstruction randint(
      HloBuilder b, HloInstruction key, int stream, Dims dims, int low, int high) {
    if (low >= high) {
      throw refuse(b, "randint: needs low < high, got " + low + " and " + high);
    }
    HloInstruction bits = bits(b, key, stream, dims);
    HloInstruction rest = binary(b, BinaryKind.REMAINDER, bits, (double) high - low);
    HloInstruction signed = b.add(new HloOp.BitcastConvert(DType.S32), rest);
    return low == 0 ? signed : add(b, signed, low);
  }

  /**
   * Rounds {@code f32} to {@code bf16}, up or down with the probability of the distance: on average
   * nothing is lost, however small the updates of a weight are. Infinities and NaN stay. The
   * gradient is that of a conversion.
   */
  public static HloInstruction stochasticRound(
      HloBuilder b, HloInstruction x, HloInstruction key, int stream) {
    if (type(x) != DType.F32) {
      throw refuse(b, "stochastic rounding of " + x.shape() + ": expected f32");
    }
    HloInstruction random = bits(b, key, stream, dims(x));
    HloInstruction below = binary(b, BinaryKind.SHIFT_RIGHT_LOGICAL, random, Short.SIZE);
    HloInstruction pattern = b.add(new HloOp.BitcastConvert(DType.U32), x);
    HloInstruction kept = binary(b, BinaryKind.AND, add(b, pattern, below), (double) 0xFFFF0000L);
    HloInstruction rounded = b.add(new HloOp.BitcastConvert(DType.F32), kept);
    HloInstruction finite = b.add(new HloOp.IsFinite(), x);
    HloInstruction exact = Primitives.select(b, finite, rounded, x);
    return Primitives.withGradient(
        b.add(new HloOp.Convert(DType.BF16), exact),
        x,
        (g, in, out, gradient) -> convert(g, gradient, DType.F32));
  }

  /** Two words of a block, scalars or vectors. */
  private record Words(HloInstruction first, HloInstruction second) {}

  /** Returns two vectors of ⌈n / 2⌉ words. */
  private static Words block(HloBuilder b, HloInstruction key, int stream, Dims dims) {
    Words folded = fold(b, key, streamNumber(b, key, stream));
    long half = Math.ceilDiv(dims.product(), 2);
    Dims count = Dims.of(Math.toIntExact(half));
    return threefry(
        b,
        spread(b, folded.first(), count),
        spread(b, folded.second(), count),
        Primitives.iota(b, DType.U32, count, 0),
        filled(b, DType.U32, count, 0));
  }

  private static Words fold(HloBuilder b, HloInstruction key, HloInstruction data) {
    if (!key.shape().equals(ArrayShape.of(DType.U32, 2)) && !isScanned(key)) {
      throw refuse(b, "a random key must be u32[2], got " + key.shape());
    }
    HloInstruction first = Shapes.select(b, key, 0, 0);
    HloInstruction second = Shapes.select(b, key, 0, 1);
    return threefry(b, first, second, word(b, 0), data);
  }

  /** In a scan a key has a third word: what an iteration adds to the numbers of its streams. */
  private static boolean isScanned(HloInstruction key) {
    return key.shape().equals(ArrayShape.of(DType.U32, 3));
  }

  private static HloInstruction streamNumber(HloBuilder b, HloInstruction key, int stream) {
    HloInstruction number = word(b, stream);
    return isScanned(key) ? add(b, number, Shapes.select(b, key, 0, 2)) : number;
  }

  private static Words threefry(
      HloBuilder b,
      HloInstruction key0,
      HloInstruction key1,
      HloInstruction counter0,
      HloInstruction counter1) {
    HloOp call = new HloOp.Call(Threefry.computation(dims(counter0)));
    HloInstruction both = b.add(call, List.of(key0, key1, counter0, counter1));
    return new Words(element(b, both, 0), element(b, both, 1));
  }

  private static HloInstruction word(HloBuilder b, int bits) {
    return Primitives.constant(b, DType.U32, (double) Integer.toUnsignedLong(bits));
  }

  /** Returns (the upper 24 bits + a number) times 2⁻²⁴. */
  private static HloInstruction fraction(HloBuilder b, HloInstruction bits, int plus) {
    HloInstruction upper =
        binary(b, BinaryKind.SHIFT_RIGHT_LOGICAL, bits, Integer.SIZE - MANTISSA_BITS);
    HloInstruction counted = plus == 0 ? upper : add(b, upper, plus);
    return mul(b, convert(b, counted, DType.F32), Math.scalb(1.0, -MANTISSA_BITS));
  }

  /** Cuts an odd element off and gives the rest its dimensions. */
  private static HloInstruction shaped(HloBuilder b, HloInstruction vector, Dims dims) {
    int count = Math.toIntExact(dims.product());
    return Primitives.reshape(b, Shapes.range(b, vector, 0, 0, count, 1), dims);
  }
}
