package io.lazytensor.cpu.reference.internal.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3"), in
 * blocks of {@code int} arrays whose loops the JVM vectorises.
 */
public final class ThreefryKernel implements Kernel {
  private static final int BLOCK = 1024;
  private static final int PARITY = 0x1BD11BDA;
  private static final int[][] ROTATIONS = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private final Location[] in;
  private final Location[] out;
  private final int[][] keys = new int[3][BLOCK];
  private final int[] x0 = new int[BLOCK];
  private final int[] x1 = new int[BLOCK];

  /** Prepares it: (key0, key1, counter0, counter1), dense or splats, to two dense arrays. */
  public ThreefryKernel(List<Location> in, List<Location> out) {
    this.in = in.toArray(Location[]::new);
    this.out = out.toArray(Location[]::new);
  }

  @Override
  public void run() {
    long total = out[0].elementCount();
    for (long start = 0; start < total; start += BLOCK) {
      int count = (int) Math.min(BLOCK, total - start);
      load(in[0], start, keys[0], count);
      load(in[1], start, keys[1], count);
      load(in[2], start, x0, count);
      load(in[3], start, x1, count);
      rounds(count);
      store(out[0], start, x0, count);
      store(out[1], start, x1, count);
    }
  }

  private void rounds(int count) {
    int[] k0 = keys[0];
    int[] k1 = keys[1];
    int[] k2 = keys[2];
    for (int i = 0; i < count; i++) {
      k2[i] = k0[i] ^ k1[i] ^ PARITY;
    }
    inject(x0, x1, k0, k1, 0, count);
    for (int group = 0; group < 5; group++) {
      int[] r = ROTATIONS[group % 2];
      mix(x0, x1, r[0], r[1], r[2], r[3], count);
      inject(x0, x1, keys[(group + 1) % 3], keys[(group + 2) % 3], group + 1, count);
    }
  }

  private static void inject(int[] x0, int[] x1, int[] a, int[] b, int round, int count) {
    for (int i = 0; i < count; i++) {
      x0[i] += a[i];
      x1[i] += b[i] + round;
    }
  }

  private static void mix(int[] x0, int[] x1, int r0, int r1, int r2, int r3, int count) {
    for (int i = 0; i < count; i++) {
      int a = x0[i];
      int b = x1[i];
      a += b;
      b = ((b << r0) | (b >>> -r0)) ^ a;
      a += b;
      b = ((b << r1) | (b >>> -r1)) ^ a;
      a += b;
      b = ((b << r2) | (b >>> -r2)) ^ a;
      a += b;
      b = ((b << r3) | (b >>> -r3)) ^ a;
      x0[i] = a;
      x1[i] = b;
    }
  }

  private static void load(Location from, long start, int[] to, int count) {
    if (from.isSplat()) {
      java.util.Arrays.fill(to, 0, count, from.segment().get(INT, from.byteOffset()));
    } else {
      MemorySegment.copy(from.segment(), INT, from.byteOffset() + 4 * start, to, 0, count);
    }
  }

  private static void store(Location to, long start, int[] from, int count) {
    MemorySegment.copy(from, 0, to.segment(), INT, to.byteOffset() + 4 * start, count);
  }
}
