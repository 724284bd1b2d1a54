package io.lazytensor.cpu.reference.internal.kernel;

import java.util.Arrays;

/** Walks batches of matrices, the last two dimensions of arrays of one batch shape. */
final class Matrices {
  private final Odometer batch;

  Matrices(Location... arrays) {
    int rank = arrays[0].sizes().length - 2;
    long[][] strides = new long[arrays.length][];
    for (int k = 0; k < arrays.length; k++) {
      strides[k] = Arrays.copyOf(arrays[k].strides(), rank);
    }
    batch = new Odometer(Arrays.copyOf(arrays[0].sizes(), rank), strides);
  }

  boolean reset() {
    return batch.reset();
  }

  boolean next() {
    return batch.next();
  }

  double read(int array, Location location, long row, long column) {
    return Lanes.toDouble(location.read(offset(array, location, row, column)));
  }

  void write(int array, Location location, long row, long column, double value) {
    location.write(offset(array, location, row, column), Lanes.round(location.dtype(), value));
  }

  private long offset(int array, Location location, long row, long column) {
    int rank = location.sizes().length;
    return batch.offset(array)
        + row * location.strides()[rank - 2]
        + column * location.strides()[rank - 1];
  }
}
