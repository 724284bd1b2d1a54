package io.lazytensor.checkpoint;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a checkpoint is written.
 *
 * @param maxShardSize the most bytes of tensors in one file of a folder; a tensor that is larger
 *     gets a file of its own, or is cut where the format can
 */
public record SaveOptions(long maxShardSize) {
  private static final Pattern SIZE =
      Pattern.compile("([0-9]{1,15}(?:[.][0-9]{1,9})?) *([KMGT]?B)");
  private static final Map<String, Long> UNITS =
      Map.of(
          "B", 1L, "KB", 1_000L, "MB", 1_000_000L, "GB", 1_000_000_000L, "TB", 1_000_000_000_000L);

  /** Checks the size. */
  public SaveOptions {
    if (maxShardSize < 1) {
      throw new CheckpointException("a shard of " + maxShardSize + " bytes holds no tensor");
    }
  }

  /** Returns what Hugging Face's libraries take: shards of at most 5 GB. */
  public static SaveOptions defaults() {
    return new SaveOptions(5_000_000_000L);
  }

  /**
   * Returns the options with a shard size such as {@code 5GB} or {@code 500 MB}; units are decimal,
   * as in Hugging Face's libraries.
   *
   * @throws CheckpointException if the text is no size
   */
  public static SaveOptions maxShardSize(String size) {
    Matcher parts = SIZE.matcher(size.strip().toUpperCase(Locale.ROOT));
    if (!parts.matches()) {
      throw new CheckpointException("\"%s\" is no size such as 5GB or 500MB".formatted(size));
    }
    BigDecimal bytes =
        new BigDecimal(parts.group(1))
            .multiply(BigDecimal.valueOf(UNITS.getOrDefault(parts.group(2), 1L)))
            .setScale(0, RoundingMode.DOWN);
    return new SaveOptions(bytes.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue());
  }
}
