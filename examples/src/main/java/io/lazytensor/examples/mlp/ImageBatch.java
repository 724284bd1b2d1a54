package io.lazytensor.examples.mlp;

import io.lazytensor.Device;
import io.lazytensor.Input;
import io.lazytensor.data.Columns;
import io.lazytensor.data.DataLoader;
import io.lazytensor.data.DataLoaderBuilder;
import io.lazytensor.data.Dataset;

/**
 * Some images, always as many: a short batch is filled up with rows that do not count.
 *
 * @param x {@code f32[batch, 784]}, grey values from 0 to 1
 * @param y {@code s32[batch]}, classes
 * @param weight {@code f32[batch]}, 1 for rows that count, 0 for others
 */
record ImageBatch(Input x, Input y, Input weight) {
  private static final Columns<FashionMnist.Image> COLUMNS =
      Columns.<FashionMnist.Image>builder()
          .pixels("x", FashionMnist.PIXELS, FashionMnist.Image::pixels)
          .ints("y", FashionMnist.Image::label)
          .weights("weight")
          .build();

  /** Begins a loader of images in their order. */
  static DataLoaderBuilder<FashionMnist.Image, ImageBatch> loader(
      Device device, Dataset<FashionMnist.Image> images, int size) {
    return DataLoader.builder(images, COLUMNS, ImageBatch.class).device(device).batchSize(size);
  }
}
