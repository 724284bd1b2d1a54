package io.lazytensor.benchmarks.loader;

import io.lazytensor.Seed;
import io.lazytensor.benchmarks.Comparisons;
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
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the loader alone: images of 28 × 28 bytes, shuffled, each mirrored or not at random and
 * made numbers from 0 to 1, in batches of 128. {@code benchmarks/scripts/loader_speed.py} does the
 * same with PyTorch; one run of it follows each of ours.
 */
@Command(
    name = "lazytensor benchmark loader",
    description = "Counts batches per second of the data loader alone, with 0, 1 and 2 workers.",
    showDefaultValues = true,
    sortOptions = false)
@SuppressWarnings("NullAway.Init") // picocli sets options before it calls
public final class LoaderComparison implements Callable<Integer> {
  private static final int SIDE = 28;
  private static final int PIXELS = SIDE * SIDE;
  private static final int COUNT = 60_000;
  private static final int BATCH = 128;
  private static final int[] WORKERS = {0, 1, 2};

  /** A batch on the host. */
  record Images(HostBuffer x, HostBuffer y) {}

  private record Image(byte[] pixels, int label) {}

  @Option(
      names = "--python",
      description =
          "An interpreter with torch, to measure PyTorch's DataLoader in the same rounds.")
  private @Nullable Path python;

  @Option(names = "--script", defaultValue = "benchmarks/scripts/loader_speed.py")
  private Path script;

  @Option(
      names = "--images",
      description =
          "An IDX file such as train-images-idx3-ubyte.gz of Fashion-MNIST; 60,000 images of random"
              + " bytes if not given.")
  private @Nullable Path images;

  @Option(names = "--rounds", defaultValue = "5", converter = Comparisons.Rounds.class)
  private int rounds;

  private LoaderComparison() {}

  /** Runs the comparison; wrong usage ends with exit code 2, a failure with 1. */
  public static void main(String[] arguments) {
    Comparisons.main(new LoaderComparison(), arguments);
  }

  private static byte[] random() {
    byte[] pixels = new byte[COUNT * PIXELS];
    new SplittableRandom(1).nextBytes(pixels);
    return pixels;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    byte[] pixels = images == null ? random() : Idx.read(images, 3).data();
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
      if (python != null) {
        ProcessBuilder torch = new ProcessBuilder(python.toString(), script.toString());
        if (images != null) {
          torch.command().addAll(List.of("--images", images.toString()));
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
    return CommandLine.ExitCode.OK;
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
