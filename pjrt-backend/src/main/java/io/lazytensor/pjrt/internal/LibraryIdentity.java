package io.lazytensor.pjrt.internal;

import io.lazytensor.xla.runtime.DeviceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Tells builds of a library, and processors, apart. */
final class LibraryIdentity {
  // Plug-ins have hundreds of megabytes; reading all of one takes longer than the first step.
  private static final int SAMPLES = 64;
  private static final int SAMPLE_BYTES = 4096;

  private LibraryIdentity() {}

  /** Returns the size and a hash of samples, the first and last bytes among them. */
  static String of(Path library) {
    MessageDigest digest = sha256();
    try (FileChannel file = FileChannel.open(library)) {
      long size = file.size();
      ByteBuffer sample = ByteBuffer.allocate(SAMPLE_BYTES);
      for (int i = 0; i < SAMPLES; i++) {
        long position = Math.max(0, size - SAMPLE_BYTES) / (SAMPLES - 1) * i;
        sample.clear();
        file.read(sample, i == SAMPLES - 1 ? Math.max(0, size - SAMPLE_BYTES) : position);
        digest.update(sample.flip());
      }
      return size + "-" + HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (IOException e) {
      throw new DeviceException("cannot read " + library, e);
    }
  }

  /** Returns a hash of what this processor can do, which compiled code depends on. */
  static String processor() {
    MessageDigest digest = sha256();
    digest.update(System.getProperty("os.arch", "").getBytes(StandardCharsets.UTF_8));
    try {
      List<String> lines = Files.readAllLines(Path.of("/proc/cpuinfo"));
      lines.stream()
          .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
          .findFirst()
          .ifPresent(line -> digest.update(line.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException _) {
      // Not Linux: the architecture alone then.
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
