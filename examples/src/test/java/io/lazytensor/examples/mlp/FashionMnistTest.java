package io.lazytensor.examples.mlp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lazytensor.data.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The shipped subset, and folders with the full files. */
class FashionMnistTest {
  @TempDir Path folder;

  private static String sha256(byte[] data) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
  }

  private static void assertRefused(Executable reading, String... parts) {
    String message = String.valueOf(assertThrows(DataException.class, reading).getMessage());
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  // The sums are those of the first images and labels of Debian's files, header left out.
  @Test
  void shippedTrainingImagesAreTheFirst12000() throws NoSuchAlgorithmException {
    FashionMnist data = FashionMnist.shippedTraining();
    assertEquals(12_000, data.count());
    assertEquals(
        "04d01e31a4efd6ed648a2e9ad0b7c983f7b6b5be1a1c706d6976e29cb52a3109", sha256(data.pixels()));
    assertEquals(
        "d296805e35a4cabb8496ca5d21a58c5b69aa14645b82927eb1e7a960487d7706", sha256(data.labels()));
  }

  @Test
  void shippedTestImagesAreTheFirst2000() throws NoSuchAlgorithmException {
    FashionMnist data = FashionMnist.shippedTest();
    assertEquals(2_000, data.count());
    assertEquals(
        "09bbac78738f0229a68f7ca74e62665d7fb34f45ea7a3509ab5c4a202c1370de", sha256(data.pixels()));
    assertEquals(
        "a86243d2b2400909bc0a82f5fd5c9df83bf827852a1543e3dc70af890035a9d4", sha256(data.labels()));
  }

  @Test
  void folderOfFullFilesIsRead() throws IOException {
    IdxFiles.write(folder, 12, 7);
    FashionMnist training = FashionMnist.training(folder);
    assertEquals(12, training.count());
    assertEquals(11, training.pixels()[12 * FashionMnist.PIXELS - 1]);
    assertArrayEquals(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1}, training.labels());
    assertEquals(7, FashionMnist.test(folder).count());
  }

  @Test
  void missingFolderIsNamedWithThePackageThatHasTheFiles() {
    Path missing = folder.resolve("nothing");
    assertRefused(
        () -> FashionMnist.training(missing), missing.toString(), "dataset-fashion-mnist");
  }

  @Test
  void missingFileIsNamedWithBothSpellings() throws IOException {
    IdxFiles.writeImages(folder, "train", 3);
    assertRefused(
        () -> FashionMnist.training(folder),
        "train-labels-idx1-ubyte.gz",
        "nor train-labels-idx1-ubyte",
        "dataset-fashion-mnist");
  }

  @Test
  void damagedFileIsNamedWithItsFolder() throws IOException {
    IdxFiles.write(folder, 3, 3);
    Path images = folder.resolve("t10k-images-idx3-ubyte.gz");
    byte[] whole = Files.readAllBytes(images);
    Files.write(images, java.util.Arrays.copyOf(whole, whole.length / 2));
    assertRefused(() -> FashionMnist.test(folder), images.toString());
  }

  @Test
  void differentNumbersOfImagesAndLabelsAreRefused() throws IOException {
    IdxFiles.writeImages(folder, "train", 4);
    IdxFiles.writeLabels(folder, "train", 5);
    assertRefused(() -> FashionMnist.training(folder), "4 images", "5 labels");
  }

  @Test
  void emptyDataIsRefused() throws IOException {
    IdxFiles.write(folder, 0, 0);
    assertRefused(() -> FashionMnist.training(folder), "0 images");
  }

  @Test
  void labelOfNoClassIsRefused() throws IOException {
    IdxFiles.writeImages(folder, "train", 1);
    Files.write(
        folder.resolve("train-labels-idx1-ubyte"), IdxFiles.bytes(new byte[] {(byte) 200}, 1));
    assertRefused(() -> FashionMnist.training(folder), "label 200", "0 to 9");
  }

  @Test
  void imagesOfAnotherSizeAreRefused() throws IOException {
    Files.write(
        folder.resolve("train-images-idx3-ubyte"), IdxFiles.bytes(new byte[32 * 32], 1, 32, 32));
    IdxFiles.writeLabels(folder, "train", 1);
    assertRefused(() -> FashionMnist.training(folder), "32 × 32", "28 × 28");
  }
}
