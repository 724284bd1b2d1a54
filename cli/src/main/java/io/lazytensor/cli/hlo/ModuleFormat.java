package io.lazytensor.cli.hlo;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** How a module is written. */
public enum ModuleFormat {
  /** HLO text as XLA prints it. */
  TEXT,
  /** A serialized {@code HloModuleProto}. */
  PROTO,
  /** StableHLO in MLIR's generic form; it is written, never read. */
  STABLEHLO;

  /** Returns the format a file's extension stands for. */
  public static Optional<ModuleFormat> ofExtension(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(".pb")) {
      return Optional.of(PROTO);
    }
    if (name.endsWith(".mlir")) {
      return Optional.of(STABLEHLO);
    }
    return name.endsWith(".txt") || name.endsWith(".hlo") ? Optional.of(TEXT) : Optional.empty();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
