package io.lazytensor.benchmarks.loader;

import io.lazytensor.Seed;
import io.lazytensor.data.Columns;
import io.lazytensor.data.DataLoader;
import io.lazytensor.data.Dataset;
import io.lazytensor.data.source.ArrayRows;
import io.lazytensor.data.source.Idx;
import io.lazytensor.xla.runtime.HostBuffer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Measures the loader alone: images of 28 × 28 bytes, shuffled, each mirrored or not at random and
 * made numbers from 0 to 1, in batches of 128. {@code benchmarks/scripts/loader_speed.py} does the
 * same with PyTorch; one run of it follows each of ours.
 */
public final class LoaderComparison {
  private static final String USAGE =
      """
      Usage: lazytensor benchmark loader [--python PYTHON] [--script FILE] [--images FILE] [--rounds N]
      Counts batches per second of the data loader alone, with 0, 1 and 2 workers.
        --python   an interpreter with torch, to measure PyTorch's DataLoader in the same rounds
        --script   default benchmarks/scripts/loader_speed.py
        --images   an IDX file such as train-images-idx3-ubyte.gz of Fashion-MNIST; default 60,000
                   images of random bytes
        --rounds   default 5
      """;
  private static final int SIDE = 28;
  private static final int PIXELS = SIDE * SIDE;
  private static final int COUNT = 60_000;
  private static final int BATCH = 128;
  private static final int[] WORKERS = {0, 1, 2};

  /** A batch on the host. */
  record Images(HostBuffer x, HostBuffer y) {}

  private record Image(byte[] pixels, int label) {}

  private LoaderComparison() {}

  /** Runs the comparison; wrong usage ends with exit code 2. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    String python = "";
    String script = "benchmarks/scripts/loader_speed.py";
    String images = "";
    int rounds = 5;
    for (int i = 0; i < arguments.length; i += 2) {
      if (i + 1 == arguments.length) {
        refuse(arguments[i]);
      }
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--python" -> python = value;
        case "--script" -> script = value;
        case "--images" -> images = value;
        case "--rounds" -> {
          if (!value.matches("[1-9][0-9]{0,3}")) {
            refuse("--rounds " + value);
          }
          rounds = Integer.parseInt(value);
        }
        default -> refuse(arguments[i]);
      }
    }
    byte[] pixels = images.isEmpty() ? random() : Idx.read(Path.of(images), 3).data();
    run(pixels, rounds, python, script, images);
  }

  private static void refuse(String what) {
    System.err.println("error: wrong usage at " + what);
    System.err.print(USAGE);
    System.exit(2);
  }

  private static byte[] random() {
    byte[] pixels = new byte[COUNT * PIXELS];
    new SplittableRandom(1).nextBytes(pixels);
    return pixels;
  }

  private static void run(byte[] pixels, int rounds, String python, String script, String images)
      throws IOException, InterruptedException {
    Dataset<Image> dataset =
        ArrayRows.of(pixels, PIXELS)
            .zip(ArrayRows.of(new byte[pixels.length / PIXELS], 1), (x, y) -> new Image(x, y[0]))
            .transform(LoaderComparison::mirrored);
    for (int workers : WORKERS) {
      epoch(dataset, workers, 0); // warms up
    }
    double[][] measured = new double[WORKERS.length][rounds];
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < WORKERS.length; i++) {
        measured[i][round] = epoch(dataset, WORKERS[i], round + 1);
      }
      if (!python.isEmpty()) {
        ProcessBuilder torch = new ProcessBuilder(python, script);
        if (!images.isEmpty()) {
          torch.command().addAll(java.util.List.of("--images", images));
        }
        int code = torch.inheritIO().start().waitFor();
        if (code != 0) {
          throw new IOException(script + " ended with exit code " + code);
        }
      }
    }
    System.out.printf(
        "batches of %d, %d images, median of %d epochs, load average %.2f%n",
        BATCH,
        dataset.size(),
        rounds,
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    for (int i = 0; i < WORKERS.length; i++) {
      Arrays.sort(measured[i]);
      System.out.printf(
          "java workers=%d batches_per_second=%.0f%n", WORKERS[i], measured[i][rounds / 2]);
    }
  }

  private static Image mirrored(Image image, RandomGenerator random) {
    if (random.nextBoolean()) {
      return image;
    }
    byte[] out = new byte[PIXELS];
    for (int row = 0; row < PIXELS; row += SIDE) {
      for (int i = 0; i < SIDE; i++) {
        out[row + i] = image.pixels[row + SIDE - 1 - i];
      }
    }
    return new Image(out, image.label);
  }

  /** Returns batches per second of an epoch. */
  private static double epoch(Dataset<Image> dataset, int workers, int number) {
    Columns<Image> columns =
        Columns.<Image>builder().pixels("x", PIXELS, Image::pixels).ints("y", Image::label).build();
    try (DataLoader<Images> loader =
        DataLoader.builder(dataset, columns, Images.class)
            .batchSize(BATCH)
            .shuffle(Seed.of(1))
            .workers(workers)
            .build()) {
      long start = System.nanoTime();
      long batches = 0;
      for (Images batch : loader.epoch(number)) {
        batches += batch.x().shape().dim(0) / BATCH;
      }
      return batches / ((System.nanoTime() - start) * 1e-9);
    }
  }
}
