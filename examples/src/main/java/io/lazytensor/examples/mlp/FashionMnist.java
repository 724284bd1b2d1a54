package io.lazytensor.examples.mlp;

import io.lazytensor.data.DataException;
import io.lazytensor.data.Dataset;
import io.lazytensor.data.source.ArrayRows;
import io.lazytensor.data.source.Idx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Images of clothes and what they show.
 *
 * @param pixels grey values, {@code [count, 784]}, row-major
 * @param labels a class from 0 to 9 for each image
 */
record FashionMnist(byte[] pixels, byte[] labels) {
  static final int PIXELS = 28 * 28;
  static final int CLASSES = 10;

  private static final String SHIPPED = "/io/lazytensor/examples/fashion/";
  private static final String PACKAGE =
      "The files come with the Debian package dataset-fashion-mnist (in"
          + " /usr/share/datasets/fashion-mnist). Without --data the shipped subset is used.";

  /**
   * An image.
   *
   * @param pixels grey values, row by row
   * @param label what it shows
   */
  record Image(byte[] pixels, int label) {}

  /** Returns how many images there are. */
  int count() {
    return labels.length;
  }

  /** Returns the images with their labels. */
  Dataset<Image> images() {
    return ArrayRows.of(pixels, PIXELS)
        .zip(ArrayRows.of(labels, 1), (image, label) -> new Image(image, label[0]));
  }

  /** Reads the shipped 12,000 training images. */
  static FashionMnist shippedTraining() {
    return shipped("train", 3);
  }

  /** Reads the shipped 2,000 test images. */
  static FashionMnist shippedTest() {
    return shipped("test", 1);
  }

  private static FashionMnist shipped(String name, int parts) {
    List<Idx> images = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      images.add(resource(name + "-images-" + i + ".gz", 3));
    }
    return join(name, images, resource(name + "-labels-0.gz", 1));
  }

  private static Idx resource(String file, int rank) {
    try (InputStream in = FashionMnist.class.getResourceAsStream(SHIPPED + file)) {
      if (in == null) {
        throw new DataException("the shipped data lacks " + file + "; build again", null);
      }
      return Idx.read(in, file, rank);
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Reads the full training images from a folder. */
  static FashionMnist training(Path folder) {
    return folder(folder, "train");
  }

  /** Reads the full test images from a folder. */
  static FashionMnist test(Path folder) {
    return folder(folder, "t10k");
  }

  private static FashionMnist folder(Path folder, String prefix) {
    Idx images = file(folder, prefix + "-images-idx3-ubyte", 3);
    return join(prefix, List.of(images), file(folder, prefix + "-labels-idx1-ubyte", 1));
  }

  private static Idx file(Path folder, String name, int rank) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder + " is no folder. " + PACKAGE, null);
    }
    Path zipped = folder.resolve(name + ".gz");
    Path file = Files.exists(zipped) ? zipped : folder.resolve(name);
    if (!Files.exists(file)) {
      throw new DataException(
          "%s has neither %s.gz nor %s. %s".formatted(folder, name, name, PACKAGE), null);
    }
    return Idx.read(file, rank);
  }

  private static FashionMnist join(String name, List<Idx> images, Idx labels) {
    int count = images.stream().mapToInt(part -> part.dims()[0]).sum();
    byte[] pixels = new byte[count * PIXELS];
    int at = 0;
    for (Idx part : images) {
      if (part.dims()[1] != 28 || part.dims()[2] != 28) {
        throw new DataException(
            "the images of %s are %d × %d, expected 28 × 28"
                .formatted(name, part.dims()[1], part.dims()[2]),
            null);
      }
      System.arraycopy(part.data(), 0, pixels, at, part.data().length);
      at += part.data().length;
    }
    if (labels.dims()[0] != count || count == 0) {
      throw new DataException(
          "%s has %d images and %d labels; there must be as many of each"
              .formatted(name, count, labels.dims()[0]),
          null);
    }
    for (byte label : labels.data()) {
      if (label < 0 || label >= CLASSES) {
        throw new DataException(
            "%s has the label %d; labels are 0 to 9".formatted(name, label & 0xFF), null);
      }
    }
    return new FashionMnist(pixels, labels.data());
  }
}
