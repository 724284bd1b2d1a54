package io.lazytensor.examples.mlp;

import io.lazytensor.Device;
import io.lazytensor.Input;

/**
 * Some images, always as many: a short batch is filled up with rows that do not count.
 *
 * @param x {@code f32[batch, 784]}, grey values from 0 to 1
 * @param y {@code s32[batch]}, classes
 * @param weight {@code f32[batch]}, 1 for rows that count, 0 for others
 * @param rows how many count
 */
record ImageBatch(Input x, Input y, Input weight, int rows) {
  /**
   * Makes a batch of the images {@code order[from]}, {@code order[from + 1]}, …
   *
   * @param size rows of the batch; those beyond the end of {@code order} do not count
   */
  static ImageBatch of(Device device, FashionMnist data, int[] order, int from, int size) {
    float[] x = new float[size * FashionMnist.PIXELS];
    int[] y = new int[size];
    float[] weight = new float[size];
    int rows = Math.min(size, order.length - from);
    for (int row = 0; row < rows; row++) {
      int image = order[from + row];
      for (int i = 0; i < FashionMnist.PIXELS; i++) {
        x[row * FashionMnist.PIXELS + i] =
            (data.pixels()[image * FashionMnist.PIXELS + i] & 0xFF) / 255f;
      }
      y[row] = data.labels()[image];
      weight[row] = 1;
    }
    return new ImageBatch(
        device.tensor(x, size, FashionMnist.PIXELS),
        device.tensor(y, size),
        device.tensor(weight, size),
        rows);
  }
}
