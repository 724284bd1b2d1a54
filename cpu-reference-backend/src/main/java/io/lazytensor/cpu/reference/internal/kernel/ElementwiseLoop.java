package io.lazytensor.cpu.reference.internal.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** An elementwise operation as a loop over blocks of lanes. Operands are dense or splats. */
public final class ElementwiseLoop implements Kernel {
  private static final int BLOCK = 512;

  /** What happens to a block. */
  public interface Body {
    /** Computes {@code count} lanes. */
    void apply(long[][] in, long[] out, int count);
  }

  private final Body body;
  private final Location[] in;
  private final Location out;
  private final long[][] inLanes;
  private final long[] outLanes = new long[BLOCK];

  /** Creates the loop. */
  public ElementwiseLoop(Body body, Location out, List<Location> in) {
    this.body = body;
    this.in = in.toArray(Location[]::new);
    this.out = out;
    this.inLanes = new long[this.in.length][BLOCK];
  }

  /** Returns a body of a function of one operand. */
  public static Body of(LongUnaryOperator f) {
    return (in, out, count) -> {
      long[] a = in[0];
      for (int i = 0; i < count; i++) {
        out[i] = f.applyAsLong(a[i]);
      }
    };
  }

  /** Returns a body of a function of two operands. */
  public static Body of(LongBinaryOperator f) {
    return (in, out, count) -> {
      long[] a = in[0];
      long[] b = in[1];
      for (int i = 0; i < count; i++) {
        out[i] = f.applyAsLong(a[i], b[i]);
      }
    };
  }

  @Override
  public void run() {
    long total = out.elementCount();
    for (int k = 0; k < in.length; k++) {
      if (in[k].isSplat() && total > 0) {
        Arrays.fill(inLanes[k], in[k].readScalar());
      }
    }
    for (long start = 0; start < total; start += BLOCK) {
      int count = (int) Math.min(BLOCK, total - start);
      for (int k = 0; k < in.length; k++) {
        Location x = in[k];
        if (!x.isSplat()) {
          Lanes.decode(
              x.dtype(),
              x.segment(),
              x.byteOffset() + start * x.dtype().byteSize(),
              inLanes[k],
              count);
        }
      }
      body.apply(inLanes, outLanes, count);
      Lanes.encode(
          out.dtype(),
          out.segment(),
          out.byteOffset() + start * out.dtype().byteSize(),
          outLanes,
          count);
    }
  }
}
