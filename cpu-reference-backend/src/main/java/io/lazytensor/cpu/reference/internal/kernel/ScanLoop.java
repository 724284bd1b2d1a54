package io.lazytensor.cpu.reference.internal.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** {@code scan} along the first dimension of dense arrays. */
public final class ScanLoop implements Kernel {
  private final Routine body;
  private final Location[] arrays;
  private final Location[] results;
  private final WhileLoop.State carries;
  private final long length;
  private final boolean reverse;

  /**
   * Prepares it.
   *
   * @param body (slice…, carry…) to (result…, carry…)
   * @param length how many slices there are
   */
  public ScanLoop(
      Routine body,
      List<Location> arrays,
      List<Location> results,
      List<WhileLoop.Part> carries,
      long length,
      boolean reverse) {
    this.body = body;
    this.arrays = arrays.toArray(Location[]::new);
    this.results = results.toArray(Location[]::new);
    this.carries = new WhileLoop.State(carries, arrays.size(), results.size());
    this.length = length;
    this.reverse = reverse;
  }

  @Override
  public void run() {
    carries.begin();
    for (long step = 0; step < length; step++) {
      long position = reverse ? length - 1 - step : step;
      for (int i = 0; i < arrays.length; i++) {
        body.argument(i, slice(arrays[i], position));
      }
      for (int i = 0; i < results.length; i++) {
        body.result(i, slice(results[i], position));
      }
      carries.bind(body);
      body.run();
      carries.turn();
    }
    carries.end();
  }

  private MemorySegment slice(Location array, long position) {
    MemorySegment whole = array.memory();
    long bytes = whole.byteSize() / length;
    return whole.asSlice(position * bytes, bytes);
  }
}
