package io.lazytensor.cpu.reference.internal.kernel;

import io.lazytensor.xla.ir.HloComputation;
import java.util.List;

/** {@code sort} with any comparator: a stable merge sort of positions, line by line. */
public final class SortLoop implements Kernel {
  private final Location[] in;
  private final Location[] out;
  private final Odometer lines;
  private final int dimension;
  private final ScalarProgram comparator;
  private final long[][] lanes;
  private int[] order;
  private int[] merged;

  /** Prepares it. Any strides will do. */
  public SortLoop(List<Location> in, List<Location> out, int dimension, HloComputation comparator) {
    this.in = in.toArray(Location[]::new);
    this.out = out.toArray(Location[]::new);
    this.dimension = dimension;
    this.comparator = new ScalarProgram(comparator);
    int n = this.in.length;
    long[] sizes = this.in[0].sizes().clone();
    int length = Math.toIntExact(sizes[dimension]);
    sizes[dimension] = Math.min(1, length);
    long[][] strides = new long[2 * n][];
    for (int k = 0; k < n; k++) {
      strides[k] = this.in[k].strides();
      strides[n + k] = this.out[k].strides();
    }
    this.lines = new Odometer(sizes, strides);
    this.lanes = new long[n][length];
    this.order = new int[length];
    this.merged = new int[length];
  }

  @Override
  public void run() {
    if (!lines.reset()) {
      return;
    }
    int n = in.length;
    do {
      for (int k = 0; k < n; k++) {
        read(in[k], lines.offset(k), lanes[k]);
      }
      sortLine();
      for (int k = 0; k < n; k++) {
        write(out[k], lines.offset(n + k), lanes[k]);
      }
    } while (lines.next());
  }

  private void read(Location from, long first, long[] to) {
    long stride = from.strides()[dimension];
    for (int i = 0; i < to.length; i++) {
      to[i] = from.read(first + i * stride);
    }
  }

  private void write(Location to, long first, long[] from) {
    long stride = to.strides()[dimension];
    for (int i = 0; i < from.length; i++) {
      to.write(first + i * stride, from[order[i]]);
    }
  }

  private void sortLine() {
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    for (int width = 1; width < order.length; width *= 2) {
      for (int low = 0; low < order.length; low += 2 * width) {
        merge(low, Math.min(low + width, order.length), Math.min(low + 2 * width, order.length));
      }
      int[] swap = order;
      order = merged;
      merged = swap;
    }
  }

  private void merge(int low, int middle, int high) {
    int left = low;
    int right = middle;
    for (int i = low; i < high; i++) {
      boolean takeRight =
          left == middle || (right < high && comesBefore(order[right], order[left]));
      merged[i] = takeRight ? order[right++] : order[left++];
    }
  }

  private boolean comesBefore(int a, int b) {
    for (int k = 0; k < lanes.length; k++) {
      comparator.set(2 * k, lanes[k][a]);
      comparator.set(2 * k + 1, lanes[k][b]);
    }
    comparator.run();
    return comparator.get(0) != 0;
  }
}
